package dev.taximeter.standalone.backfill;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Waits as long as something moves. Not thread-safe. */
final class Patience {
  private final long limitNanos;
  private @Nullable Object lastSeen;
  private long movedAt = System.nanoTime();

  /**
   * @param limit how long nothing may move
   */
  Patience(Duration limit) {
    this.limitNanos = limit.toNanos();
  }

  /**
   * Notes what is seen.
   *
   * @param seen anything that changes when there is progress
   * @return whether nothing has changed for longer than the limit
   */
  boolean isExhausted(Object seen) {
    long now = System.nanoTime();
    if (!Objects.equals(seen, lastSeen)) {
      lastSeen = seen;
      movedAt = now;
    }
    return now - movedAt > limitNanos;
  }
}
