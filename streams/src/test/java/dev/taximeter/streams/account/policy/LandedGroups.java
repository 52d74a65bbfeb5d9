package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.rating.TotalPrice;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Sums over usage, as ClickHouse makes them for a re-rating. */
public final class LandedGroups {
  private LandedGroups() {}

  private record Key(String model, long segment, long context) {}

  public static List<TotalPrice.Group> of(AccountTerms terms, YearMonth month, List<Usage> usage) {
    ZoneId zone = terms.account().timezone();
    Instant from = month.atDay(1).atStartOfDay(zone).toInstant();
    Instant to = month.plusMonths(1).atDay(1).atStartOfDay(zone).toInstant();
    List<Instant> changes =
        TotalPrice.changes(terms).stream()
            .filter(change -> change.isAfter(from) && change.isBefore(to))
            .toList();
    List<Long> limits = TotalPrice.promptLimits(terms);
    Map<Key, List<Usage>> groups = new HashMap<>();
    for (Usage each : usage) {
      Instant completion = each.completion();
      if (!completion.isBefore(from) && completion.isBefore(to)) {
        long prompt = each.tokens().inputTokens();
        groups
            .computeIfAbsent(
                new Key(
                    each.model(),
                    changes.stream().filter(change -> !change.isAfter(completion)).count(),
                    limits.stream().filter(limit -> limit < prompt).count()),
                first -> new ArrayList<>())
            .add(each);
      }
    }
    List<TotalPrice.Group> sums = new ArrayList<>();
    groups.forEach(
        (key, of) ->
            sums.add(
                new TotalPrice.Group(
                    key.model(),
                    key.segment() == 0 ? from : changes.get((int) key.segment() - 1),
                    key.context() == 0 ? 0 : limits.get((int) key.context() - 1) + 1,
                    of.stream().map(Usage::tokens).reduce(TokenCounts.ZERO, TokenCounts::plus),
                    of.size())));
    return sums;
  }
}
