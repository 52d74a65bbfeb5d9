package dev.taximeter.api.sources;

import dev.taximeter.api.accounting.LineCounts;
import dev.taximeter.api.accounting.LineTotals;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows the watermark of sources to the states of accounts. Shippers vouch for what they have
 * shipped; metering may be hours behind them, and an answer that showed their watermark would claim
 * usage that it does not hold. So a watermark counts only once everything that had been shipped
 * when it was seen has gone all the way.
 */
public final class MeteredWatermark implements Metered, AutoCloseable {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);

  /** States follow their usage within a second, but for large backfills. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final long LOOK_AGAIN_MILLIS = 50;

  private final Supplier<@Nullable Instant> shipped;
  private final Road road;
  private final LineCounts counts;
  private final Thread thread;
  private volatile @Nullable Instant confirmed;

  /**
   * @param shipped the watermark of sources; null if nobody vouches
   * @param counts of lines, decided and settled
   */
  public MeteredWatermark(Supplier<@Nullable Instant> shipped, Road road, LineCounts counts) {
    this.shipped = shipped;
    this.road = road;
    this.counts = counts;
    this.thread = new Thread(this::run, "completeness");
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  @Override
  public @Nullable Instant through(@Nullable Instant shippedNow) {
    Instant seen = confirmed;
    if (seen == null || shippedNow == null) {
      return null;
    }
    return seen.isBefore(shippedNow) ? seen : shippedNow;
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Thread.sleep((look() ? BETWEEN_LOOKS : AFTER_FAILURE).toMillis());
      }
    } catch (InterruptedException e) {
      // The process ends.
    }
  }

  /**
   * Follows the present watermark.
   *
   * @return whether it has got through
   */
  boolean look() throws InterruptedException {
    Instant candidate = shipped.get();
    if (!road.awaitPassed() || !awaitStates()) {
      return false;
    }
    confirmed = candidate;
    return true;
  }

  /** Counts of settled lines leave together with the states that hold them. */
  private boolean awaitStates() throws InterruptedException {
    if (!counts.caughtUp()) {
      return false;
    }
    LineTotals decided = counts.totals();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (counts.totals().settled() < decided.usage()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      Thread.sleep(LOOK_AGAIN_MILLIS);
    }
    return true;
  }
}
