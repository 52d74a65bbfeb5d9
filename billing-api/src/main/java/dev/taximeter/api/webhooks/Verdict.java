package dev.taximeter.api.webhooks;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What became of a try.
 *
 * @param status HTTP status; null if there was none
 * @param answer what the receiver said, or what went wrong, cut short
 * @param accepted whether the receiver has taken the message
 * @param gone whether it wants no more messages
 * @param retryAfter how long it wants to be left alone; null if it did not say
 */
record Verdict(
    @Nullable Integer status,
    String answer,
    boolean accepted,
    boolean gone,
    @Nullable Duration retryAfter) {
  /** No answer at all. */
  static Verdict failed(String why) {
    return new Verdict(null, why, false, false, null);
  }

  static Verdict accepted(String answer) {
    return new Verdict(null, answer, true, false, null);
  }
}
