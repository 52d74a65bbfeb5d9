package dev.taximeter.standalone.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The body of a request whose URL holds an INSERT, in a file. Data behind a statement would be
 * searched by the engine for an empty line, behind which it runs what follows; from a file it reads
 * any bytes, so binary formats too, and takes less time for it.
 *
 * <p>The file lives as long as the request. It is not synced: what the engine has acknowledged is
 * in its own files.
 */
final class StagedData implements AutoCloseable {
  private static final String SUFFIX = ".inserted";
  private static final int CHUNK_BYTES = 64 << 10;

  /** A statement with settings, or with another source of rows, stays as it is. */
  private static final Pattern INSERT =
      Pattern.compile(
          "\\s*(insert\\s+into\\s(?:`[^`]*`|(?!\\b(?:select|values|infile|settings|format)\\b)[^`])*)"
              + "\\bformat\\s+(\\w+)\\s*;?\\s*",
          Pattern.CASE_INSENSITIVE);

  private final Path file;
  private final String statement;

  private StagedData(Path file, String statement) {
    this.file = file;
    this.statement = statement;
  }

  /** Makes the directory, and removes what a process that was killed has left in it. */
  static void prepare(Path directory) throws IOException {
    Files.createDirectories(directory);
    try (Stream<Path> left = Files.list(directory)) {
      for (Path file : left.filter(path -> path.toString().endsWith(SUFFIX)).toList()) {
        Files.delete(file);
      }
    }
  }

  /**
   * @param statement the one in the URL
   * @param mostBytes a longer body is refused
   * @return empty if the statement takes no data from the body; nothing has been read then
   */
  static Optional<StagedData> of(String statement, InputStream body, Path directory, long mostBytes)
      throws IOException, EngineException {
    Matcher insert = INSERT.matcher(statement);
    if (!insert.matches()) {
      return Optional.empty();
    }
    Path file = Files.createTempFile(directory, "", SUFFIX);
    StagedData staged =
        new StagedData(
            file,
            "%s FROM INFILE %s COMPRESSION 'none' FORMAT %s"
                .formatted(insert.group(1), HttpQuery.quote(file.toString()), insert.group(2)));
    try {
      copy(body, file, mostBytes);
    } catch (IOException | EngineException | RuntimeException e) {
      staged.close();
      throw e;
    }
    return Optional.of(staged);
  }

  private static void copy(InputStream body, Path file, long mostBytes)
      throws IOException, EngineException {
    try (OutputStream out = Files.newOutputStream(file)) {
      byte[] chunk = new byte[CHUNK_BYTES];
      long total = 0;
      for (int count = body.read(chunk); count >= 0; count = body.read(chunk)) {
        total += count;
        if (total > mostBytes) {
          throw EngineException.tooLarge(mostBytes);
        }
        out.write(chunk, 0, count);
      }
    }
  }

  /** The INSERT, with the file in place of the body. */
  String statement() {
    return statement;
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }
}
