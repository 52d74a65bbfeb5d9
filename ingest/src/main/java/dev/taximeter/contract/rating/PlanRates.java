package dev.taximeter.contract.rating;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an account pays, and what the provider charges, while it has one plan.
 *
 * @param from first instant; the first plan has no beginning
 * @param prices the plan's book, with its discount
 * @param costs the cost book that the account or the plan names, else all that hold for everybody
 * @param currencies of the cost books, by id
 */
public record PlanRates(
    Instant from, Plan plan, PriceList prices, PriceList costs, Map<String, String> currencies) {
  /** The model on the bill line of a plan's charge for each request. */
  public static final String ALL_MODELS = "*";

  /**
   * @return by instant, the first plan first
   */
  public static List<PlanRates> of(AccountTerms terms) {
    List<PlanRates> plans = new ArrayList<>();
    plans.add(of(terms, Instant.MIN, terms.plan()));
    for (AccountTerms.LaterPlan later : terms.laterPlans()) {
      plans.add(of(terms, later.from(), later.plan()));
    }
    return List.copyOf(plans);
  }

  /**
   * @param plans by instant, the first plan first
   * @return the last that has begun; the first always has
   */
  public static PlanRates at(List<PlanRates> plans, Instant completion) {
    for (int i = plans.size() - 1; i > 0; i--) {
      if (!plans.get(i).from().isAfter(completion)) {
        return plans.get(i);
      }
    }
    return plans.get(0);
  }

  private static PlanRates of(AccountTerms terms, Instant from, Plan plan) {
    Map<String, String> currencies = new HashMap<>();
    List<PriceEntry> costs = new ArrayList<>();
    String named = terms.account().details().costBook();
    String costBook = named == null ? plan.costBook() : named;
    for (PriceBook book : terms.otherBooks()) {
      if (isCostBook(book, costBook)) {
        currencies.put(book.id(), book.currency());
        costs.addAll(book.prices());
      }
    }
    return new PlanRates(
        from,
        plan,
        new PriceList(prices(terms, plan), plan),
        new PriceList(costs),
        Map.copyOf(currencies));
  }

  private static boolean isCostBook(PriceBook book, @Nullable String named) {
    return named == null
        ? book.purpose() == PriceBook.Purpose.COMMON_COST
        : book.isCost() && book.id().equals(named);
  }

  private static List<PriceEntry> prices(AccountTerms terms, Plan plan) {
    if (plan.priceBook().equals(terms.plan().priceBook())) {
      return terms.prices();
    }
    for (PriceBook book : terms.otherBooks()) {
      if (book.id().equals(plan.priceBook())) {
        return book.prices();
      }
    }
    throw new IllegalStateException("the terms lack the price book " + plan.priceBook());
  }

  /**
   * @return the currency of a cost book; empty if it is none of these
   */
  public String currencyOf(String book) {
    return currencies.getOrDefault(book, "");
  }
}
