package dev.taximeter.api.auditlog;

import dev.taximeter.api.web.Cursors;
import dev.taximeter.api.web.HistoryUnavailableException;
import dev.taximeter.contract.event.AuditRecord;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The audit log as it has landed. */
public interface AuditLogHistory {
  /**
   * What to read. Each filter is null for all.
   *
   * @param from first instant
   * @param to first instant after
   * @param token id of the token that asked
   * @param outcome what came of it
   * @param descending newest first; else oldest first
   * @param after only what comes behind this place in the order; null for the first page
   */
  record Query(
      @Nullable Instant from,
      @Nullable Instant to,
      @Nullable String token,
      AuditRecord.@Nullable Outcome outcome,
      boolean descending,
      Cursors.@Nullable Moment after) {}

  /**
   * Reads a page.
   *
   * @param most records at most
   * @throws HistoryUnavailableException if history does not answer
   */
  List<AuditRecord> page(Query query, int most);
}
