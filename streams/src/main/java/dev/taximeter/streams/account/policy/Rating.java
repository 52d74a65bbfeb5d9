package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.event.UsageEvent;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.List;

/**
 * What one event costs.
 *
 * @param period calendar month it counts in
 * @param charges one for each bill line it adds to
 * @param cost sum over the charges
 * @param unpriced whether something in it has no price
 */
public record Rating(
    YearMonth period, List<UsageEvent.Charge> charges, BigDecimal cost, boolean unpriced) {
  public Rating {
    charges = List.copyOf(charges);
  }

  /** Usage that costs nothing. */
  static Rating free(YearMonth period, boolean unpriced) {
    return new Rating(period, List.of(), BigDecimal.ZERO, unpriced);
  }
}
