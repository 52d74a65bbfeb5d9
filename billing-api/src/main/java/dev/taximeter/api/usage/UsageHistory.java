package dev.taximeter.api.usage;

import dev.taximeter.api.web.HistoryUnavailableException;

/** Usage as it has landed. */
public interface UsageHistory {
  /**
   * Sums usage up.
   *
   * @throws HistoryUnavailableException if history does not answer
   */
  UsageAnswer sum(UsageQuery query);
}
