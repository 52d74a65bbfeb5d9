package dev.taximeter.contract.catalog;

import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What an account has agreed to pay.
 *
 * @param priceBook id of the price book
 * @param perRequest charge for each billed request, 0 or more, in the price book's currency
 * @param knownSince catalogue version that brought it; 0 before the writer has decided
 * @param adjustPercent what is added to every price of the book, in percent: a discount is below 0
 *     and above -100, a markup above 0. The charge per request is the plan's own and stays as it is
 * @param costBook id of the cost book that says what the provider charges; null for those that hold
 *     for everybody
 */
public record Plan(
    String id,
    String priceBook,
    BigDecimal perRequest,
    long knownSince,
    BigDecimal adjustPercent,
    @Nullable String costBook) {
  /** A plan at the book's own prices. */
  public Plan(String id, String priceBook, BigDecimal perRequest, long knownSince) {
    this(id, priceBook, perRequest, knownSince, BigDecimal.ZERO, null);
  }

  public Plan {
    perRequest = Decimals.canonical(perRequest);
    // Absent in records from before there were discounts.
    adjustPercent = adjustPercent == null ? BigDecimal.ZERO : Decimals.canonical(adjustPercent);
  }

  /**
   * @return the price version of the per-request charge
   */
  public String version() {
    return "plan:" + id + ":v" + knownSince;
  }

  /**
   * @return what the price versions of the book's entries end in: prices at another discount are
   *     other prices, with totals of their own. Empty at the book's own prices
   */
  public String priceSuffix() {
    if (adjustPercent.signum() == 0) {
      return "";
    }
    return (adjustPercent.signum() > 0 ? ":+" : ":") + Decimals.plain(adjustPercent) + "%";
  }

  /**
   * @return a price of the book as this plan has it, exactly
   */
  public BigDecimal adjusted(BigDecimal price) {
    return adjusted(price, adjustPercent);
  }

  /**
   * @param percent what is added to the price
   */
  public static BigDecimal adjusted(BigDecimal price, BigDecimal percent) {
    return price.add(price.multiply(percent).movePointLeft(2));
  }

  public Plan withKnownSince(long version) {
    return new Plan(id, priceBook, perRequest, version, adjustPercent, costBook);
  }
}
