package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.catalog.TokenClass;
import java.time.YearMonth;
import org.jspecify.annotations.Nullable;

/**
 * What tells the bill lines of an account apart.
 *
 * @param period calendar month in the account's zone
 * @param model the event's model, the entry's pattern if tiered, {@code *} for requests
 * @param priceVersion the price entry's, or the plan's
 */
public record LineKey(YearMonth period, String model, TokenClass tokenClass, String priceVersion) {
  /** Compared for every line; what a record makes itself goes through method handles. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LineKey that
        && tokenClass == that.tokenClass
        && model.equals(that.model)
        && period.equals(that.period)
        && priceVersion.equals(that.priceVersion);
  }

  @Override
  public int hashCode() {
    int hash = tokenClass.hashCode();
    hash = 31 * hash + model.hashCode();
    hash = 31 * hash + period.hashCode();
    hash = 31 * hash + priceVersion.hashCode();
    return hash;
  }
}
