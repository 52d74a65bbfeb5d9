package dev.taximeter.ship;

import dev.taximeter.contract.gateway.LineFormat;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Takes a line of a collector's file apart: which stream it belongs to, its content, and whether
 * that ends a line of the gateway. One object serves for all lines; not thread-safe.
 */
final class WrappedLine {
  /** Where a container wrote to; the pieces of each are joined by themselves. */
  enum Stream {
    STDOUT,
    STDERR;

    String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final byte[] STDOUT = "stdout".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] STDERR = "stderr".getBytes(StandardCharsets.US_ASCII);

  /** {@code 2026-11-03T08:14:05}. */
  private static final String INSTANT = "dddd-dd-ddTdd:dd:dd";

  private static final String OFFSET = "dd:dd";

  private static final String DOCKER_TIME = "\"time\":\"";

  private final LineFormat format;
  private final DockerJson docker = new DockerJson();
  private Stream stream = Stream.STDOUT;
  private boolean last = true;
  private byte[] bytes = new byte[0];
  private int from;
  private int to;

  // The whole line, as the collector wrote it.
  private byte[] raw = new byte[0];
  private int rawFrom;
  private int rawTo;

  WrappedLine(LineFormat format) {
    this.format = format;
  }

  /**
   * @return whether the line is one of this format; others stay as they are
   */
  boolean read(byte[] line, int start, int end) {
    raw = line;
    rawFrom = start;
    rawTo = end;
    return switch (format) {
      case PLAIN -> content(line, start, end, Stream.STDOUT, true);
      case TIMESTAMP -> readTimestamp(line, start, end);
      case CRI -> readCri(line, start, end);
      case DOCKER_JSON -> readDocker(line, start, end);
    };
  }

  private boolean readTimestamp(byte[] line, int start, int end) {
    int after = afterInstant(line, start, end);
    return after >= 0
        && after < end
        && (line[after] == ' ' || line[after] == '\t')
        && content(line, after + 1, end, Stream.STDOUT, true);
  }

  /** {@code <instant> stdout|stderr P|F[:tags] <text>}. */
  private boolean readCri(byte[] line, int start, int end) {
    int at = afterInstant(line, start, end);
    if (at < 0 || at >= end || line[at] != ' ') {
      return false;
    }
    int streamEnd = indexOf(line, ' ', at + 1, end);
    @Nullable Stream named = stream(line, at + 1, streamEnd);
    if (named == null || streamEnd + 1 >= end) {
      return false;
    }
    byte tag = line[streamEnd + 1];
    int tagsEnd = indexOf(line, ' ', streamEnd + 1, end);
    boolean alone = tagsEnd == streamEnd + 2;
    if ((tag != 'P' && tag != 'F') || !(alone || line[streamEnd + 2] == ':')) {
      return false;
    }
    return content(line, Math.min(tagsEnd + 1, end), end, named, tag == 'F');
  }

  private boolean readDocker(byte[] line, int start, int end) {
    if (!docker.read(line, start, end)) {
      return false;
    }
    @Nullable Stream named = stream(docker.stream(), 0, docker.streamLength());
    if (named == null) {
      return false;
    }
    int length = docker.logLength();
    boolean complete = length > 0 && docker.log()[length - 1] == '\n';
    return content(docker.log(), 0, complete ? length - 1 : length, named, complete);
  }

  private boolean content(byte[] line, int start, int end, Stream named, boolean complete) {
    bytes = line;
    from = start;
    to = end;
    stream = named;
    last = complete;
    return true;
  }

  private static @Nullable Stream stream(byte[] line, int from, int to) {
    if (Arrays.equals(line, from, to, STDOUT, 0, STDOUT.length)) {
      return Stream.STDOUT;
    }
    return Arrays.equals(line, from, to, STDERR, 0, STDERR.length) ? Stream.STDERR : null;
  }

  /** Where an RFC 3339 instant ends; -1 if there is none. */
  private static int afterInstant(byte[] line, int start, int end) {
    int at = afterPattern(INSTANT, line, start, end);
    if (at < 0 || at >= end) {
      return -1;
    }
    if (line[at] == '.') {
      int fraction = at + 1;
      at = fraction;
      while (at < end && isDigit(line[at])) {
        at++;
      }
      if (at == fraction || at == end) {
        return -1;
      }
    }
    if (line[at] == 'Z' || line[at] == 'z') {
      return at + 1;
    }
    return line[at] == '+' || line[at] == '-' ? afterPattern(OFFSET, line, at + 1, end) : -1;
  }

  private static int afterPattern(String pattern, byte[] line, int start, int end) {
    if (end - start < pattern.length()) {
      return -1;
    }
    for (int i = 0; i < pattern.length(); i++) {
      char expected = pattern.charAt(i);
      byte found = line[start + i];
      boolean fits =
          switch (expected) {
            case 'd' -> isDigit(found);
            case 'T' -> found == 'T' || found == 't';
            default -> found == expected;
          };
      if (!fits) {
        return -1;
      }
    }
    return start + pattern.length();
  }

  private static boolean isDigit(byte character) {
    return character >= '0' && character <= '9';
  }

  /** {@code end} if there is none. */
  private static int indexOf(byte[] line, char character, int from, int end) {
    for (int i = from; i < end; i++) {
      if (line[i] == character) {
        return i;
      }
    }
    return end;
  }

  Stream stream() {
    return stream;
  }

  /**
   * @return whether the gateway's line ends with this content
   */
  boolean isLast() {
    return last;
  }

  /** Holds the content from {@link #from} to before {@link #to}, until the next line is read. */
  byte[] bytes() {
    return bytes;
  }

  int from() {
    return from;
  }

  /**
   * @return when the collector got the content, until the next line is read; null if it does not
   *     say
   */
  @Nullable Instant instant() {
    String text = new String(raw, rawFrom, rawTo - rawFrom, StandardCharsets.ISO_8859_1);
    // Within the log's text quotes are escaped, so the last of these is the driver's own.
    int start = format == LineFormat.DOCKER_JSON ? text.lastIndexOf(DOCKER_TIME) : 0;
    start += start > 0 ? DOCKER_TIME.length() : 0;
    int end = text.indexOf(format == LineFormat.DOCKER_JSON ? '"' : ' ', Math.max(start, 0));
    if (start < 0 || end < 0) {
      return null;
    }
    try {
      return OffsetDateTime.parse(text.substring(start, end)).toInstant();
    } catch (DateTimeException e) {
      return null;
    }
  }

  int to() {
    return to;
  }
}
