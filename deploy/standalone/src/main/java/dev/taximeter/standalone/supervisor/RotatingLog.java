package dev.taximeter.standalone.supervisor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/** A log file that is set aside when it is full; old ones are dropped. For one writer. */
final class RotatingLog implements AutoCloseable {
  private static final long DEFAULT_MOST_BYTES = 8L << 20;
  private static final int KEPT = 3;

  private final Path file;
  private final long mostBytes;
  private OutputStream output;
  private long size;

  private RotatingLog(Path file, long mostBytes) throws IOException {
    this.file = file;
    this.mostBytes = mostBytes;
    this.output = append(file);
    this.size = Files.size(file);
  }

  static RotatingLog open(Path file) throws IOException {
    return open(file, DEFAULT_MOST_BYTES);
  }

  /**
   * @param mostBytes of one file; in all there are at most four
   */
  static RotatingLog open(Path file, long mostBytes) throws IOException {
    return new RotatingLog(file, mostBytes);
  }

  private static OutputStream append(Path file) throws IOException {
    return Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  synchronized void write(byte[] bytes, int count) throws IOException {
    if (size > 0 && size + count > mostBytes) {
      rotate();
    }
    output.write(bytes, 0, count);
    size += count;
  }

  private void rotate() throws IOException {
    output.close();
    for (int age = KEPT; age >= 1; age--) {
      Path source = age == 1 ? file : aged(age - 1);
      if (Files.exists(source)) {
        Files.move(source, aged(age), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    output = append(file);
    size = 0;
  }

  private Path aged(int age) {
    return file.resolveSibling(file.getFileName() + "." + age);
  }

  @Override
  public synchronized void close() throws IOException {
    output.close();
  }

  /**
   * @return the last lines of a log, oldest first; none if it cannot be read
   */
  static List<String> tail(Path file, int most) {
    Deque<String> last = new ArrayDeque<>();
    // A killed process can leave half a character, which ISO 8859-1 never rejects.
    try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
      lines.forEach(
          line -> {
            last.addLast(line);
            if (last.size() > most) {
              last.removeFirst();
            }
          });
    } catch (IOException e) {
      return List.of();
    }
    return List.copyOf(last);
  }
}
