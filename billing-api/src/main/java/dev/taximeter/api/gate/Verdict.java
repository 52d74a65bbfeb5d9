package dev.taximeter.api.gate;

import dev.taximeter.api.web.ProblemType;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether requests of a key may pass.
 *
 * @param reason why not; null if they may
 * @param quota id of the quota that stops them; of those that do not, the one with the least left;
 *     null if there is none
 * @param remaining of that quota, or of a prepaid balance if that is what stops them; null if there
 *     is neither
 * @param until when it changes by itself; null if it does not
 */
record Verdict(
    @Nullable Reason reason,
    @Nullable String quota,
    @Nullable BigDecimal remaining,
    @Nullable Instant until) {
  static final Verdict PASS = new Verdict(null, null, null, null);

  static Verdict refused(Reason reason) {
    return new Verdict(reason, null, null, null);
  }

  boolean allowed() {
    return reason == null;
  }

  /** {@return seconds to wait, rounded up, so that whoever waits is not refused again} */
  @Nullable Long retryAfterSeconds(Instant now) {
    if (reason == null || until == null) {
      return null;
    }
    return Math.max(1, Duration.between(now, until).plusSeconds(1).minusNanos(1).toSeconds());
  }

  /** Why a key is stopped. */
  enum Reason {
    UNKNOWN_KEY(ProblemType.KEY_REFUSED, "This API key is not known here."),
    AMBIGUOUS_KEY(ProblemType.KEY_REFUSED, "Send one API key, of at most 4,096 characters."),
    KEY_EXPIRED(ProblemType.KEY_REFUSED, "This API key has expired; use its successor."),
    ACCOUNT_SUSPENDED(ProblemType.ACCOUNT_REFUSED, "The account of this API key is suspended."),
    ACCOUNT_CLOSED(ProblemType.ACCOUNT_REFUSED, "The account of this API key is closed."),
    BALANCE_EXHAUSTED(
        ProblemType.BALANCE_EXHAUSTED, "The prepaid balance is used up; top it up first."),
    QUOTA_REACHED(ProblemType.QUOTA_REACHED, "A quota of this API key is reached."),
    NOT_READY(ProblemType.GATE_NOT_READY, "The gate has just started; try again in a moment.");

    private final ProblemType type;
    private final String sentence;

    Reason(ProblemType type, String sentence) {
      this.type = type;
      this.sentence = sentence;
    }

    ProblemType type() {
      return type;
    }

    String sentence() {
      return sentence;
    }

    String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
