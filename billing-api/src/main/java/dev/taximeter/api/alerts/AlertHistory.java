package dev.taximeter.api.alerts;

import dev.taximeter.api.web.Cursors;
import dev.taximeter.api.web.HistoryUnavailableException;
import dev.taximeter.contract.event.Alert;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Alerts as they have landed. */
public interface AlertHistory {
  /**
   * What to read, by the instant of crossing. Each filter is null for all.
   *
   * @param account id
   * @param quota id
   * @param from first instant of crossing
   * @param to first instant after
   * @param descending whether the newest comes first
   * @param after only what follows this place in the order; null for the first page
   */
  record Query(
      @Nullable String account,
      @Nullable String quota,
      @Nullable Instant from,
      @Nullable Instant to,
      boolean descending,
      Cursors.@Nullable Moment after) {}

  /**
   * Reads a page.
   *
   * @param most alerts at most
   * @throws HistoryUnavailableException if history does not answer
   */
  List<Alert> page(Query query, int most);

  /**
   * Finds an alert.
   *
   * @param id a UUID
   * @return null if none has landed
   * @throws HistoryUnavailableException if history does not answer
   */
  @Nullable Alert find(String id);
}
