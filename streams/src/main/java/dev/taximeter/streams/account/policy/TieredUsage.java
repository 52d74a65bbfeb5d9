package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.rating.Price;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A bill line of a tiered price: how its total splits over single events depends on the order in
 * which they came. So quantities are kept here, and what they cost is told in the order of
 * completion. Not thread-safe.
 */
public final class TieredUsage {
  public final PriceSchedule schedule;

  /** What final bills have. */
  public final long billed;

  /** The schedule as it is stored; null until it is. */
  public @Nullable String written;

  /** What no final bill has, by the latest cut before it: {@link Wallet#cutBefore}. */
  public final TreeMap<Instant, Long> unbilled = new TreeMap<>();

  /**
   * @param billed what final bills have of the line
   */
  public TieredUsage(PriceSchedule schedule, long billed) {
    this.schedule = schedule;
    this.billed = billed;
  }

  TieredUsage copy() {
    TieredUsage copy = new TieredUsage(schedule, billed);
    copy.written = written;
    copy.unbilled.putAll(unbilled);
    return copy;
  }

  /**
   * Adds what the unbilled parts cost, one after the other. A price that falls with the total may
   * make a part cost less than nothing: that takes from the parts before it, so that no credit pays
   * more than the total. What is left of it stands at the first part: final bills have what became
   * cheaper.
   */
  void addCosts(Map<Instant, BigDecimal> costs) {
    List<Instant> starts = new ArrayList<>();
    List<BigDecimal> parts = new ArrayList<>();
    long quantity = billed;
    for (Map.Entry<Instant, Long> part : unbilled.entrySet()) {
      long after = quantity + part.getValue();
      starts.add(part.getKey());
      parts.add(Price.of(schedule, after).subtract(Price.of(schedule, quantity)));
      quantity = after;
    }
    BigDecimal below = BigDecimal.ZERO;
    for (int i = starts.size() - 1; i >= 0; i--) {
      BigDecimal part = parts.get(i).add(below);
      below = part.min(BigDecimal.ZERO);
      if (part.signum() > 0 || (i == 0 && part.signum() < 0)) {
        costs.merge(starts.get(i), part, BigDecimal::add);
      }
    }
  }
}
