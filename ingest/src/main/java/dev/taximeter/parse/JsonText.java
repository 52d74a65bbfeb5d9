package dev.taximeter.parse;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** One level of JSON string escaping, put on or taken off. */
final class JsonText {
  private static final int REPLACEMENT = 0xfffd;

  private JsonText() {}

  /**
   * Takes one level off. Lenient, because some of this text was cut: an escape that means nothing
   * stands for the character after the backslash, half a surrogate pair for U+FFFD. Bytes that are
   * not ASCII stay as they are.
   *
   * @return UTF-8, as far as the input was
   */
  static byte[] unescape(byte[] bytes, int from, int to) {
    int at = Bytes.indexOf(bytes, from, to, '\\');
    if (at < 0) {
      return Arrays.copyOfRange(bytes, from, to);
    }
    // The result is never longer: the shortest escape of n bytes of UTF-8 has at least n bytes.
    ByteArrayOutputStream out = new ByteArrayOutputStream(to - from);
    out.write(bytes, from, at - from);
    while (at < to) {
      byte b = bytes[at++];
      if (b != '\\' || at == to) {
        out.write(b);
        continue;
      }
      byte escape = bytes[at++];
      switch (escape) {
        case 'b' -> out.write('\b');
        case 'f' -> out.write('\f');
        case 'n' -> out.write('\n');
        case 'r' -> out.write('\r');
        case 't' -> out.write('\t');
        case 'u' -> {
          int unit = hex4(bytes, at, to);
          if (unit < 0) {
            out.write('u');
            break;
          }
          at += 4;
          if (Character.isHighSurrogate((char) unit)
              && at + 6 <= to
              && bytes[at] == '\\'
              && bytes[at + 1] == 'u') {
            int low = hex4(bytes, at + 2, to);
            if (low >= 0 && Character.isLowSurrogate((char) low)) {
              at += 6;
              writeUtf8(out, Character.toCodePoint((char) unit, (char) low));
              break;
            }
          }
          writeUtf8(out, Character.isSurrogate((char) unit) ? REPLACEMENT : unit);
        }
        default -> out.write(escape);
      }
    }
    return out.toByteArray();
  }

  /** Puts one level on, and the quote that ends the string. */
  static byte[] escapeAndClose(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 16);
    for (byte b : bytes) {
      if (b == '"' || b == '\\') {
        out.write('\\');
      }
      out.write(b);
    }
    out.write('"');
    return out.toByteArray();
  }

  /** Value of four hexadecimal digits, or -1. */
  static int hex4(byte[] bytes, int from, int to) {
    if (from + 4 > to) {
      return -1;
    }
    int value = 0;
    for (int i = from; i < from + 4; i++) {
      int digit = bytes[i] < 0 ? -1 : Character.digit(bytes[i], 16);
      if (digit < 0) {
        return -1;
      }
      value = (value << 4) | digit;
    }
    return value;
  }

  private static void writeUtf8(ByteArrayOutputStream out, int codePoint) {
    if (codePoint < 0x80) {
      out.write(codePoint);
    } else if (codePoint < 0x800) {
      out.write(0xc0 | (codePoint >> 6));
      out.write(0x80 | (codePoint & 0x3f));
    } else if (codePoint < 0x10000) {
      out.write(0xe0 | (codePoint >> 12));
      out.write(0x80 | ((codePoint >> 6) & 0x3f));
      out.write(0x80 | (codePoint & 0x3f));
    } else {
      out.write(0xf0 | (codePoint >> 18));
      out.write(0x80 | ((codePoint >> 12) & 0x3f));
      out.write(0x80 | ((codePoint >> 6) & 0x3f));
      out.write(0x80 | (codePoint & 0x3f));
    }
  }
}
