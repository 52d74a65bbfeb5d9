package dev.taximeter.streams.intake;

import java.nio.charset.StandardCharsets;

/** The shape of a line without its content: enough to see what kind of line was rejected. */
final class Excerpt {
  private static final int MOST_CHARACTERS = 200;

  /** UTF-8 takes at most four bytes for a character. */
  private static final int MOST_BYTES = 4 * MOST_CHARACTERS;

  private Excerpt() {}

  /**
   * @return the line's beginning: letters as {@code x}, digits as {@code 0}, ASCII punctuation as
   *     it is, all else as {@code ?}
   */
  static String of(byte[] line) {
    String text = new String(line, 0, Math.min(line.length, MOST_BYTES), StandardCharsets.UTF_8);
    StringBuilder shape = new StringBuilder(MOST_CHARACTERS);
    text.codePoints().limit(MOST_CHARACTERS).map(Excerpt::mask).forEach(shape::appendCodePoint);
    return shape.toString();
  }

  private static int mask(int character) {
    if (Character.isLetter(character)) {
      return 'x';
    }
    if (Character.isDigit(character)) {
      return '0';
    }
    return character >= ' ' && character <= '~' ? character : '?';
  }
}
