package dev.taximeter.api.auditlog;

import dev.taximeter.contract.event.AuditRecord;

/** Where requests to change something are written down. */
public interface AuditLog {
  /**
   * Writes a record, durably.
   *
   * @return whether it is written; if not, it may be all the same
   */
  boolean write(AuditRecord record);
}
