package dev.taximeter.ship;

import dev.taximeter.contract.event.SourceState;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The short name of a file in headers and reports: 8 hex digits of machine and inode, and 16 of its
 * first line. The latter are the same for every copy of the file, wherever it lies.
 */
final class FileIdentity {
  private static final int PLACE_DIGITS = 8;
  private static final int CONTENT_DIGITS = 16;

  private FileIdentity() {}

  /**
   * @param fileKey device and inode, or another identity that outlives renaming
   * @return the identity, which does not change while the file grows; null until its first line is
   *     complete
   */
  static @Nullable String of(String host, String fileKey, FileChannel channel) throws IOException {
    byte[] head = FileContent.read(channel, 0, FileContent.WITNESS_BYTES);
    return isStable(head) ? of(host, fileKey, head, head.length) : null;
  }

  /**
   * @param head the file's first bytes
   * @return whether they are all that the identity depends on
   */
  static boolean isStable(byte[] head) {
    return head.length >= FileContent.WITNESS_BYTES || firstLineEnd(head, head.length) >= 0;
  }

  /**
   * @param length how many bytes of {@code head} there are; its first line decides, or all of it
   */
  static String of(String host, String fileKey, byte[] head, int length) {
    int lineEnd = firstLineEnd(head, Math.min(length, FileContent.WITNESS_BYTES));
    int end = lineEnd < 0 ? Math.min(length, FileContent.WITNESS_BYTES) : lineEnd + 1;
    if (end == 0) {
      return SourceState.UNKNOWN_FILE;
    }
    byte[] place = (host + '\t' + fileKey).getBytes(StandardCharsets.UTF_8);
    return FileContent.checksum(place).substring(0, PLACE_DIGITS)
        + '-'
        + FileContent.checksum(Arrays.copyOf(head, end)).substring(0, CONTENT_DIGITS);
  }

  /**
   * @return the part of an identity that every copy of the file has; empty if it is not known
   */
  static String content(String identity) {
    return identity.length() > CONTENT_DIGITS
        ? identity.substring(identity.length() - CONTENT_DIGITS)
        : "";
  }

  private static int firstLineEnd(byte[] head, int length) {
    for (int i = 0; i < length; i++) {
      if (head[i] == '\n') {
        return i;
      }
    }
    return -1;
  }
}
