package dev.taximeter.api.metrics;

import dev.taximeter.api.gate.GateObserver;
import dev.taximeter.api.gate.GateOutcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** How the gate answers, and how fast. */
final class GateMetrics implements GateObserver {
  /** A gateway waits 300 ms as deploy/higress tells it. */
  private static final long[] BOUNDS_MILLIS = {1, 2, 5, 10, 25, 50, 100, 200, 300, 1_000};

  /** By the outcome's place. */
  private final List<Counter> checks = new ArrayList<>();

  private final Timer timer;

  GateMetrics(MeterRegistry registry) {
    for (GateOutcome outcome : GateOutcome.values()) {
      checks.add(
          Counter.builder("taximeter.gate.checks")
              .tag("outcome", outcome.code())
              .description("Requests to the gate's port by what became of them")
              .register(registry));
    }
    timer =
        Timer.builder("taximeter.gate.check")
            .description("From a gateway's question to the gate's answer")
            .serviceLevelObjectives(
                LongStream.of(BOUNDS_MILLIS).mapToObj(Duration::ofMillis).toArray(Duration[]::new))
            .register(registry);
  }

  @Override
  public void answered(GateOutcome outcome, Duration took) {
    checks.get(outcome.ordinal()).increment();
    timer.record(took);
  }
}
