package dev.taximeter.ship;

import com.github.luben.zstd.ZstdInputStream;
import dev.taximeter.contract.event.LineSource;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A file to be shipped as a whole: plain, gzip or zstd by its first bytes; or standard input. */
final class InputFile {
  /** Compressed files up to this size are decompressed once before anything of them is shipped. */
  private static final long CHECKED_BYTES = 256L * 1024 * 1024;

  private static final int BUFFER_BYTES = 256 * 1024;
  private static final byte[] GZIP_MAGIC = {0x1f, (byte) 0x8b};
  private static final byte[] ZSTD_MAGIC = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};
  private static final Path STANDARD_INPUT = Path.of("-");

  private enum Format {
    PLAIN,
    GZIP,
    ZSTD
  }

  private final String name;
  private final LineSource source;
  private final @Nullable Path path;
  private final InputStream standardInput;

  private InputFile(
      String name, LineSource source, @Nullable Path path, InputStream standardInput) {
    this.name = name;
    this.source = source;
    this.path = path;
    this.standardInput = standardInput;
  }

  /**
   * Looks whether the file can be shipped.
   *
   * @throws UnreadableFileException if not
   */
  static InputFile check(Path path, String host, InputStream standardInput) {
    if (path.equals(STANDARD_INPUT)) {
      return new InputFile("standard input", new LineSource(host, "stdin"), null, standardInput);
    }
    String name = path.toString();
    if (path.toAbsolutePath().toString().chars().anyMatch(Character::isISOControl)) {
      throw new UnreadableFileException("a file name must not hold control characters");
    }
    LineSource source = new LineSource(host, path.toAbsolutePath().normalize().toString());
    InputFile file = new InputFile(name, source, path, standardInput);
    file.check();
    return file;
  }

  /**
   * A file that is only read: what is wrong with it is told when it is opened or read.
   *
   * @throws UnreadableFileException if it is a directory
   */
  static InputFile unchecked(Path path, InputStream standardInput) {
    if (path.equals(STANDARD_INPUT)) {
      return check(path, "", standardInput);
    }
    if (Files.isDirectory(path)) {
      throw new UnreadableFileException(path + " is a directory, not a file");
    }
    LineSource source = new LineSource("", path.toAbsolutePath().normalize().toString());
    return new InputFile(path.toString(), source, path, standardInput);
  }

  /**
   * @return what people call it
   */
  String name() {
    return name;
  }

  LineSource source() {
    return source;
  }

  /**
   * @return what tells the file from others on this machine
   */
  String fileKey() {
    try {
      RotatedFiles.Found found = path == null ? null : RotatedFiles.find(path, false);
      return found == null ? "path=" + source.path() : found.fileKey();
    } catch (IOException e) {
      return "path=" + source.path();
    }
  }

  /**
   * @return size as stored; -1 if it is not known
   */
  long size() {
    try {
      return path != null && Files.isRegularFile(path) ? Files.size(path) : -1;
    } catch (IOException e) {
      return -1;
    }
  }

  private void check() {
    if (path == null) {
      return;
    }
    if (Files.isDirectory(path)) {
      throw new UnreadableFileException(name + " is a directory, not a file");
    }
    if (!Files.isRegularFile(path) && Files.exists(path)) {
      return; // A pipe can be read only once.
    }
    try (Opened opened = open()) {
      if (opened.isCompressed() && Files.size(path) <= CHECKED_BYTES) {
        byte[] buffer = new byte[BUFFER_BYTES];
        int count = 0;
        while (count >= 0) {
          count = opened.read(buffer, 0, buffer.length);
        }
      }
    } catch (IOException e) {
      throw new UnreadableFileException(name + " cannot be read: " + e.getMessage());
    }
  }

  /**
   * @throws UnreadableFileException if it cannot be opened, or is not what its name says
   */
  Opened open() {
    Counting stored = null;
    try {
      stored = new Counting(path == null ? standardInput : Files.newInputStream(path));
      BufferedInputStream buffered = new BufferedInputStream(stored, BUFFER_BYTES);
      Format format = format(buffered);
      if ((name.endsWith(".gz") && format != Format.GZIP)
          || (name.endsWith(".zst") && format != Format.ZSTD)) {
        stored.close();
        throw new UnreadableFileException(
            name + " is not the compressed file that its name promises");
      }
      InputStream content =
          switch (format) {
            case PLAIN -> buffered;
            case GZIP -> new GzipMembersInputStream(buffered);
            case ZSTD -> new ZstdInputStream(buffered);
          };
      return new Opened(content, stored, format != Format.PLAIN);
    } catch (NoSuchFileException e) {
      throw new UnreadableFileException(name + " does not exist");
    } catch (AccessDeniedException e) {
      throw new UnreadableFileException(name + " cannot be read: permission denied");
    } catch (IOException e) {
      throw new UnreadableFileException(name + " cannot be read: " + e.getMessage());
    }
  }

  private static Format format(BufferedInputStream stream) throws IOException {
    stream.mark(ZSTD_MAGIC.length);
    byte[] first = stream.readNBytes(ZSTD_MAGIC.length);
    stream.reset();
    if (Arrays.equals(first, ZSTD_MAGIC)) {
      return Format.ZSTD;
    }
    boolean gzip =
        first.length >= GZIP_MAGIC.length
            && Arrays.equals(Arrays.copyOf(first, GZIP_MAGIC.length), GZIP_MAGIC);
    return gzip ? Format.GZIP : Format.PLAIN;
  }

  /** The content of the file, decompressed. */
  final class Opened implements AutoCloseable {
    private final InputStream content;
    private final Counting stored;
    private final boolean compressed;

    private Opened(InputStream content, Counting stored, boolean compressed) {
      this.content = content;
      this.stored = stored;
      this.compressed = compressed;
    }

    boolean isCompressed() {
      return compressed;
    }

    /** Bytes read so far, as they are stored. */
    long storedBytesRead() {
      return stored.count;
    }

    /**
     * @return bytes read, or -1 at the end
     * @throws UnreadableFileException if the file is damaged
     */
    int read(byte[] bytes, int offset, int length) {
      try {
        return content.read(bytes, offset, length);
      } catch (IOException e) {
        throw new UnreadableFileException(
            name
                + (compressed ? " is damaged: " : " cannot be read: ")
                + (e.getMessage() == null ? e.toString() : e.getMessage()));
      }
    }

    @Override
    public void close() throws IOException {
      content.close();
    }
  }

  private static final class Counting extends FilterInputStream {
    private long count;

    Counting(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      count += read < 0 ? 0 : 1;
      return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      count += Math.max(0, read);
      return read;
    }
  }
}
