package dev.taximeter.ship;

import dev.taximeter.contract.event.LineExtent;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.gateway.LineFormat;
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
     * @param extent how much of the line this is
     */
    void line(long offset, byte[] bytes, int from, int to, LineExtent extent);
  }

  /**
   * Reads a file from its beginning to its end, in constant memory.
   *
   * @param file plain, gzip or zstd, by its first bytes; {@code -} for standard input
   * @param source what the file is called in rules
   * @param format what a collector has wrapped around the lines
   * @return bytes read, decompressed
   * @throws UnreadableFileException if it cannot be read, or is damaged; lines before the damage
   *     have been passed on by then
   */
  public static long read(
      Path file, LineSource source, LineFormat format, InputStream standardInput, Lines lines) {
    InputFile input = InputFile.unchecked(file, standardInput);
    InputLines content =
        new InputLines(
            source,
            source.path(),
            format,
            BLOCK_BYTES,
            (identity, offset, bytes, from, to, extent) ->
                lines.line(offset, bytes, from, to, extent));
    long total = 0;
    try (InputFile.Opened opened = input.open()) {
      while (true) {
        ByteBuffer room = content.room();
        int count = opened.read(room.array(), room.position(), room.remaining());
        if (count < 0) {
          break;
        }
        content.filled(room, count);
        total += count;
      }
    } catch (IOException e) {
      throw new UnreadableFileException(file + " cannot be closed: " + e.getMessage());
    }
    // A last line in pieces without its end is none, as for a backfill.
    content.finish();
    return total;
  }
}
