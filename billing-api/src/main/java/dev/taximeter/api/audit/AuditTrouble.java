package dev.taximeter.api.audit;

import java.time.Instant;
import java.util.Locale;

/**
 * Something that people have to look at. It is part of the audit's state, where whoever keeps
 * alerts reads it.
 *
 * @param since when that was first seen by this process
 * @param sentence what, where, and what to look at; for people
 */
public record AuditTrouble(Kind kind, Instant since, String sentence) {
  /** What is wrong. */
  public enum Kind {
    /** Something is not as the events say. */
    DRIFT,
    /** Nothing could be audited for a long time, so that nobody would know. */
    STALLED;

    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
