package dev.taximeter.parse;

import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.TokenCounts;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one line of the access log says.
 *
 * @param verdict what to do with it
 * @param reason null if and only if the line is billable
 * @param leakage whether the provider charges for the answer although the log has no counts; only
 *     ever true of unbillable lines
 * @param rawKey the payer's key in plain text, to be fingerprinted at once; null if the line has
 *     none, if it is not certain whose line it is, or if the gateway rejected the key
 * @param model as the log names it: client text, at most {@value AiLog#MAX_MODEL_BYTES} bytes and
 *     without control characters; null if the line tells none, never null if billable
 * @param tokens zero if the line is unbillable; what is known of them otherwise
 * @param start when the request began; null if the line does not tell
 * @param completion start plus duration; null if the line does not tell, never null if billable
 * @param flags what was unusual, codes of {@link LineFlags}; often empty
 * @param completionCertain whether start and completion follow from the line alone; false if they
 *     were chosen among several, or depend on when the line arrived
 * @param requestId the request id as logged, cleaned and at most 128 characters; null if absent
 * @param candidateKeys raw keys that the line names as payer, at most four: of usage in {@link
 *     Verdict#SUSPENSE}, and of usage that was salvaged, {@link LineFlags#TAMPERED}; else empty
 */
public record ParsedLine(
    Verdict verdict,
    @Nullable Reason reason,
    boolean leakage,
    @Nullable String rawKey,
    @Nullable String model,
    TokenCounts tokens,
    @Nullable Instant start,
    @Nullable Instant completion,
    List<String> flags,
    boolean completionCertain,
    @Nullable String requestId,
    List<String> candidateKeys) {
  /** What to do with a line; duplicates are not the parser's to find. */
  public enum Verdict {
    /** Usage that somebody pays for; without a key it is unattributed. */
    BILLABLE,
    /** Nothing to bill; includes leakage. */
    UNBILLABLE,
    /** Usage, but the payer cannot be decided. */
    SUSPENSE,
    /** Not a complete line, counts that cannot be true, or a completion in the absurd future. */
    QUARANTINED
  }

  public ParsedLine {
    if ((reason == null) != (verdict == Verdict.BILLABLE)) {
      throw new IllegalArgumentException("a reason is what a line has that is not billable");
    }
    if (verdict == Verdict.BILLABLE && (model == null || start == null || completion == null)) {
      throw new IllegalArgumentException("a billable line has a model and both instants");
    }
    flags = List.copyOf(flags);
    candidateKeys = List.copyOf(candidateKeys);
  }

  /** Shows neither the key nor any other text of the client, so that it may be logged. */
  @Override
  public String toString() {
    return "ParsedLine[verdict=%s, reason=%s, leakage=%s, tokens=%s, start=%s, completion=%s, flags=%s]"
        .formatted(verdict, reason, leakage, tokens, start, completion, flags);
  }
}
