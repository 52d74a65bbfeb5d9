package dev.taximeter.streams.landing;

import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.Reason;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What landing has counted since the process began. Thread-safe. */
public final class LandingFigures {
  private final Map<Reason, LongAdder> leakage = new ConcurrentHashMap<>();
  private volatile @Nullable Duration freshness;

  void saw(LineFate fate) {
    if (fate.leakage()) {
      leakage.computeIfAbsent(fate.reason(), reason -> new LongAdder()).increment();
    }
  }

  void landed(Duration sinceArrival) {
    freshness = sinceArrival;
  }

  /**
   * @return lines read here whose answer the provider charges for although the log has no counts;
   *     after a crash the last few are counted again
   */
  public long leakage(Reason reason) {
    LongAdder lines = leakage.get(reason);
    return lines == null ? 0 : lines.sum();
  }

  /**
   * @return how long after its arrival the newest line could be read in ClickHouse, when last
   *     everything had landed; empty before the first time
   */
  public Optional<Duration> freshness() {
    return Optional.ofNullable(freshness);
  }
}
