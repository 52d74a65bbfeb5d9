package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A step in the replay of a dead letter. Key: {@code id}.
 *
 * @param id the line's identity, 32 hex digits
 * @param outcome how far it came
 * @param fate the line's fate from now on; null unless it was judged again
 * @param reason why it still has no usage; null if it has, or was not judged
 * @param problem a sentence for people: why it was refused, or that it is counted otherwise than
 *     when it came; empty otherwise
 * @param commandId the command that asked for it; empty if not known here
 * @param author who asked; empty if not known here
 * @param at when
 * @param arrival when a shipper handed the line over
 * @param source file it was read from
 * @param shipment run of the shipper
 */
public record LineReplay(
    String id,
    Outcome outcome,
    @Nullable Fate fate,
    @Nullable Reason reason,
    String problem,
    String commandId,
    String author,
    Instant at,
    Instant arrival,
    LineSource source,
    String shipment) {
  /** How far a replay came. */
  public enum Outcome {
    /** The line is in the raw topic again. */
    SENT,
    /**
     * It was judged again and is no longer quarantined, or in suspense: one line moved from fate to
     * fate.
     */
    RESOLVED,
    /** It was judged again and is still quarantined. */
    UNCHANGED,
    /** It could not be sent, was no longer quarantined when it came, or stays in suspense. */
    REFUSED;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
