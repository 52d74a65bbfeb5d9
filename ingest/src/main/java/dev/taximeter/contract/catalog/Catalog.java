package dev.taximeter.contract.catalog;

import java.util.List;

/** A set of catalogue resources: all of them, or those that a command creates or replaces. */
public record Catalog(
    List<Account> accounts,
    List<ApiKey> keys,
    List<PriceBook> priceBooks,
    List<Plan> plans,
    List<Quota> quotas,
    List<Credit> credits) {
  public static final Catalog EMPTY =
      new Catalog(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

  public Catalog {
    accounts = List.copyOf(accounts);
    keys = List.copyOf(keys);
    priceBooks = List.copyOf(priceBooks);
    plans = List.copyOf(plans);
    quotas = List.copyOf(quotas);
    credits = List.copyOf(credits);
  }
}
