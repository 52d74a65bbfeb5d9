package dev.taximeter.ship;

import dev.taximeter.contract.event.LineExtent;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.gateway.LineFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** Reads the lines of files exactly as a backfill would, and ships nothing. */
public final class LineReader {
  private static final int BLOCK_BYTES = 256 * 1024;

  private LineReader() {}

  /** Takes what files hold, one after another. */
  public interface Visitor {
    /**
     * @param source what the file is called in rules; its host is not known
     * @param name what people call it
     */
    void begin(LineSource source, String name);

    /**
     * @param buffer holds the line from {@code from} to before {@code to}; only valid during the
     *     call
     * @param extent how much of the line this is
     */
    void line(byte[] buffer, int from, int to, LineExtent extent);

    /**
     * @param bytes of the file, decompressed
     */
    void end(long bytes);
  }

  /**
   * Reads files from their beginnings to their ends, in constant memory: those that rotation has
   * made of one in the order in which they were written, and all others as they come.
   *
   * @param files plain, gzip or zstd, by their first bytes; {@code -} for standard input
   * @param formats what a collector has wrapped around the lines
   * @throws UnreadableFileException if one cannot be read, or is damaged; lines before the damage
   *     have been passed on by then
   */
  public static void read(
      List<Path> files,
      Function<LineSource, LineFormat> formats,
      InputStream standardInput,
      Visitor visitor) {
    List<InputFile> inputs =
        files.stream().map(file -> InputFile.unchecked(file, standardInput)).toList();
    Joiners joiners = new Joiners();
    for (InputOrder.Placed input : InputOrder.of(inputs, formats)) {
      read(input.file(), joiners.next(input), visitor);
    }
  }

  private static void read(InputFile input, LineJoiner joiner, Visitor visitor) {
    visitor.begin(input.source(), input.name());
    InputLines content =
        new InputLines(
            input.source(),
            input.fileKey(),
            joiner,
            BLOCK_BYTES,
            (identity, offset, bytes, from, to, extent) -> visitor.line(bytes, from, to, extent));
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
      throw new UnreadableFileException(input.name() + " cannot be closed: " + e.getMessage());
    }
    // A last line in pieces without its end is none, as for a backfill.
    content.finish();
    visitor.end(total);
  }
}
