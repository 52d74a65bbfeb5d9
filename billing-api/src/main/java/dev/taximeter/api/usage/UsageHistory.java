package dev.taximeter.api.usage;

import dev.taximeter.api.web.HistoryUnavailableException;
import java.util.List;

/** Usage as it has landed. */
public interface UsageHistory {
  /**
   * Sums usage up.
   *
   * @param queries that differ in accounts, of which none is in two, in their zone and buckets
   *     only; at least one
   * @throws HistoryUnavailableException if history does not answer
   */
  UsageAnswer sum(List<UsageQuery> queries);

  /** The same for one query. */
  default UsageAnswer sum(UsageQuery query) {
    return sum(List.of(query));
  }
}
