package dev.taximeter.standalone.supervisor;

import java.time.Duration;

/**
 * How long to wait before a process is started again: twice as long each time, from the shortest
 * wait anew once it has served for a while.
 */
final class Backoff {
  static final Duration SHORTEST = Duration.ofMillis(200);
  static final Duration LONGEST = Duration.ofSeconds(10);
  static final Duration STEADY = Duration.ofMinutes(1);

  private Duration next = SHORTEST;

  /**
   * @param served how long the process served before it ended
   */
  Duration after(Duration served) {
    if (served.compareTo(STEADY) >= 0) {
      next = SHORTEST;
    }
    Duration wait = next;
    Duration doubled = next.multipliedBy(2);
    next = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
    return wait;
  }
}
