package dev.taximeter.standalone.engine;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The part of the engine's C interface that is used. Names and types are the library's. */
interface NativeEngine extends Library {
  /** State of a call that worked. */
  int SUCCESS = 0;

  /** Class of a statement that leaves no trace, as the engine's own parser decides. */
  int READ_ONLY = 0;

  /** Class of a text that the parser refuses; running it tells why. */
  int UNKNOWN = 4;

  /** Size of the analysis: four unsigned 32-bit numbers. */
  int ANALYSIS_BYTES = 16;

  long ANALYSIS_STATEMENTS_OFFSET = 4;
  long ANALYSIS_CLASS_OFFSET = 12;

  static NativeEngine load(Path library) {
    return Native.load(
        library.toString(), NativeEngine.class, Map.of(OPTION_STRING_ENCODING, "UTF-8"));
  }

  void chdb_set_signal_handlers_enabled(int enabled);

  /**
   * @return pointer to a connection, or null
   */
  @Nullable Pointer chdb_connect(int count, StringArray arguments);

  void chdb_close_conn(Pointer connection);

  int chdb_shutdown();

  @Nullable Pointer chdb_query_n(
      Pointer connection, Pointer query, long queryLength, byte[] format, long formatLength);

  int chdb_classify_query_n(
      Pointer connection,
      Pointer query,
      long queryLength,
      @Nullable Pointer database,
      long databaseLength,
      Pointer analysis);

  @Nullable Pointer chdb_result_buffer(Pointer result);

  long chdb_result_length(Pointer result);

  @Nullable String chdb_result_error(Pointer result);

  double chdb_result_elapsed(Pointer result);

  long chdb_result_storage_rows_read(Pointer result);

  long chdb_result_storage_bytes_read(Pointer result);

  long chdb_result_rows_written(Pointer result);

  long chdb_result_bytes_written(Pointer result);

  void chdb_destroy_query_result(Pointer result);
}
