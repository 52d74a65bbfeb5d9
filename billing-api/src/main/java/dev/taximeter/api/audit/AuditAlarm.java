package dev.taximeter.api.audit;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where the audit in the background raises what people have to look at: its port to alerts. It is
 * told after each look, the same again as long as it stays so, by one thread; so whoever keeps
 * alerts raises one when a trouble appears and closes it with the first null.
 */
public interface AuditAlarm {
  /** Nobody listens; the audit's state says all of it, too. */
  AuditAlarm NONE = trouble -> {};

  /**
   * @param trouble what is wrong now; null if nothing is
   */
  void tell(@Nullable Trouble trouble);

  /**
   * Something is wrong.
   *
   * @param since when that was first seen by this process
   * @param sentence what, where, and what to look at; for people
   */
  record Trouble(Kind kind, Instant since, String sentence) {}

  /** What is wrong. */
  enum Kind {
    /** Something is not as the events say. */
    DRIFT,
    /** Nothing could be audited for a long time, so that nobody would know. */
    STALLED;

    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
