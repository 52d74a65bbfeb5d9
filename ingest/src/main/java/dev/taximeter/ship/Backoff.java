package dev.taximeter.ship;

import java.time.Duration;

/** How long to wait before the next attempt: longer each time, up to a bound. */
final class Backoff {
  private static final Duration LEAST = Duration.ofMillis(20);
  private static final Duration MOST = Duration.ofSeconds(5);

  private Duration next = LEAST;

  Duration next() {
    Duration now = next;
    next = next.multipliedBy(2).compareTo(MOST) > 0 ? MOST : next.multipliedBy(2);
    return now;
  }

  void reset() {
    next = LEAST;
  }
}
