package dev.taximeter.contract.event;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A line as it travels in the raw topic: {@code host TAB path TAB byte-offset TAB line}, the line's
 * bytes untouched, so that hash and parser see what the gateway wrote, whoever shipped it.
 *
 * @param host name of the machine that holds the file; no tab
 * @param path the file's path there; no tab
 * @param offset byte offset of the line's first byte in that file, 0 or more; -1 if unknown
 * @param line the line without its end-of-line
 */
public record RawLine(String host, String path, long offset, byte[] line) {
  /** Record header that names the shipment (one run of a shipper) which carried the line. */
  public static final String SHIPMENT_HEADER = "shipment";

  /**
   * Record header of a line that is only a part of one: of one too long to ship its beginning, of
   * one that lost a piece the rest. Its value is 1.
   */
  public static final String TRUNCATED_HEADER = "truncated";

  /**
   * Record header of a line that may be only the end of one: {@link
   * LineExtent#UNCERTAIN_BEGINNING}. Its value is 1.
   */
  public static final String UNCERTAIN_BEGINNING_HEADER = "uncertain-beginning";

  /** Record header that names the file of a line our own shippers sent: 8 and 16 hex digits. */
  public static final String FILE_HEADER = "file";

  /**
   * Record header of a record that holds no line: its shipper is alive, and everything written to
   * the source before the instant in this header was sent before. Goes to every partition; its key
   * means nothing. Value: milliseconds of the epoch, a slash, the number of partitions, as digits.
   * A shipment that has an end says so with {@link SourceInput.Heartbeat#END}.
   */
  public static final String HEARTBEAT_HEADER = "heartbeat";

  /**
   * Record header of a dead letter that is sent again; its value proves that metering itself sent
   * it: {@link dev.taximeter.contract.security.ReplayStamp}.
   */
  public static final String REPLAY_HEADER = "replay";

  /**
   * Record header of a replayed line that is in suspense, beside the one of the replay, which
   * covers it. Its value is the code of the {@link Reason}, and the tokens as they were counted
   * when the line came. Such a line only finds its way to the desk, and has no other fate.
   */
  public static final String SUSPENSE_HEADER = "suspense";

  /**
   * How far the clock of a shipper's machine may be ahead. Brokers refuse records that are stamped
   * further in the future, unless somebody changed {@code log.message.timestamp.after.max.ms}.
   */
  public static final Duration MOST_AHEAD = Duration.ofHours(1);

  private static final int FNV_OFFSET_BASIS = 0x811c9dc5;
  private static final int FNV_PRIME = 0x01000193;
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  public RawLine {
    if (host.indexOf('\t') >= 0 || path.indexOf('\t') >= 0) {
      throw new IllegalArgumentException("host and path must not contain a tab");
    }
    if (offset < -1) {
      throw new IllegalArgumentException("offset must be -1 or more: " + offset);
    }
  }

  /**
   * @return the framed bytes
   */
  public byte[] toBytes() {
    byte[] head = (host + '\t' + path + '\t' + offset + '\t').getBytes(StandardCharsets.UTF_8);
    byte[] frame = Arrays.copyOf(head, head.length + line.length);
    System.arraycopy(line, 0, frame, head.length, line.length);
    return frame;
  }

  /**
   * @return the line, or null if the bytes are not a frame
   */
  public static @Nullable RawLine fromBytes(byte[] frame) {
    int hostEnd = indexOfTab(frame, 0);
    int pathEnd = hostEnd < 0 ? -1 : indexOfTab(frame, hostEnd + 1);
    int offsetEnd = pathEnd < 0 ? -1 : indexOfTab(frame, pathEnd + 1);
    if (offsetEnd < 0) {
      return null;
    }
    long offset = parseOffset(frame, pathEnd + 1, offsetEnd);
    if (offset < -1) {
      return null;
    }
    return new RawLine(
        new String(frame, 0, hostEnd, StandardCharsets.UTF_8),
        new String(frame, hostEnd + 1, pathEnd - hostEnd - 1, StandardCharsets.UTF_8),
        offset,
        Arrays.copyOfRange(frame, offsetEnd + 1, frame.length));
  }

  /**
   * The key of the line's record in the raw topic: every copy of a line has the same, so all copies
   * meet in one partition and are de-duplicated there.
   *
   * @return the 32-bit FNV-1a checksum of the line's bytes, 8 lower-case hex digits, ASCII
   */
  public static byte[] checksum(byte[] line) {
    return checksum(line, 0, line.length);
  }

  /**
   * @param from first byte of the line in {@code bytes}
   * @param to first byte after it
   * @return as {@link #checksum(byte[])}
   */
  public static byte[] checksum(byte[] bytes, int from, int to) {
    int hash = FNV_OFFSET_BASIS;
    for (int i = from; i < to; i++) {
      hash = (hash ^ (bytes[i] & 0xff)) * FNV_PRIME;
    }
    byte[] digits = new byte[8];
    for (int i = 7; i >= 0; i--) {
      digits[i] = (byte) HEX[hash & 0xf];
      hash >>>= 4;
    }
    return digits;
  }

  private static int indexOfTab(byte[] bytes, int from) {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] == '\t') {
        return i;
      }
    }
    return -1;
  }

  /** Returns -2 if the digits are no offset. */
  private static long parseOffset(byte[] bytes, int from, int to) {
    if (to - from == 2 && bytes[from] == '-' && bytes[from + 1] == '1') {
      return -1;
    }
    if (to <= from || to - from > 18) {
      return -2;
    }
    long value = 0;
    for (int i = from; i < to; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        return -2;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
