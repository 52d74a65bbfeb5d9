package dev.taximeter.contract.catalog;

import java.time.Instant;
import java.util.List;

/**
 * All that decides an account's money, as one message to its writer.
 *
 * @param catalogVersion catalogue version it was made from
 * @param plan the account's first plan
 * @param prices all entries of its price book
 * @param credits all grants of the account
 * @param quotas all quotas of the account
 * @param laterPlans plans that follow, by instant, ascending
 * @param otherBooks price books of later plans, and the cost books of all of them; each once
 */
public record AccountTerms(
    Account account,
    long catalogVersion,
    Plan plan,
    List<PriceEntry> prices,
    List<Credit> credits,
    List<Quota> quotas,
    List<LaterPlan> laterPlans,
    List<PriceBook> otherBooks) {
  public AccountTerms {
    prices = List.copyOf(prices);
    credits = List.copyOf(credits);
    quotas = List.copyOf(quotas);
    // Absent in records from before plans could change.
    laterPlans = laterPlans == null ? List.of() : List.copyOf(laterPlans);
    otherBooks = otherBooks == null ? List.of() : List.copyOf(otherBooks);
  }

  /** Terms with one plan for ever, and without cost books. */
  public AccountTerms(
      Account account,
      long catalogVersion,
      Plan plan,
      List<PriceEntry> prices,
      List<Credit> credits,
      List<Quota> quotas) {
    this(account, catalogVersion, plan, prices, credits, quotas, List.of(), List.of());
  }

  /**
   * @param from first instant that the plan applies to
   */
  public record LaterPlan(Instant from, Plan plan) {}
}
