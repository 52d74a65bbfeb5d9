package dev.taximeter.api.limits;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;

/**
 * A limit on requests per minute for each of many askers, in this process alone. What was left over
 * may be used at once, so a burst of a minute's worth passes. Thread-safe.
 */
public final class RateLimit {
  private static final Duration WINDOW = Duration.ofMinutes(1);

  private final String name;
  private final long perMinute;

  private final Askers askers = new Askers(this::fresh);

  /**
   * @param name as the headers call it
   * @param perMinute requests, above 0
   */
  public RateLimit(String name, long perMinute) {
    this.name = name;
    this.perMinute = perMinute;
  }

  /**
   * Whether a request may pass.
   *
   * @param policy names the limit and its size, for {@code RateLimit-Policy}
   * @param state what is left of it, for {@code RateLimit}
   * @param retryAfter when the next request may pass; zero if this one may
   */
  public record Verdict(boolean allowed, String policy, String state, Duration retryAfter) {
    /** Tells the asker how much is left, in the headers of the IETF's draft. */
    public void tell(HttpServletResponse response) {
      response.setHeader("RateLimit-Policy", policy);
      response.setHeader("RateLimit", state);
    }

    /** {@return whole seconds until the next request may pass, at least 1} */
    public long retryAfterSeconds() {
      return Math.max(1, secondsOf(retryAfter));
    }
  }

  /** Counts a request of an asker. */
  public Verdict take(String asker) {
    ConsumptionProbe probe = askers.bucket(asker).tryConsumeAndReturnRemaining(1);
    Duration reset = Duration.ofNanos(probe.getNanosToWaitForReset());
    return new Verdict(
        probe.isConsumed(),
        "\"%s\";q=%d;w=%d".formatted(name, perMinute, WINDOW.toSeconds()),
        "\"%s\";r=%d;t=%d".formatted(name, probe.getRemainingTokens(), secondsOf(reset)),
        Duration.ofNanos(probe.getNanosToWaitForRefill()));
  }

  int askers() {
    return askers.size();
  }

  private Bucket fresh() {
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(perMinute).refillGreedy(perMinute, WINDOW))
        .build();
  }

  /** Rounded up: whoever waits as told is not refused again. */
  private static long secondsOf(Duration duration) {
    return duration.plusSeconds(1).minusNanos(1).toSeconds();
  }
}
