package dev.taximeter.streams.intake;

import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.TokenCounts;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Placeholder of the parser's answer. */
public record ParsedLine(
    Verdict verdict,
    @Nullable Reason reason,
    boolean leakage,
    @Nullable String rawKey,
    @Nullable String model,
    TokenCounts tokens,
    @Nullable Instant start,
    @Nullable Instant completion,
    List<String> flags) {
  /** What the line is worth. */
  public enum Verdict {
    BILLABLE,
    UNBILLABLE,
    SUSPENSE,
    QUARANTINED
  }
}
