package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A line in suspense and what was decided about it. Key: the line's identity.
 *
 * @param suspended the usage and the evidence
 * @param decision null while nobody has decided; never changes afterwards
 */
public record SuspenseItem(SuspendedUsage suspended, @Nullable Decision decision) {
  /** What became of a line in suspense. */
  public enum State {
    /** Nobody has decided. */
    OPEN,
    /** An account pays. */
    ASSIGNED,
    /** Nobody pays. The line stays in suspense in the conservation counts. */
    WRITTEN_OFF;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * Who decided what, when and why.
   *
   * @param account who pays; null if written off
   * @param keyName the account's key it counts under; null if written off
   * @param commandId the command that asked for it; {@link #REPLAY} if the line was judged again
   * @param author who decided; {@link #REPLAY} if the line was judged again
   */
  public record Decision(
      @Nullable String account,
      @Nullable String keyName,
      String commandId,
      String author,
      String reason,
      Instant at) {
    /** Stands for a person where a replay found the payer by the configuration of the moment. */
    public static final String REPLAY = "replay";
  }

  public String lineId() {
    return suspended.usage().id();
  }

  public State state() {
    if (decision == null) {
      return State.OPEN;
    }
    return decision.account() == null ? State.WRITTEN_OFF : State.ASSIGNED;
  }
}
