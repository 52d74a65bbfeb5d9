package dev.taximeter.api.alerts;

import dev.taximeter.api.accounting.LineCounts;
import dev.taximeter.api.accounting.Tally;
import dev.taximeter.api.sources.Road;
import dev.taximeter.contract.catalog.AlertKind;
import dev.taximeter.contract.event.LineSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lines that were read and have no fate. While lines come, some are always on their way; so it
 * remembers what had been read, waits until all of that must have been decided, and then compares.
 * What still grows meanwhile can hide a missing line, so of it only what was found at rest counts:
 * a line that is missing is told of once its file or its hour has come to rest.
 */
public final class ResidualConditions implements ConditionSource, AutoCloseable {
  /** Counters are published moments after what they count. */
  private static final Duration REST = Duration.ofSeconds(10);

  /** What was found so long ago says nothing. */
  private static final Duration LONGEST_VALID = Duration.ofMinutes(5);

  private static final Logger LOG = LoggerFactory.getLogger(ResidualConditions.class);

  private final LineCounts counts;
  private final Road road;
  private final Clock clock;
  private final Duration rest;
  private final Thread thread;

  /** What is missing, as found when it was at rest. Used by the thread only. */
  private final Map<Counted, Long> missing = new HashMap<>();

  /** What has not been at rest since this process began. Used by the thread only. */
  private final Set<Counted> unknown = new HashSet<>();

  private boolean first = true;
  private volatile @Nullable Found found;
  private volatile @Nullable Instant passed;

  /** What is counted together. */
  private record Counted(String shipment, LineSource source, Instant hour) {
    static Counted of(Tally tally) {
      return new Counted(tally.shipment(), tally.source(), tally.hour());
    }
  }

  /**
   * What a look has found.
   *
   * @param complete whether nothing may be hidden that was missing before this process began
   */
  private record Found(Instant at, long residual, boolean complete) {}

  /**
   * @param road of lines, of which nobody else asks
   */
  public ResidualConditions(LineCounts counts, Road road, Clock clock) {
    this(counts, road, clock, REST);
  }

  ResidualConditions(LineCounts counts, Road road, Clock clock, Duration rest) {
    this.counts = counts;
    this.road = road;
    this.clock = clock;
    this.rest = rest;
    this.thread = new Thread(this::run, "residual");
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        try {
          look();
        } catch (RuntimeException e) {
          LOG.error("what is missing cannot be looked for", e);
        }
        Thread.sleep(rest.toMillis());
      }
    } catch (InterruptedException e) {
      // The process ends.
    }
  }

  /** Follows what has been read now until all of it must have been decided. */
  void look() throws InterruptedException {
    if (!counts.caughtUp()) {
      return;
    }
    Map<Counted, Tally> before = byWhatIsCounted();
    // What was counted has been handed over by then, and what was decided has been counted.
    Thread.sleep(rest.toMillis());
    Instant shipped = clock.instant();
    if (!road.awaitPassed()) {
      return;
    }
    Thread.sleep(rest.toMillis());
    passed = shipped;
    if (counts.caughtUp()) {
      compare(before, byWhatIsCounted());
    }
  }

  /**
   * {@return an instant of which all that had been shipped has been decided and told of; null if
   * none is known}
   */
  public @Nullable Instant passed() {
    return passed;
  }

  private Map<Counted, Tally> byWhatIsCounted() {
    return counts.tallies().stream()
        .collect(Collectors.toMap(Counted::of, tally -> tally, (one, other) -> other));
  }

  private void compare(Map<Counted, Tally> before, Map<Counted, Tally> after) {
    missing.keySet().retainAll(after.keySet());
    unknown.retainAll(after.keySet());
    after.forEach(
        (counted, tally) -> {
          Tally was = before.get(counted);
          if (was != null && was.read() == tally.read()) {
            missing.put(counted, missing(tally));
            unknown.remove(counted);
          } else if (first) {
            unknown.add(counted);
          }
        });
    first = false;
    long residual = missing.values().stream().mapToLong(Long::longValue).sum();
    found = new Found(clock.instant(), residual, unknown.isEmpty());
  }

  private static long missing(Tally tally) {
    long decided = tally.fates().values().stream().mapToLong(Long::longValue).sum();
    return tally.shipped() ? tally.read() - decided : 0;
  }

  @Override
  public Set<AlertKind> kinds() {
    return Set.of(AlertKind.RESIDUAL);
  }

  @Override
  public List<Condition> now(Instant now) {
    Found last = found;
    if (last == null
        || last.at().plus(LONGEST_VALID).isBefore(now)
        || (last.residual() == 0 && !last.complete())) {
      throw new UnknownConditionException("what was read has not been followed to its end");
    }
    return last.residual() == 0
        ? List.of()
        : List.of(
            new Condition(
                AlertKind.RESIDUAL,
                null,
                "",
                "%d lines were read and have no fate; GET /v1/accounting shows of which file and hour."
                    .formatted(last.residual()),
                Map.of("value", Long.toString(last.residual()), "limit", "0")));
  }
}
