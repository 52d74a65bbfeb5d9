package dev.taximeter.ship;

import dev.taximeter.contract.event.ShipperPosition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Recognises a file by what it holds. Names change with rotation, inodes are used again; the bytes
 * before a position do not change, so a file that has other bytes there is another file.
 */
final class FileContent {
  /** Bytes at the beginning, and before the position, that identify a file. */
  static final int WITNESS_BYTES = 4 * 1024;

  private static final int CHECKSUM_HEX_DIGITS = 32;
  private static final int COMPARED_BLOCK_BYTES = 256 * 1024;

  private FileContent() {}

  /**
   * @return bytes from an offset on; fewer than {@code length} if the file ends before
   */
  static byte[] read(FileChannel channel, long from, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        break;
      }
    }
    return buffer.hasRemaining()
        ? Arrays.copyOf(buffer.array(), buffer.position())
        : buffer.array();
  }

  /**
   * @return the file's first bytes, of those before the position
   */
  static byte[] head(FileChannel channel, long offset) throws IOException {
    return read(channel, 0, (int) Math.min(offset, WITNESS_BYTES));
  }

  static String checksum(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(digest).substring(0, CHECKSUM_HEX_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * @return the file's last bytes before the position
   */
  static byte[] tail(FileChannel channel, long offset) throws IOException {
    int length = (int) Math.min(offset, WITNESS_BYTES);
    return read(channel, offset - length, length);
  }

  /**
   * @return whether the position was reached in this very file, or a copy of it
   */
  static boolean matches(FileChannel channel, ShipperPosition position) throws IOException {
    return channel.size() >= position.offset()
        && position.headLength() <= WITNESS_BYTES
        && checksum(read(channel, 0, position.headLength())).equals(position.head())
        && checksum(tail(channel, position.offset())).equals(position.tail());
  }

  /**
   * @return whether a file begins with all that another holds
   */
  static boolean isPrefix(FileChannel shorter, FileChannel longer) throws IOException {
    long size = shorter.size();
    for (long offset = 0; offset < size; offset += COMPARED_BLOCK_BYTES) {
      int length = (int) Math.min(COMPARED_BLOCK_BYTES, size - offset);
      byte[] bytes = read(shorter, offset, length);
      if (!Arrays.equals(bytes, read(longer, offset, length))) {
        return false;
      }
    }
    return true;
  }
}
