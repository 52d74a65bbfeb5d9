package dev.taximeter.ship;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads what Docker's json-file driver writes: a JSON object with the texts {@code log} and {@code
 * stream}, one to a line. Works on bytes, because a text of Java would change those that are no
 * UTF-8. Reused for all lines; not thread-safe.
 */
final class DockerJson {
  private static final byte[] LOG = "log".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] STREAM = "stream".getBytes(StandardCharsets.US_ASCII);

  /** Objects in objects, such as {@code attrs}, that are passed over. */
  private static final int DEEPEST = 32;

  private static final int HEX_DIGITS = 4;

  /** A growing text. */
  private static final class Text {
    private byte[] bytes = new byte[256];
    private int length;
    private boolean present;

    void begin() {
      length = 0;
      present = true;
    }

    void add(int value) {
      if (length == bytes.length) {
        bytes = Arrays.copyOf(bytes, bytes.length * 2);
      }
      bytes[length++] = (byte) value;
    }
  }

  private final Text log = new Text();
  private final Text stream = new Text();
  private final Text name = new Text();
  private byte[] line = new byte[0];
  private int at;
  private int end;

  /**
   * @return whether it is such an object; if not, nothing of it may be used
   */
  boolean read(byte[] bytes, int from, int to) {
    line = bytes;
    at = from;
    end = to;
    log.present = false;
    stream.present = false;
    boolean whole = object();
    space();
    line = new byte[0];
    return whole && at == end && log.present && stream.present;
  }

  byte[] log() {
    return log.bytes;
  }

  int logLength() {
    return log.length;
  }

  byte[] stream() {
    return stream.bytes;
  }

  int streamLength() {
    return stream.length;
  }

  private boolean object() {
    if (!take('{')) {
      return false;
    }
    if (take('}')) {
      return true;
    }
    do {
      space();
      if (!text(name) || !take(':')) {
        return false;
      }
      Text wanted = wanted();
      if (wanted != null && wanted.present) {
        return false; // Twice: no driver writes that.
      }
      space();
      if (wanted == null ? !skipValue(0) : !text(wanted)) {
        return false;
      }
    } while (take(','));
    return take('}');
  }

  private @Nullable Text wanted() {
    if (Arrays.equals(name.bytes, 0, name.length, LOG, 0, LOG.length)) {
      return log;
    }
    return Arrays.equals(name.bytes, 0, name.length, STREAM, 0, STREAM.length) ? stream : null;
  }

  private boolean skipValue(int depth) {
    space();
    if (at == end || depth > DEEPEST) {
      return false;
    }
    if (line[at] == '"') {
      return text(name);
    }
    if (line[at] == '{' || line[at] == '[') {
      return skipNested(depth);
    }
    int start = at;
    while (at < end && ",]} \t".indexOf(line[at]) < 0) {
      at++;
    }
    return at > start;
  }

  private boolean skipNested(int depth) {
    boolean isObject = line[at] == '{';
    char close = isObject ? '}' : ']';
    at++;
    if (take(close)) {
      return true;
    }
    do {
      space();
      if (isObject && (!text(name) || !take(':'))) {
        return false;
      }
      if (!skipValue(depth + 1)) {
        return false;
      }
    } while (take(','));
    return take(close);
  }

  /** A JSON text, its escapes decoded; all other bytes as they are. */
  private boolean text(Text into) {
    if (at >= end || line[at] != '"') {
      return false;
    }
    at++;
    into.begin();
    while (at < end) {
      byte next = line[at++];
      if (next == '"') {
        return true;
      }
      if (next != '\\') {
        into.add(next);
      } else if (!escape(into)) {
        return false;
      }
    }
    return false;
  }

  private boolean escape(Text into) {
    if (at == end) {
      return false;
    }
    byte kind = line[at++];
    switch (kind) {
      case '"', '\\', '/' -> into.add(kind);
      case 'b' -> into.add('\b');
      case 'f' -> into.add('\f');
      case 'n' -> into.add('\n');
      case 'r' -> into.add('\r');
      case 't' -> into.add('\t');
      case 'u' -> {
        return codePoint(into);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean codePoint(Text into) {
    int unit = hex(at);
    if (unit < 0) {
      return false;
    }
    at += HEX_DIGITS;
    int code = unit;
    if (Character.isHighSurrogate((char) unit)
        && at + 2 + HEX_DIGITS <= end
        && line[at] == '\\'
        && line[at + 1] == 'u') {
      int low = hex(at + 2);
      if (low >= 0 && Character.isLowSurrogate((char) low)) {
        code = Character.toCodePoint((char) unit, (char) low);
        at += 2 + HEX_DIGITS;
      }
    }
    if (code <= Character.MAX_VALUE && Character.isSurrogate((char) code)) {
      code = 0xfffd; // Half a pair is no character.
    }
    for (byte octet : Character.toString(code).getBytes(StandardCharsets.UTF_8)) {
      into.add(octet);
    }
    return true;
  }

  private int hex(int from) {
    if (from + HEX_DIGITS > end) {
      return -1;
    }
    int value = 0;
    for (int i = from; i < from + HEX_DIGITS; i++) {
      int digit = Character.digit(line[i], 16);
      if (digit < 0) {
        return -1;
      }
      value = value << 4 | digit;
    }
    return value;
  }

  private void space() {
    while (at < end && (line[at] == ' ' || line[at] == '\t')) {
      at++;
    }
  }

  private boolean take(char character) {
    space();
    if (at < end && line[at] == character) {
      at++;
      return true;
    }
    return false;
  }
}
