package dev.taximeter.api.deadletters;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineReplay.Outcome;
import dev.taximeter.contract.event.LineSource;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter, without its content.
 *
 * @param id the line's identity, 32 hex digits
 * @param fate quarantined or suspense
 * @param reason code of the {@link dev.taximeter.contract.event.Reason}
 * @param excerpt the line's shape: letters and digits masked
 * @param arrival when a shipper handed the line over
 * @param source file it was read from
 * @param offset byte offset in that file; -1 if unknown
 * @param shipment run of the shipper; empty if unknown
 * @param replay how far its replay came; null if it was never replayed
 */
public record DeadLetterItem(
    String id,
    Fate fate,
    String reason,
    String excerpt,
    Instant arrival,
    LineSource source,
    long offset,
    String shipment,
    @Nullable Replay replay) {
  /**
   * The step of a replay that counts: its success, or else the latest.
   *
   * @param fate the line's fate since then; null unless it was judged again
   * @param reason code of why it still has no usage; empty if it has, or was not judged
   * @param problem a sentence: why it could not be sent; empty otherwise
   * @param author who asked for it; empty if not known
   */
  public record Replay(
      Outcome outcome,
      @Nullable Fate fate,
      String reason,
      String problem,
      String author,
      Instant at) {}

  /** Whether a replay can help: the line is quarantined, and stays so until it succeeds. */
  boolean isOpen() {
    return replay == null || replay.outcome() != Outcome.RESOLVED;
  }
}
