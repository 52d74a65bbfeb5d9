package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * What became of a line. Every line has exactly one fate; for each source and hour of arrival the
 * lines read equal the sum over all fates.
 */
public enum Fate {
  /** Usage of a known key: on a bill. */
  BILLED,
  /** Usage, but the key is absent or unknown: metered and held for a claim. */
  UNATTRIBUTED,
  /** Nothing to bill; includes leakage. */
  UNBILLABLE,
  /** The same bytes have been seen before. */
  DUPLICATE,
  /** Counts are known, payer or uniqueness cannot be decided. */
  SUSPENSE,
  /** Not a complete line, counts that cannot be true, or a completion in the absurd future. */
  QUARANTINED;

  @JsonValue
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
