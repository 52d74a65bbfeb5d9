package dev.taximeter.streams.intake;

import dev.taximeter.contract.event.LateLine;
import org.jspecify.annotations.Nullable;

/** What comes to intake: lines from shippers, and late lines back from history. */
public sealed interface IntakeInput {
  /**
   * A raw record.
   *
   * @param frame its value
   */
  record Raw(byte[] frame) implements IntakeInput {
    static final byte[] NOTHING = {};
  }

  /** A late line with a verdict in its record's headers. */
  record Decided(LateLine line) implements IntakeInput {}

  static IntakeInput raw(byte @Nullable [] frame) {
    return new Raw(frame == null ? Raw.NOTHING : frame);
  }

  static IntakeInput decided(LateLine line) {
    return new Decided(line);
  }
}
