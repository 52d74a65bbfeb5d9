package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * Why a line was not billed. At once the dead-letter reason, the metric label and the problem type;
 * codes never change their meaning.
 */
public enum Reason {
  // Unbillable: nothing to do.
  /** The gateway answered by itself: cache hit or guard denial. */
  ANSWERED_BY_GATEWAY(Actor.NOBODY),
  /** A failed attempt before a fallback; the fallback writes a line of its own. */
  FALLBACK_ATTEMPT(Actor.NOBODY),
  /** An error status without counts. */
  FAILED_REQUEST(Actor.NOBODY),
  /** Not an AI route. */
  NOT_AI(Actor.NOBODY),
  /** A key that the gateway rejected. */
  REJECTED_KEY(Actor.NOBODY),
  /** Leakage: the client left before the usage arrived. */
  CLIENT_LEFT(Actor.OPERATOR),
  /** Leakage: a good answer without counts. */
  SUCCESS_WITHOUT_USAGE(Actor.OPERATOR),
  // Duplicate.
  /** The same bytes have been seen before. */
  SEEN_BEFORE(Actor.NOBODY),
  // Suspense.
  /** Tampered with, and the payer is not certain. */
  PAYER_UNCERTAIN(Actor.OPERATOR),
  /** Tampered with, and which counts or which model are the gateway's is not certain. */
  COUNTS_UNCERTAIN(Actor.OPERATOR),
  /** Completed longer ago than identities are kept. */
  TOO_OLD(Actor.OPERATOR),
  // Quarantined; suspense if usage can be read of it.
  /** It may be the end of a line that begins in a file which was not there. */
  UNCERTAIN_BEGINNING(Actor.OPERATOR),
  /** Cut off, or two lines glued together. */
  INCOMPLETE_LINE(Actor.SENDER),
  // Quarantined.
  /** The record is no {@code host TAB path TAB offset TAB line} frame. */
  BAD_FRAME(Actor.SENDER),
  /** Not a line of the access log. */
  FOREIGN_LINE(Actor.SENDER),
  /** The {@code ai_log} value cannot be read. */
  UNREADABLE_AI_LOG(Actor.SENDER),
  /** Counts that are negative, fractional or absurd. */
  IMPOSSIBLE_COUNTS(Actor.SENDER),
  /** Start time or duration cannot be read. */
  UNREADABLE_TIME(Actor.SENDER),
  /** Completed more than ten minutes after it arrived. */
  ABSURD_FUTURE(Actor.OPERATOR),
  /** Larger than a record can be, or without a piece that was lost: only a part of it is kept. */
  LINE_TOO_LONG(Actor.OPERATOR),
  /** A defect of this program; the line is kept. */
  INTERNAL_ERROR(Actor.US);

  /** Who must act. */
  public enum Actor {
    NOBODY,
    SENDER,
    OPERATOR,
    US
  }

  private final Actor actor;

  Reason(Actor actor) {
    this.actor = actor;
  }

  public Actor actor() {
    return actor;
  }

  /** Whether the line was kept whole, so that a quarantined one can be judged again. */
  public boolean keepsLine() {
    return this != BAD_FRAME && this != LINE_TOO_LONG;
  }

  /**
   * Whether another configuration can answer what the reason leaves open. What history does not
   * know any more, or what a file before this one would have told, no configuration tells.
   */
  public boolean isOfConfiguration() {
    return this != TOO_OLD && this != UNCERTAIN_BEGINNING;
  }

  @JsonValue
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
