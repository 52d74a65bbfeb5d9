package dev.taximeter.api.gate;

import java.util.Arrays;
import java.util.Locale;

/** What can become of a request to the gate's port. */
public enum GateOutcome {
  ALLOWED,

  /** Without a key that is known here; {@code TAXIMETER_GATE_UNKNOWN_KEYS} lets it pass. */
  UNKNOWN_KEY_ALLOWED,

  /** Not all is known here yet; {@code TAXIMETER_GATE_NOT_READY} lets it pass. */
  NOT_READY_ALLOWED,

  UNKNOWN_KEY,
  AMBIGUOUS_KEY,
  KEY_EXPIRED,
  ACCOUNT_SUSPENDED,
  ACCOUNT_CLOSED,
  BALANCE_EXHAUSTED,
  QUOTA_REACHED,
  NOT_READY,

  /** A defect in the check; answered as if not all were known yet. */
  FAILED,

  /** Who asked has not the gateway's secret. */
  STRANGER;

  private static final GateOutcome[] OF_REASONS =
      Arrays.stream(Verdict.Reason.values())
          .map(reason -> valueOf(reason.name()))
          .toArray(GateOutcome[]::new);

  static GateOutcome refused(Verdict.Reason reason) {
    return OF_REASONS[reason.ordinal()];
  }

  /** {@return its name in metrics, such as {@code quota_reached}} */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
