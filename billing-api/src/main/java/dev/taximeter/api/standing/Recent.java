package dev.taximeter.api.standing;

import dev.taximeter.api.usage.Buckets;
import dev.taximeter.api.usage.UsageAnswer;
import dev.taximeter.api.usage.UsageHistory;
import dev.taximeter.api.usage.UsageQuery;
import dev.taximeter.api.usage.UsageService;
import dev.taximeter.api.usage.UsageSum;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
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
   * Cost of the last seven days by account, in one statement.
   *
   * @param account null for all
   */
  static Map<String, BigDecimal> costs(
      UsageHistory history, @Nullable String account, Instant now) {
    UsageAnswer answer =
        history.sum(
            new UsageQuery(
                account == null ? List.of() : List.of(account),
                null,
                null,
                buckets(now.minus(LOOK_BACK), now),
                false,
                false,
                UsageService.MOST_ROWS));
    Map<String, BigDecimal> costs = new HashMap<>();
    for (UsageSum sum : answer.sums()) {
      costs.merge(sum.account(), sum.cost(), BigDecimal::add);
    }
    return costs;
  }

  static Buckets buckets(Instant from, Instant to) {
    try {
      return Buckets.of(null, ZoneOffset.UTC, from, to, 1);
    } catch (Buckets.TooManyException e) {
      throw new IllegalStateException("one bucket is too many", e);
    }
  }
}
