package dev.taximeter.standalone.engine;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ClickHouse engine in this process. It owns its data directory: a second process on it is
 * refused. Thread-safe.
 */
final class Engine implements AutoCloseable {
  private static final int COPY_BYTES = 64 * 1024;
  private static final String NO_FORMAT = "Null";

  private final NativeEngine library;
  private final List<String> arguments;

  /** Kept open for the life of the process: closing the last connection stops the engine. */
  private final Pointer anchor;

  private Engine(NativeEngine library, List<String> arguments, Pointer anchor) {
    this.library = library;
    this.arguments = arguments;
    this.anchor = anchor;
  }

  /**
   * @param file the engine's shared library
   * @param data its data directory
   * @param configuration server settings, an XML file
   * @throws EngineException if it does not start, most often because another process has the data
   */
  static Engine open(Path file, Path data, Path configuration) throws EngineException {
    NativeEngine library = NativeEngine.load(file);
    // The Java machine needs its own handlers: it turns some faults into exceptions.
    library.chdb_set_signal_handlers_enabled(0);
    List<String> arguments =
        List.of("clickhouse", "--path=" + data, "--config-file=" + configuration);
    Pointer anchor = connect(library, arguments);
    return new Engine(library, arguments, anchor);
  }

  private static Pointer connect(NativeEngine library, List<String> arguments)
      throws EngineException {
    Pointer connection =
        library.chdb_connect(arguments.size(), new StringArray(arguments.toArray(String[]::new)));
    if (connection == null) {
      throw EngineException.of(
          EngineException.UNKNOWN_EXCEPTION,
          "the engine gave no connection; another process may use its data directory");
    }
    return connection;
  }

  /** A session of its own: what is set on it is seen by no other. */
  Session session() throws EngineException {
    return new Session(connect(library, arguments));
  }

  @Override
  public void close() {
    library.chdb_close_conn(anchor);
    library.chdb_shutdown();
  }

  /** For one thread at a time. */
  final class Session implements AutoCloseable {
    private final Pointer pointer;

    private Session(Pointer pointer) {
      this.pointer = pointer;
    }

    private Pointer connection() {
      return pointer.getPointer(0);
    }

    /** Runs statements whose result does not matter. */
    void run(String statement) throws EngineException {
      byte[] bytes = statement.getBytes(StandardCharsets.UTF_8);
      try (Memory text = new Memory(bytes.length)) {
        text.write(0, bytes, 0, bytes.length);
        query(text, bytes.length, NO_FORMAT).close();
      }
    }

    Result query(NativeText text, String format) throws EngineException {
      return query(text.pointer(), text.length(), format);
    }

    private Result query(Pointer text, long length, String format) throws EngineException {
      byte[] name = format.getBytes(StandardCharsets.UTF_8);
      Pointer result = library.chdb_query_n(connection(), text, length, name, name.length);
      if (result == null) {
        throw EngineException.of(
            EngineException.UNKNOWN_EXCEPTION, "the engine gave no answer to the query");
      }
      String error = library.chdb_result_error(result);
      if (error != null) {
        library.chdb_destroy_query_result(result);
        throw EngineException.reported(error);
      }
      return new Result(result);
    }

    /**
     * Refuses whatever leaves a trace in the engine or outside of it, by the engine's own parser. A
     * text that does not parse passes, so that running it reports the error.
     */
    void requireReadOnly(NativeText text) throws EngineException {
      try (Memory analysis = new Memory(NativeEngine.ANALYSIS_BYTES)) {
        analysis.clear();
        analysis.setInt(0, NativeEngine.ANALYSIS_BYTES);
        int state =
            library.chdb_classify_query_n(
                connection(), text.pointer(), text.length(), null, 0, analysis);
        int kind = analysis.getInt(NativeEngine.ANALYSIS_CLASS_OFFSET);
        if (state != NativeEngine.SUCCESS
            || (kind != NativeEngine.READ_ONLY && kind != NativeEngine.UNKNOWN)) {
          throw EngineException.of(
              EngineException.READONLY, "this user may only read, and this statement does more");
        }
        if (analysis.getInt(NativeEngine.ANALYSIS_STATEMENTS_OFFSET) > 1) {
          throw EngineException.of(EngineException.READONLY, "this user may send one statement");
        }
      }
    }

    /** The rows of a query as text, a line each. */
    String value(String query) throws EngineException, IOException {
      byte[] bytes = query.getBytes(StandardCharsets.UTF_8);
      try (Memory text = new Memory(bytes.length)) {
        text.write(0, bytes, 0, bytes.length);
        return value(text, bytes.length);
      }
    }

    /** The rows of a query as text, a line each. */
    String value(Pointer query, long length) throws EngineException, IOException {
      try (Result result = query(query, length, "TabSeparatedRaw")) {
        var output = new java.io.ByteArrayOutputStream();
        result.writeTo(output);
        return output.toString(StandardCharsets.UTF_8).strip();
      }
    }

    @Override
    public void close() {
      library.chdb_close_conn(pointer);
    }
  }

  /** An answer in the engine's memory. */
  final class Result implements AutoCloseable {
    private static final double NANOSECONDS_PER_SECOND = 1e9;

    private final Pointer result;

    private Result(Pointer result) {
      this.result = result;
    }

    void writeTo(OutputStream output) throws IOException {
      @Nullable Pointer buffer = library.chdb_result_buffer(result);
      long length = library.chdb_result_length(result);
      if (buffer == null) {
        return;
      }
      byte[] chunk = new byte[COPY_BYTES];
      for (long offset = 0; offset < length; ) {
        int count = (int) Math.min(chunk.length, length - offset);
        ByteBuffer source = buffer.getByteBuffer(offset, count);
        source.get(chunk, 0, count);
        output.write(chunk, 0, count);
        offset += count;
      }
    }

    /** In bytes. */
    long length() {
      return library.chdb_result_length(result);
    }

    /** The counts in the form of ClickHouse's header {@code X-ClickHouse-Summary}. */
    String summary() {
      return List.of(
              field("read_rows", library.chdb_result_storage_rows_read(result)),
              field("read_bytes", library.chdb_result_storage_bytes_read(result)),
              field("written_rows", library.chdb_result_rows_written(result)),
              field("written_bytes", library.chdb_result_bytes_written(result)),
              field(
                  "elapsed_ns",
                  (long) (library.chdb_result_elapsed(result) * NANOSECONDS_PER_SECOND)))
          .stream()
          .collect(java.util.stream.Collectors.joining(",", "{", "}"));
    }

    private static String field(String name, long value) {
      return "\"" + name + "\":\"" + value + "\"";
    }

    @Override
    public void close() {
      library.chdb_destroy_query_result(result);
    }
  }
}
