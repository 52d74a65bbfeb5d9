package dev.taximeter.standalone.demo;

import dev.taximeter.contract.money.Decimals;
import dev.taximeter.standalone.backfill.RestClient;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Follows the first live line from the gateway's file to its account's balance. */
final class FirstLine {
  private static final Duration LOOK_EVERY = Duration.ofMillis(5);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** How long a balance must stand still before the line is written. */
  private static final Duration QUIET = Duration.ofMillis(300);

  private static final int SHOWN_OF_SECRET = 4;

  private final RestClient api;
  private final DemoKey key;

  /**
   * @param key whose request it will be
   */
  FirstLine(RestClient api, DemoKey key) {
    this.api = api;
    this.key = key;
  }

  /** An account's balance at a sequence number. */
  private record Balance(long sequence, BigDecimal spent, String currency) {}

  /**
   * Writes a line and waits until its cost is in the balance. Nothing else may use the account
   * meanwhile.
   *
   * @return the story, for people
   */
  String play(LiveGateway gateway) throws IOException, InterruptedException {
    Balance before = quietBalance();
    LiveGateway.WrittenLine written = gateway.writeBilledLine(key);
    long end = written.nanoTime() + PATIENCE.toNanos();
    while (before != null && System.nanoTime() - end < 0) {
      Balance now = balance();
      if (now != null && now.sequence > before.sequence) {
        Duration took = Duration.ofNanos(System.nanoTime() - written.nanoTime());
        return story(written.line(), now.spent.subtract(before.spent), now.currency, took);
      }
      Thread.sleep(LOOK_EVERY.toMillis());
    }
    return "The first live line was not in the balance of %s within %d s; ./taximeter doctor says why."
        .formatted(key.account(), PATIENCE.toSeconds());
  }

  private String story(SimulatedLine line, BigDecimal cost, String currency, Duration took) {
    return String.format(
        Locale.ROOT,
        "First live line: key %s (sk-...%s), model %s, %,d tokens in, %,d out,%n"
            + "cost %s %s: in the balance %,d ms after the gateway wrote it.",
        key.name(),
        key.secret().substring(key.secret().length() - SHOWN_OF_SECRET),
        line.model() == null ? "-" : line.model().name(),
        line.inputTokens(),
        line.outputTokens(),
        Decimals.plain(cost),
        currency,
        took.toMillis());
  }

  /** Waits until lines of an earlier run are through; returns null if the API does not answer. */
  private @Nullable Balance quietBalance() throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Balance last = null;
    long since = System.nanoTime();
    while (System.nanoTime() - end < 0) {
      Balance now = balance();
      if (now == null || last == null || now.sequence != last.sequence) {
        since = System.nanoTime();
      } else if (System.nanoTime() - since > QUIET.toNanos()) {
        return now;
      }
      last = now;
      Thread.sleep(LOOK_EVERY.toMillis());
    }
    return last;
  }

  private @Nullable Balance balance() throws InterruptedException {
    try {
      JsonNode answer = api.get("/v1/accounts/" + key.account() + "/balance");
      return new Balance(
          answer.path("asOf").path("sequence").asLong(),
          new BigDecimal(answer.path("spent").asString()),
          answer.path("currency").asString());
    } catch (IOException e) {
      // Restarting, perhaps: the next look may succeed.
      return null;
    }
  }
}
