package dev.taximeter.contract.catalog;

import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;

/**
 * What an account has agreed to pay.
 *
 * @param priceBook id of the price book
 * @param perRequest charge for each billed request, 0 or more, in the price book's currency
 * @param knownSince catalogue version that brought it; 0 before the writer has decided
 */
public record Plan(String id, String priceBook, BigDecimal perRequest, long knownSince) {
  public Plan {
    perRequest = Decimals.canonical(perRequest);
  }

  /**
   * @return the price version of the per-request charge
   */
  public String version() {
    return "plan:" + id + ":v" + knownSince;
  }

  public Plan withKnownSince(long version) {
    return new Plan(id, priceBook, perRequest, version);
  }
}
