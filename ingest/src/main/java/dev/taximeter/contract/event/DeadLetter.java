package dev.taximeter.contract.event;

import org.jspecify.annotations.Nullable;

/**
 * A rejected line, kept so that it can be replayed.
 *
 * @param fate what was decided, with its reason
 * @param excerpt the line's shape for people: letters and digits masked, at most 200 characters
 * @param sealedFrame the raw record's value, encrypted by {@link
 *     dev.taximeter.contract.security.Sealer}, base64
 * @param counted tokens of a line in suspense, as they were counted then; null for any other, and
 *     in letters of an earlier version
 */
public record DeadLetter(
    LineFate fate, String excerpt, String sealedFrame, @Nullable TokenCounts counted) {

  /** A letter of a line without usage. */
  public DeadLetter(LineFate fate, String excerpt, String sealedFrame) {
    this(fate, excerpt, sealedFrame, null);
  }
}
