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
 * @param merged whether something in it stands on the line of its price entry's pattern, because
 *     there is no room for a line of its model
 */
public record Rating(
    YearMonth period,
    List<UsageEvent.Charge> charges,
    BigDecimal cost,
    boolean unpriced,
    boolean merged) {
  public Rating {
    charges = List.copyOf(charges);
  }

  /** Usage that costs nothing. */
  static Rating free(YearMonth period, boolean unpriced) {
    return new Rating(period, List.of(), BigDecimal.ZERO, unpriced, false);
  }
}
