package dev.taximeter.ship;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Reads the lines of a file exactly as a backfill would, and ships nothing. */
public final class LineReader {
  private static final int BLOCK_BYTES = 256 * 1024;

  private LineReader() {}

  /** Takes lines one by one, in order. */
  @FunctionalInterface
  public interface Lines {
    /**
     * @param offset of the line's first byte in the file, decompressed
     * @param bytes holds the line from {@code from} to before {@code to}; only valid during the
     *     call
     * @param truncated whether the line is longer than can be shipped and this is only its
     *     beginning
     */
    void line(long offset, byte[] bytes, int from, int to, boolean truncated);
  }

  /**
   * Reads a file from its beginning to its end, in constant memory.
   *
   * @param file plain, gzip or zstd, by its first bytes; {@code -} for standard input
   * @return bytes read, decompressed
   * @throws UnreadableFileException if it cannot be read, or is damaged; lines before the damage
   *     have been passed on by then
   */
  public static long read(Path file, InputStream standardInput, Lines lines) {
    InputFile input = InputFile.unchecked(file, standardInput);
    LineSplitter splitter = new LineSplitter(0, BLOCK_BYTES, lines::line);
    try (InputFile.Opened content = input.open()) {
      while (true) {
        ByteBuffer room = splitter.room();
        int count = content.read(room.array(), room.position(), room.remaining());
        if (count < 0) {
          break;
        }
        splitter.filled(count);
      }
    } catch (IOException e) {
      throw new UnreadableFileException(file + " cannot be closed: " + e.getMessage());
    }
    splitter.finish();
    return splitter.consumed();
  }
}
