package dev.taximeter.api.limits;

import io.github.bucket4j.Bucket;
import java.time.Duration;

/**
 * A limit on the time that is spent in vain for each of many askers, in this process alone. Whoever
 * has used up its share has to wait before anything is tried for it again; what was of use costs
 * nothing. Thread-safe.
 */
public final class WastedTime {
  /** One asker at a time can take a twentieth of one core, whatever it sends. */
  private static final Duration PER_SECOND = Duration.ofMillis(50);

  /** What may be wasted at once: ten seconds' share, some thousand checks of a signature. */
  private static final Duration AT_ONCE = Duration.ofMillis(500);

  /** Of one attempt that counts: how long a busy machine let it wait is not the asker's fault. */
  private static final Duration MOST_OF_ONE = Duration.ofMillis(50);

  private static final int NANOS_PER_MICRO = 1_000;

  private final Askers askers = new Askers(WastedTime::fresh);

  /** {@return how long an asker has to wait until something is tried for it; zero if not at all} */
  public Duration toWait(String asker) {
    return Duration.ofNanos(
        askers.bucket(asker).estimateAbilityToConsume(1).getNanosToWaitForRefill());
  }

  /** Something was tried for an asker in vain. */
  public void wasted(String asker, Duration time) {
    Duration counted = time.compareTo(MOST_OF_ONE) > 0 ? MOST_OF_ONE : time;
    askers.bucket(asker).consumeIgnoringRateLimits(Math.max(1, micros(counted)));
  }

  private static Bucket fresh() {
    return Bucket.builder()
        .addLimit(
            limit ->
                limit
                    .capacity(micros(AT_ONCE))
                    .refillGreedy(micros(PER_SECOND), Duration.ofSeconds(1)))
        .build();
  }

  private static long micros(Duration duration) {
    return duration.toNanos() / NANOS_PER_MICRO;
  }
}
