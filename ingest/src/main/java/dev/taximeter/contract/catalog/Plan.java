package dev.taximeter.contract.catalog;

import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an account has agreed to pay. Usage is priced by the terms that are in force at the instant
 * at which it completes: the first ones from the beginning, each of {@link #later} from an instant
 * on.
 *
 * @param priceBook id of the price book
 * @param perRequest charge for each billed request, 0 or more, in the price book's currency
 * @param knownSince catalogue version that brought it; 0 before the writer has decided
 * @param adjustPercent what is added to every price of the book, in percent: a discount is below 0
 *     and above -100, a markup above 0. The charge per request is the plan's own and stays as it is
 * @param costBook id of the cost book that says what the provider charges; null for those that hold
 *     for everybody
 * @param effectiveFrom first instant that these terms apply to. In what is asked for, null is the
 *     instant of the decision; a plan's first terms apply from the beginning, and have null
 * @param later terms that follow, by instant, ascending; each without later ones of its own
 */
public record Plan(
    String id,
    String priceBook,
    BigDecimal perRequest,
    long knownSince,
    BigDecimal adjustPercent,
    @Nullable String costBook,
    @Nullable Instant effectiveFrom,
    List<Plan> later) {
  /** A plan at the book's own prices. */
  public Plan(String id, String priceBook, BigDecimal perRequest, long knownSince) {
    this(id, priceBook, perRequest, knownSince, BigDecimal.ZERO, null);
  }

  /** Terms that do not change. */
  public Plan(
      String id,
      String priceBook,
      BigDecimal perRequest,
      long knownSince,
      BigDecimal adjustPercent,
      @Nullable String costBook) {
    this(id, priceBook, perRequest, knownSince, adjustPercent, costBook, null, List.of());
  }

  public Plan {
    perRequest = Decimals.canonical(perRequest);
    // Absent in records from before there were discounts.
    adjustPercent = adjustPercent == null ? BigDecimal.ZERO : Decimals.canonical(adjustPercent);
    // Absent in records from before terms could change.
    later = later == null ? List.of() : List.copyOf(later);
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
    return new Plan(
        id, priceBook, perRequest, version, adjustPercent, costBook, effectiveFrom, later);
  }

  /**
   * @param from null if they apply from the beginning, or from the decision on
   */
  public Plan withEffectiveFrom(@Nullable Instant from) {
    return new Plan(id, priceBook, perRequest, knownSince, adjustPercent, costBook, from, later);
  }

  public Plan withLater(List<Plan> terms) {
    return new Plan(
        id, priceBook, perRequest, knownSince, adjustPercent, costBook, effectiveFrom, terms);
  }

  /**
   * @return all terms that the plan had, has and will have, by instant; none has later ones
   */
  public List<Plan> versions() {
    List<Plan> versions = new ArrayList<>();
    versions.add(withLater(List.of()));
    versions.addAll(later);
    return versions;
  }

  /**
   * @return the terms that usage is priced by that completes at an instant
   */
  public Plan at(Instant completion) {
    Plan found = withLater(List.of());
    for (Plan terms : later) {
      Instant from = terms.effectiveFrom();
      if (from != null && !from.isAfter(completion)) {
        found = terms;
      }
    }
    return found;
  }

  /** Whether nothing costs anything else by the other terms. */
  public boolean hasTermsOf(Plan other) {
    return priceBook.equals(other.priceBook)
        && perRequest.equals(other.perRequest)
        && adjustPercent.equals(other.adjustPercent)
        && Objects.equals(costBook, other.costBook);
  }
}
