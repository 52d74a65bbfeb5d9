package dev.taximeter.api.web;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits for an answer that is as fresh as somebody wants it: who has seen {@code asOf.sequence}
 * somewhere can ask for a figure that is not older.
 */
public final class MinimumAsOf {
  /** How long an answer is held back; the usual freshness is well below a second. */
  public static final Duration PATIENCE = Duration.ofSeconds(10);

  /** What the parameter is called. */
  public static final String NAME = "minAsOf";

  /** Requests held back at once, of the server's 40: the others must be answered meanwhile. */
  private static final int MOST_WAITING = 16;

  private static final Semaphore PLACES = new Semaphore(MOST_WAITING);

  private MinimumAsOf() {}

  /**
   * Reads the parameter.
   *
   * @return 0 if it is not given
   */
  public static long read(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    try {
      long sequence = Long.parseLong(text);
      if (sequence >= 0) {
        return sequence;
      }
    } catch (NumberFormatException e) {
      // Reported below.
    }
    throw ProblemException.parameter(NAME, "must be a sequence number, as asOf.sequence has it");
  }

  /**
   * Returns once the sequence number is reached.
   *
   * @throws ProblemException if it is not reached in time
   */
  public static void await(long wanted, LongSupplier sequence) {
    LongPredicate reached = found -> found >= wanted;
    if (reached.test(sequence.getAsLong())) {
      return;
    }
    if (!PLACES.tryAcquire()) {
      throw ProblemException.passing(
          ProblemType.NOT_REACHED,
          "%d requests wait for fresher answers already; ask again in a moment, or without minAsOf."
              .formatted(MOST_WAITING),
          Duration.ofSeconds(1),
          null);
    }
    try {
      Waiting.until(() -> reached.test(sequence.getAsLong()), PATIENCE);
    } finally {
      PLACES.release();
    }
    long found = sequence.getAsLong();
    if (!reached.test(found)) {
      throw tooEarly(wanted, found);
    }
  }

  /** It was not reached in time. */
  public static ProblemException tooEarly(long wanted, long found) {
    return ProblemException.passing(
        ProblemType.NOT_REACHED,
        "After %d seconds the answer is at sequence number %d, not at %d; ask again, or without minAsOf."
            .formatted(PATIENCE.toSeconds(), found, wanted),
        Duration.ofSeconds(1),
        null);
  }
}
