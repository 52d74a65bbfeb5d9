package dev.taximeter.api.usage;

import dev.taximeter.contract.catalog.Account;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Accounts by their zone: history has days and months of each account's own, so each zone is asked
 * about by itself.
 */
public final class ByZone {
  /** Accounts named in one query; more are asked for in several. */
  private static final int MOST_ACCOUNTS = 1_000;

  /** Queries of one statement: each has up to ten parts. */
  private static final int MOST_TOGETHER = 8;

  private ByZone() {}

  /** {@return queries that are answered by one statement each} */
  public static List<List<UsageQuery>> together(List<UsageQuery> queries) {
    List<List<UsageQuery>> statements = new ArrayList<>();
    for (int i = 0; i < queries.size(); i += MOST_TOGETHER) {
      statements.add(queries.subList(i, Math.min(queries.size(), i + MOST_TOGETHER)));
    }
    return statements;
  }

  /**
   * Calls back for each query that is needed.
   *
   * @param all accounts of the catalogue
   * @param query takes a zone and the accounts to name, which are none if the zone has all
   */
  public static void each(Collection<Account> all, BiConsumer<ZoneId, List<String>> query) {
    Map<ZoneId, List<String>> byZone = new LinkedHashMap<>();
    for (Account account : all) {
      byZone.computeIfAbsent(account.timezone(), zone -> new ArrayList<>()).add(account.id());
    }
    if (byZone.size() == 1) {
      query.accept(byZone.keySet().iterator().next(), List.of());
      return;
    }
    byZone.forEach(
        (zone, accounts) -> {
          for (int i = 0; i < accounts.size(); i += MOST_ACCOUNTS) {
            int end = Math.min(accounts.size(), i + MOST_ACCOUNTS);
            query.accept(zone, accounts.subList(i, end));
          }
        });
  }
}
