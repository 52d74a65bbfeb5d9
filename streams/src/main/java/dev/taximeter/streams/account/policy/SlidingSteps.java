package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.catalog.QuotaPeriod;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What was used in the steps of a sliding window. A window that ends now has its whole length and
 * the step that has begun: usage never leaves it early. Immutable.
 *
 * @param window how long it is, and in what steps it moves
 * @param used by the beginning of the step, 97 entries at most
 */
public record SlidingSteps(Quota.Window window, NavigableMap<Instant, BigDecimal> used) {
  public SlidingSteps {
    used = new TreeMap<>(used);
  }

  public SlidingSteps(Quota.Window window) {
    this(window, new TreeMap<>());
  }

  /** {@return what is left of it at an instant} */
  public SlidingSteps at(Instant now) {
    return new SlidingSteps(window, used.tailMap(oldest(now), true));
  }

  /** Whether usage of an instant is in the window that ends now. */
  public boolean reaches(Instant at, Instant now) {
    return !QuotaPeriod.stepOf(window, at).isBefore(oldest(now));
  }

  private Instant oldest(Instant now) {
    return QuotaPeriod.stepOf(window, now).minus(window.length());
  }

  /**
   * @param at of the usage, not after now
   */
  public SlidingSteps with(Instant at, BigDecimal more) {
    SlidingSteps next = new SlidingSteps(window, used);
    next.used.merge(QuotaPeriod.stepOf(window, at), more, BigDecimal::add);
    return next;
  }

  public BigDecimal sum() {
    return used.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  /**
   * When it falls below a limit by itself.
   *
   * @param now what is returned if it is below already and empty
   * @return when all of it has left if it is below already
   */
  public Instant below(BigDecimal limit, Instant now) {
    BigDecimal sum = sum();
    boolean reached = sum.compareTo(limit) >= 0;
    Instant left = now;
    for (Map.Entry<Instant, BigDecimal> step : used.entrySet()) {
      sum = sum.subtract(step.getValue());
      left = step.getKey().plus(window.length()).plus(window.resolution());
      if (reached && sum.compareTo(limit) < 0) {
        return left;
      }
    }
    return left;
  }
}
