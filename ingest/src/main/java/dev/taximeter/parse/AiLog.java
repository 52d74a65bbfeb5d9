package dev.taximeter.parse;

import org.jspecify.annotations.Nullable;

/**
 * What the {@code ai_log} value of a line says.
 *
 * @param end index of the quote that ends the value; -1 if there is none
 * @param counts all absent unless the state is {@link State#OBJECT}
 * @param impossible whether some count cannot be true
 * @param model already safe to keep; null if absent
 * @param modelTruncated whether the model's name was cut
 * @param cacheHit whether a cache plugin says that it answered
 * @param detailsUnreadable whether token details were there but could not be read
 */
record AiLog(
    State state,
    int end,
    ReportedCounts counts,
    boolean impossible,
    @Nullable String model,
    boolean modelTruncated,
    boolean cacheHit,
    boolean detailsUnreadable) {
  /**
   * Longest model name kept, in bytes of UTF-8. Names are client text in the worst case and end up
   * in keys of windows and bills; real ones have fewer than a hundred characters.
   */
  static final int MAX_MODEL_BYTES = 200;

  enum State {
    /** {@code -} or nothing: no AI plugin ran. */
    NONE,
    OBJECT,
    /** The value ends, but it is no JSON object, or a key that counts repeats. */
    UNREADABLE,
    /** The line ends before the value does. */
    CUT,
    /** The line has no such field. */
    MISSING,
    /** Which of several values is the true one cannot be known. */
    UNCERTAIN,
    /** The same, but what it is at most is known. */
    CONTESTED
  }

  /** Of a line in which nothing was found. */
  static final AiLog MISSING = without(State.MISSING, -1);

  /** A log without an object, in any other state. */
  static AiLog without(State state, int end) {
    return new AiLog(state, end, ReportedCounts.NONE, false, null, false, false, false);
  }

  /** A model's name without what could harm a terminal, a page or a key, and not too long. */
  record ModelName(@Nullable String text, boolean truncated) {
    static final ModelName NONE = new ModelName(null, false);

    static ModelName of(byte[] utf8, int from, int to) {
      CleanText clean = CleanText.of(utf8, from, to, MAX_MODEL_BYTES);
      return clean.isAbsent() ? NONE : new ModelName(clean.text(), clean.truncated());
    }
  }
}
