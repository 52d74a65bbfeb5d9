package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageEvent.ProviderCost;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one event costs.
 *
 * @param period calendar month it counts in
 * @param charges one for each bill line it adds to
 * @param cost sum over the charges
 * @param unpriced whether something in it has no price
 * @param merged whether something in it stands on the line of its price entry's pattern, because
 *     there is no room for a line of its model
 * @param providerCost what the provider charges; null if that is not known
 * @param runningCosts of these, the charges that add to a running total
 * @param tiered those of the charges that are not flat
 */
public record Rating(
    YearMonth period,
    List<UsageEvent.Charge> charges,
    BigDecimal cost,
    boolean unpriced,
    boolean merged,
    @Nullable ProviderCost providerCost,
    List<UsageEvent.Charge> runningCosts,
    List<Tiered> tiered) {
  public Rating {
    charges = List.copyOf(charges);
    runningCosts = List.copyOf(runningCosts);
    tiered = List.copyOf(tiered);
  }

  /** Usage at flat prices, of which nobody knows what the provider charges. */
  public Rating(
      YearMonth period,
      List<UsageEvent.Charge> charges,
      BigDecimal cost,
      boolean unpriced,
      boolean merged) {
    this(period, charges, cost, unpriced, merged, null, List.of(), List.of());
  }

  /**
   * A charge whose amount depends on what was used before, and what it follows from.
   *
   * @param before what stood on its line before
   */
  public record Tiered(UsageEvent.Charge charge, PriceSchedule schedule, long before) {
    /**
     * @return tells the bill lines of a month apart
     */
    public String line() {
      return String.join(
          "\n",
          charge.model(),
          charge.tokenClass().code(),
          charge.priceVersion() == null ? "" : charge.priceVersion());
    }
  }

  /**
   * @return what its flat prices cost
   */
  public BigDecimal flatCost() {
    BigDecimal flat = cost;
    for (Tiered each : tiered) {
      flat = flat.subtract(each.charge().amount());
    }
    return flat;
  }

  /** Usage that costs nothing. */
  static Rating free(YearMonth period, boolean unpriced) {
    return new Rating(period, List.of(), BigDecimal.ZERO, unpriced, false);
  }
}
