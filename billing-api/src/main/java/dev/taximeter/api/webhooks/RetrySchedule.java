package dev.taximeter.api.webhooks;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** When a message is tried again: ever later, for three days. Pure but for chance. */
final class RetrySchedule {
  /** The example of the Standard Webhooks specification: 75 hours in all. */
  private static final List<Duration> PAUSES =
      List.of(
          Duration.ofSeconds(5),
          Duration.ofMinutes(5),
          Duration.ofMinutes(30),
          Duration.ofHours(2),
          Duration.ofHours(5),
          Duration.ofHours(10),
          Duration.ofHours(14),
          Duration.ofHours(20),
          Duration.ofHours(24));

  /** Messages that failed together are not tried again together. */
  private static final double JITTER = 0.2;

  /** How many tries there are by themselves. */
  static final int MOST_ATTEMPTS = PAUSES.size() + 1;

  private final DoubleSupplier chance;

  /**
   * @param chance gives numbers from 0 to 1
   */
  RetrySchedule(DoubleSupplier chance) {
    this.chance = chance;
  }

  /**
   * When to try again.
   *
   * @param attempts how often it was tried, at least once
   * @param retryAfter how long the receiver wants to be left alone; null if it did not say
   * @return null if that was the last try
   */
  @Nullable Instant next(int attempts, @Nullable Duration retryAfter, Instant now) {
    if (attempts >= MOST_ATTEMPTS) {
      return null;
    }
    Duration pause = PAUSES.get(attempts - 1);
    double factor = 1 + JITTER * (2 * chance.getAsDouble() - 1);
    Duration spread = Duration.ofMillis(Math.round(pause.toMillis() * factor));
    return now.plus(retryAfter != null && retryAfter.compareTo(spread) > 0 ? retryAfter : spread);
  }
}
