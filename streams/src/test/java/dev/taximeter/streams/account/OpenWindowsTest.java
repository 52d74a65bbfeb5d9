package dev.taximeter.streams.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageWindow;
import dev.taximeter.contract.event.UsageWindow.Granularity;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OpenWindowsTest {
  private static final Duration RETENTION = Duration.ofMinutes(2);
  private static final List<ZoneId> ZONES =
      List.of(ZoneId.of("Asia/Kolkata"), ZoneId.of("Europe/Berlin"), ZoneId.of("America/Havana"));

  /** Some lines have no key. */
  private static final List<String> KEYS = List.of("a", "b", "", "c");

  private static final Instant BASE = Instant.parse("2026-10-24T20:00:00Z");

  private long now = BASE.toEpochMilli();
  private final OpenWindows windows = new OpenWindows(RETENTION, () -> now);

  /** The latest of each segment, as history keeps it. */
  private final Map<List<Object>, UsageWindow> published = new HashMap<>();

  private record Place(
      String account, String key, String model, Granularity granularity, Instant start) {}

  private final Map<Place, BigDecimal> expected = new HashMap<>();

  @Test
  void keysAndAllKeysAddUpToTheEventsWheneverTheyArePublished() {
    Random random = new Random(20261127);
    long[] sequences = new long[ZONES.size()];
    for (int i = 0; i < 6_000; i++) {
      int account = random.nextInt(ZONES.size());
      UsageEvent event = event(account, ++sequences[account], random);
      windows.add(event, ZONES.get(account));
      expect(event, ZONES.get(account));
      if (random.nextInt(12) == 0) {
        drain();
        assertThat(sums()).isEqualTo(expected);
      }
      if (random.nextInt(40) == 0) {
        now += random.nextLong(RETENTION.toMillis() * 2);
      }
    }
    drain();
    assertThat(sums()).isEqualTo(expected);
    // Some were closed and opened again.
    assertThat(published).hasSizeGreaterThan(expected.size());
  }

  @Test
  void allKeysGoWithTheLastKeyThatChangedThem() {
    Random random = new Random(1);
    for (int key = 0; key < 3; key++) {
      windows.add(event("acme", "key-" + key, "m", key + 1, BASE, random), ZONES.get(0));
    }
    List<Integer> sizes = new ArrayList<>();
    windows.drain(record -> sizes.add(record.ofAllKeys().size()));

    assertThat(sizes).containsExactly(0, 0, Granularity.values().length);
    List<Object> more = new ArrayList<>();
    windows.drain(more::add);
    assertThat(more).isEmpty();
  }

  private void drain() {
    Set<Object> once = new HashSet<>();
    windows.drain(
        record ->
            record
                .each()
                .forEach(
                    window -> {
                      List<Object> segment =
                          Arrays.asList(
                              window.account(),
                              window.key(),
                              window.model(),
                              window.granularity(),
                              window.start(),
                              window.segment());
                      assertThat(once.add(segment)).as("published once").isTrue();
                      published.put(segment, window);
                    }));
  }

  private Map<Place, BigDecimal> sums() {
    Map<Place, BigDecimal> sums = new HashMap<>();
    for (UsageWindow window : published.values()) {
      sums.merge(
          new Place(
              window.account(), window.key(), window.model(), window.granularity(), window.start()),
          figure(window.requests(), window.tokens(), window.cost()),
          BigDecimal::add);
    }
    return sums;
  }

  private void expect(UsageEvent event, ZoneId zone) {
    for (Granularity granularity : Granularity.values()) {
      for (String key : Arrays.asList(event.usage().key(), null)) {
        expected.merge(
            new Place(
                event.account(),
                key,
                event.usage().model(),
                granularity,
                granularity.startOf(event.usage().completion(), zone)),
            figure(1, event.usage().tokens(), event.cost()),
            BigDecimal::add);
      }
    }
  }

  /** One number that is right only if each is: of these sizes none reaches the next. */
  private static BigDecimal figure(long requests, TokenCounts tokens, BigDecimal cost) {
    return BigDecimal.valueOf(requests)
        .movePointRight(30)
        .add(BigDecimal.valueOf(tokens.input()).movePointRight(20))
        .add(BigDecimal.valueOf(tokens.output()).movePointRight(10))
        .add(cost)
        .setScale(3);
  }

  private static UsageEvent event(int account, long sequence, Random random) {
    // Within two days, in which clocks change; mostly in order.
    Instant completion =
        BASE.plusSeconds(sequence * 90 - random.nextInt(10) * random.nextInt(3_000));
    return event(
        "account-" + account,
        KEYS.get(random.nextInt(KEYS.size())),
        "model-" + random.nextInt(2),
        sequence,
        completion,
        random);
  }

  private static UsageEvent event(
      String account, String key, String model, long sequence, Instant completion, Random random) {
    return new UsageEvent(
        account,
        sequence,
        new Usage(
            "id",
            Fate.BILLED,
            key,
            null,
            null,
            model,
            new TokenCounts(random.nextInt(9_000), 0, 0, random.nextInt(9_000), 0),
            completion,
            completion,
            completion,
            new LineSource("h", "p"),
            0,
            "",
            List.of(),
            null),
        "USD",
        BigDecimal.valueOf(random.nextInt(1_000), 3),
        false,
        List.of());
  }
}
