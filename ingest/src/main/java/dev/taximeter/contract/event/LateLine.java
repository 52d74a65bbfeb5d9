package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A line whose copies may have been forgotten by intake: everything that was decided about it, to
 * take effect once history has told whether the line is new. Holds no text of the line.
 *
 * <p>Either {@code usage} for an {@code account}, or a {@code fate}; suspense also has the usage
 * that is {@code suspended}.
 *
 * @param id the line's identity, 32 hex digits
 * @param forgottenBefore intake may have forgotten identities that it processed before this instant
 * @param completion null unless the line alone tells it with certainty
 * @param replay whether it is a dead letter that was sent again
 * @param account who pays for the usage
 * @param letter present if the line is a dead letter, or is one if it is too old
 * @param partition of the raw record
 * @param offset of the raw record
 */
public record LateLine(
    String id,
    Instant forgottenBefore,
    @Nullable Instant completion,
    boolean replay,
    @Nullable String account,
    @Nullable Usage usage,
    @Nullable LineFate fate,
    @Nullable SuspendedUsage suspended,
    @Nullable DeadLetter letter,
    int partition,
    long offset) {
  /** Header of a decided line: {@link Verdict#code}. */
  public static final String VERDICT_HEADER = "verdict";

  /**
   * Header of a decided line: the verdict knows all identities that were processed before this
   * instant, Unix milliseconds as decimal digits.
   */
  public static final String KNOWN_BEFORE_HEADER = "known-before";

  public LateLine {
    if (usage == null && fate == null) {
      throw new IllegalArgumentException("a late line is usage or has a fate");
    }
    if ((usage == null) != (account == null)) {
      throw new IllegalArgumentException("usage belongs to an account");
    }
  }

  /** What history knows about a line. */
  public enum Verdict {
    /** It is new. */
    UNSEEN,
    /** It has had a fate other than quarantined. */
    SEEN,
    /** It has been seen, and was never anything but quarantined. */
    ONLY_QUARANTINED,
    /** History does not know it, but no longer knows everything of its time. */
    TOO_OLD;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * @throws IllegalArgumentException if there is no such verdict
     */
    public static Verdict of(String code) {
      return valueOf(code.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
  }
}
