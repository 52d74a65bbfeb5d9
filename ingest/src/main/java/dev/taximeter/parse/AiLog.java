package dev.taximeter.parse;

import java.nio.charset.StandardCharsets;
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
    UNCERTAIN
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

    static ModelName of(byte[] utf8) {
      // A character has at most four bytes, so what lies beyond cannot be kept anyway. Spaces and
      // control characters that are dropped make a name shorter than the limit, never longer.
      int limit = Math.min(utf8.length, 4 * MAX_MODEL_BYTES);
      String text = new String(utf8, 0, limit, StandardCharsets.UTF_8);
      StringBuilder clean = new StringBuilder(text.length());
      int bytes = 0;
      boolean truncated = utf8.length > limit;
      for (int at = 0; at < text.length(); ) {
        int codePoint = text.codePointAt(at);
        at += Character.charCount(codePoint);
        if (isHarmful(codePoint)) {
          continue;
        }
        int length = codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
        if (bytes + length > MAX_MODEL_BYTES) {
          truncated = true;
          break;
        }
        bytes += length;
        clean.appendCodePoint(codePoint);
      }
      String name = clean.toString().strip();
      return name.isEmpty() || name.equals("-") ? NONE : new ModelName(name, truncated);
    }

    private static boolean isHarmful(int codePoint) {
      return switch (Character.getType(codePoint)) {
        case Character.CONTROL,
            Character.FORMAT,
            Character.SURROGATE,
            Character.LINE_SEPARATOR,
            Character.PARAGRAPH_SEPARATOR ->
            true;
        default -> false;
      };
    }
  }
}
