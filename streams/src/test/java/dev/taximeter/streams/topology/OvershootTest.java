package dev.taximeter.streams.topology;

import static dev.taximeter.streams.topology.Meter.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.GateState;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.topic.Topics;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * 200 callers at once against a hard quota, in simulated time, with the writer in the middle: what
 * is used beyond the limit stays within requests in flight times the largest request, and what is
 * started between the line that reached the limit and the gate's hearing of it.
 */
class OvershootTest {
  private static final int CALLERS = 200;
  private static final int LARGEST = 500;
  private static final long LIMIT = 300_000;
  private static final int LONGEST_REQUEST_MILLIS = 2_000;
  private static final int LONGEST_LINE_DELAY_MILLIS = 200;
  private static final int LONGEST_GATE_DELAY_MILLIS = 300;
  private static final int TICK_MILLIS = 50;

  /** Between a line and a refusal, at most: reading, emission at a tick, hearing of it. */
  private static final int DELAY_MILLIS =
      LONGEST_LINE_DELAY_MILLIS + 2 * TICK_MILLIS + LONGEST_GATE_DELAY_MILLIS;

  private record Step(long at, Runnable action) {}

  @TempDir private Path stateDirectory;
  private final PriorityQueue<Step> steps = new PriorityQueue<>(Comparator.comparingLong(Step::at));
  private final List<Long> starts = new ArrayList<>();
  private Meter meter;
  private Random random;
  private GateState heard;
  private long used;
  private int lines;
  private int inFlight;
  private int refused;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatIsUsedBeyondAHardLimitIsBounded(long seed) {
    random = new Random(seed);
    try (Meter started = new Meter(stateDirectory)) {
      meter = started;
      meter.command("load", Meter.catalogue());
      meter.command("quota", quota());
      for (int i = 0; i < CALLERS; i++) {
        at(random.nextInt(100), 0, this::ask);
      }
      at(TICK_MILLIS, 0, this::tick);
      while (refused < CALLERS || inFlight > 0) {
        Step step = steps.remove();
        Instant due = NOW.plusMillis(step.at());
        if (due.isAfter(meter.now())) {
          meter.pass(Duration.between(meter.now(), due));
        }
        step.action().run();
      }
      long overshoot = used - LIMIT;
      long bound = (long) LARGEST * CALLERS + (long) LARGEST * mostStartsWithin(DELAY_MILLIS);
      System.err.printf("overshoot %,d of a bound of %,d%n", overshoot, bound);
      assertThat(overshoot).isPositive().isLessThanOrEqualTo(bound);
      assertThat(heard.limits().get(0).used()).isGreaterThanOrEqualTo(BigDecimal.valueOf(LIMIT));
    }
  }

  private static Catalog quota() {
    Quota quota =
        new Quota(
            "hard",
            "acme",
            null,
            null,
            Quota.Metric.TOTAL_TOKENS,
            Quota.Window.HOUR,
            BigDecimal.valueOf(LIMIT),
            List.of(100),
            null,
            Quota.Enforcement.HARD,
            Quota.Kind.CALENDAR,
            null);
    return new Catalog(List.of(), List.of(), List.of(), List.of(), List.of(quota), List.of());
  }

  private long now() {
    return Duration.between(NOW, meter.now()).toMillis();
  }

  private void at(long from, int within, Runnable action) {
    steps.add(new Step(from + (within == 0 ? 0 : random.nextInt(within)), action));
  }

  /** A caller asks the gate, which knows what it has heard. */
  private void ask() {
    if (heard != null && heard.limits().get(0).isReached(meter.now())) {
      refused++;
      return;
    }
    inFlight++;
    starts.add(now());
    at(now() + 50, LONGEST_REQUEST_MILLIS, this::finish);
  }

  private void finish() {
    long tokens = 1 + random.nextInt(LARGEST);
    Instant completion = meter.now();
    inFlight--;
    used += tokens;
    at(now(), LONGEST_LINE_DELAY_MILLIS, () -> read(tokens, completion));
    at(now(), 100, this::ask);
  }

  private void read(long tokens, Instant completion) {
    meter.accountInput(
        "acme",
        new AccountInput.UsageInput(
            new Usage(
                "%032x".formatted(++lines),
                Fate.BILLED,
                "acme-prod",
                null,
                null,
                "qwen-max",
                new TokenCounts(tokens, 0, 0, 0, 0),
                completion,
                completion,
                meter.now(),
                new LineSource("h", "p"),
                0,
                "s",
                List.of(),
                null)));
  }

  /** What the writer has published since the last tick is heard a while later, in order. */
  private void tick() {
    for (GateState told : meter.read(Topics.GATE_STATES, GateState.class)) {
      at(now(), LONGEST_GATE_DELAY_MILLIS, () -> hear(told));
    }
    at(now() + TICK_MILLIS, 0, this::tick);
  }

  private void hear(GateState told) {
    if (heard == null || told.sequence() >= heard.sequence()) {
      heard = told;
    }
  }

  private int mostStartsWithin(long millis) {
    int most = 0;
    int from = 0;
    for (int to = 0; to < starts.size(); to++) {
      while (starts.get(from) < starts.get(to) - millis) {
        from++;
      }
      most = Math.max(most, to - from + 1);
    }
    return most;
  }
}
