package dev.taximeter.api.standing;

import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.usage.UsageHistory;
import dev.taximeter.api.usage.UsageQuery;
import dev.taximeter.api.usage.UsageService;
import dev.taximeter.api.usage.UsageSum;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.catalog.QuotaPeriod;
import dev.taximeter.contract.gateway.Glob;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How much of each quota is used, from landed usage. Quotas whose windows opened at the same
 * instant share a statement, zone by zone.
 */
final class QuotaUse {
  private static final BigDecimal PERCENT = BigDecimal.valueOf(100);

  private final UsageHistory history;
  private final CatalogSnapshot catalog;
  private final Instant now;

  QuotaUse(UsageHistory history, CatalogSnapshot catalog, Instant now) {
    this.history = history;
    this.catalog = catalog;
    this.now = now;
  }

  /**
   * A quota and what is used of it.
   *
   * @param percent rounded down, so that 100 means that the limit is reached
   */
  record Used(Quota quota, Account account, Instant from, BigDecimal used, long percent) {}

  /** When quotas' windows opened, and the zone of their accounts. */
  private record Window(Instant start, ZoneId zone) {}

  List<Used> of(Collection<Quota> quotas) {
    Map<Window, List<Quota>> byWindow = new LinkedHashMap<>();
    for (Quota quota : quotas) {
      Account account = catalog.account(quota.account());
      if (account != null) {
        Instant start = QuotaPeriod.of(quota, now, account.timezone()).start();
        byWindow
            .computeIfAbsent(new Window(start, account.timezone()), same -> new ArrayList<>())
            .add(quota);
      }
    }
    List<Used> all = new ArrayList<>();
    byWindow.forEach((window, same) -> all.addAll(since(window, same)));
    return all;
  }

  private List<Used> since(Window window, List<Quota> quotas) {
    Instant start = window.start();
    List<UsageSum> sums = start.isBefore(now) ? read(window, quotas) : List.of();
    List<Used> used = new ArrayList<>();
    for (Quota quota : quotas) {
      Account account = catalog.account(quota.account());
      if (account != null) {
        Set<String> team = keysOfTeam(quota);
        BigDecimal sum =
            sums.stream()
                .filter(row -> concerns(quota, team, row))
                .map(row -> metric(quota.metric(), row))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        long percent =
            sum.multiply(PERCENT)
                .divide(quota.limit(), 0, RoundingMode.DOWN)
                .min(BigDecimal.valueOf(Long.MAX_VALUE))
                .longValue();
        used.add(new Used(quota, account, start, sum, percent));
      }
    }
    return used;
  }

  private List<UsageSum> read(Window window, List<Quota> quotas) {
    List<UsageSum> sums =
        history
            .sum(
                new UsageQuery(
                    quotas.stream().map(Quota::account).distinct().toList(),
                    null,
                    null,
                    Recent.buckets(window.start(), now),
                    window.zone(),
                    quotas.stream().anyMatch(QuotaUse::needsKeys),
                    quotas.stream().anyMatch(quota -> quota.model() != null),
                    UsageService.MOST_ROWS))
            .sums();
    if (sums.size() > UsageService.MOST_ROWS) {
      throw ProblemException.of(
          ProblemType.TOO_MANY_ROWS,
          "The quotas would sum up more than %,d rows of usage; ask for one account."
              .formatted(UsageService.MOST_ROWS));
    }
    return sums;
  }

  private static boolean needsKeys(Quota quota) {
    return quota.key() != null || quota.team() != null;
  }

  private static boolean concerns(Quota quota, Set<String> team, UsageSum row) {
    return quota.account().equals(row.account())
        && (quota.key() == null || quota.key().equals(row.key()))
        && (quota.team() == null || (row.key() != null && team.contains(row.key())))
        && (quota.model() == null || matches(quota.model(), row.model()));
  }

  /** As the team is now: usage of keys that have left it counted there while they were in it. */
  private Set<String> keysOfTeam(Quota quota) {
    String team = quota.team();
    return team == null
        ? Set.of()
        : catalog.keys(quota.account()).stream()
            .filter(key -> key.replacedBy() == null && team.equals(key.team()))
            .map(ApiKey::name)
            .collect(Collectors.toSet());
  }

  private static boolean matches(String glob, @org.jspecify.annotations.Nullable String model) {
    return model != null && new Glob(glob).matches(model);
  }

  private static BigDecimal metric(Quota.Metric metric, UsageSum row) {
    return switch (metric) {
      case TOTAL_TOKENS -> BigDecimal.valueOf(row.tokens().totalTokens());
      case INPUT_TOKENS -> BigDecimal.valueOf(row.tokens().inputTokens());
      case OUTPUT_TOKENS -> BigDecimal.valueOf(row.tokens().outputTokens());
      case REQUESTS -> BigDecimal.valueOf(row.requests());
      case COST -> row.cost();
    };
  }
}
