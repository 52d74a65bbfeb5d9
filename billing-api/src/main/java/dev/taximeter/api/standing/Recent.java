package dev.taximeter.api.standing;

import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.usage.Buckets;
import dev.taximeter.api.usage.ByZone;
import dev.taximeter.api.usage.UsageHistory;
import dev.taximeter.api.usage.UsageQuery;
import dev.taximeter.api.usage.UsageService;
import dev.taximeter.api.usage.UsageSum;
import dev.taximeter.contract.catalog.Account;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What accounts spent lately. */
final class Recent {
  /** Long enough for a weekend to be in it, short enough to notice a change. */
  static final Duration LOOK_BACK = Duration.ofDays(7);

  private Recent() {}

  /**
   * Cost of the last seven days by account.
   *
   * @param account null for all
   */
  static Map<String, BigDecimal> costs(
      UsageHistory history, CatalogSnapshot catalog, @Nullable String account, Instant now) {
    Map<String, BigDecimal> costs = new HashMap<>();
    Account one = account == null ? null : catalog.account(account);
    if (one != null) {
      add(costs, history, one.timezone(), List.of(one.id()), now);
    } else if (account == null) {
      ByZone.each(
          catalog.accounts().values(), (zone, some) -> add(costs, history, zone, some, now));
    }
    return costs;
  }

  private static void add(
      Map<String, BigDecimal> costs,
      UsageHistory history,
      ZoneId zone,
      List<String> accounts,
      Instant now) {
    UsageQuery query =
        new UsageQuery(
            accounts,
            null,
            null,
            buckets(now.minus(LOOK_BACK), now),
            zone,
            false,
            false,
            UsageService.MOST_ROWS);
    for (UsageSum sum : history.sum(query).sums()) {
      costs.merge(sum.account(), sum.cost(), BigDecimal::add);
    }
  }

  static Buckets buckets(Instant from, Instant to) {
    try {
      return Buckets.of(null, ZoneOffset.UTC, from, to, 1);
    } catch (Buckets.TooManyException e) {
      throw new IllegalStateException("one bucket is too many", e);
    }
  }
}
