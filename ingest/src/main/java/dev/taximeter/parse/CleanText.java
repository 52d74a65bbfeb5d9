package dev.taximeter.parse;

import java.nio.charset.StandardCharsets;

/**
 * A client's text without what could harm a terminal, a page or a key, and not too long.
 *
 * @param text without control characters and surrounding spaces
 * @param truncated whether the original was longer than may be kept
 */
record CleanText(String text, boolean truncated) {
  /**
   * @param most bytes of UTF-8 that are kept
   */
  static CleanText of(byte[] utf8, int from, int to, int most) {
    if (to - from <= most && isPlain(utf8, from, to)) {
      String plain = new String(utf8, from, to - from, StandardCharsets.ISO_8859_1);
      return new CleanText(plain.strip(), false);
    }
    // A character has at most four bytes, so what lies beyond cannot be kept anyway. Spaces and
    // control characters that are dropped make a text shorter than the limit, never longer.
    int limit = Math.min(to - from, 4 * most);
    String text = new String(utf8, from, limit, StandardCharsets.UTF_8);
    StringBuilder clean = new StringBuilder(text.length());
    int bytes = 0;
    boolean truncated = to - from > limit;
    for (int at = 0; at < text.length(); ) {
      int codePoint = text.codePointAt(at);
      at += Character.charCount(codePoint);
      if (isHarmful(codePoint)) {
        continue;
      }
      int length = codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
      if (bytes + length > most) {
        truncated = true;
        break;
      }
      bytes += length;
      clean.appendCodePoint(codePoint);
    }
    return new CleanText(clean.toString().strip(), truncated);
  }

  /** Whether there is nothing, or what a log writes for nothing. */
  boolean isAbsent() {
    return text.isEmpty() || text.equals("-");
  }

  private static boolean isPlain(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] < ' ' || bytes[i] == 0x7f) {
        return false;
      }
    }
    return true;
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
