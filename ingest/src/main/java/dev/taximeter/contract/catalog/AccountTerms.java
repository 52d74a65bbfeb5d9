package dev.taximeter.contract.catalog;

import java.util.List;

/**
 * All that decides an account's money, as one message to its writer.
 *
 * @param catalogVersion catalogue version it was made from
 * @param prices all entries of the plan's price book
 * @param credits all grants of the account
 * @param quotas all quotas of the account
 */
public record AccountTerms(
    Account account,
    long catalogVersion,
    Plan plan,
    List<PriceEntry> prices,
    List<Credit> credits,
    List<Quota> quotas) {
  public AccountTerms {
    prices = List.copyOf(prices);
    credits = List.copyOf(credits);
    quotas = List.copyOf(quotas);
  }
}
