package dev.taximeter.contract.catalog;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What alerts are about. Codes never change their meaning. */
public enum AlertKind {
  /** Usage has reached a threshold of a quota. */
  QUOTA(true),
  /** Little is left of what an account was granted. */
  BALANCE_LOW(true),
  /** Nothing is left of what an account was granted. */
  BALANCE_EXHAUSTED(true),
  /** Requests of an account had a model without a price. */
  UNPRICED_MODEL(false),
  /** The provider charges for answers that the log has no counts of. */
  LEAKAGE(false),
  /** Clients wrote into headers what only the gateway should write. */
  TAMPERING(false),
  /** Bytes of a source are missing. */
  GAP(false),
  /** A source has stopped without a word. */
  SILENT_SOURCE(false),
  /** Lines were read, and nobody knows what became of them. */
  RESIDUAL(false),
  /** The audit finds differences. */
  DRIFT(false),
  /** A message that somebody asked for, to try a recipient. */
  TEST(false);

  private final boolean ofAccounts;

  AlertKind(boolean ofAccounts) {
    this.ofAccounts = ofAccounts;
  }

  /** Whether the account's own recipients get it; all others are the operator's business. */
  public boolean isOfAccounts() {
    return ofAccounts;
  }

  @JsonValue
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@return the kind of a code; empty if there is none} */
  public static Optional<AlertKind> of(String code) {
    return Arrays.stream(values()).filter(kind -> kind.code().equals(code)).findFirst();
  }
}
