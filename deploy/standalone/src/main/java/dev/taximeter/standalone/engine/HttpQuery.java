package dev.taximeter.standalone.engine;

import com.sun.net.httpserver.Headers;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks for, apart from its body.
 *
 * @param id echoed to the client
 * @param text the statement in the URL; the body then is its data; empty: the body is the statement
 * @param database the session's, or null for the default one
 * @param format of the answer unless the statement names one
 * @param compressAnswer in ClickHouse's block framing
 * @param compressedBody the body is in that framing
 * @param settings of the session, names checked
 */
record HttpQuery(
    String id,
    String text,
    @Nullable String database,
    String format,
    boolean compressAnswer,
    boolean compressedBody,
    Map<String, String> settings) {

  private static final int MOST_PARAMETERS = 256;
  private static final String DEFAULT_FORMAT = "TabSeparated";
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
  private static final Pattern SAFE_ID = Pattern.compile("[\\x21-\\x7e]{1,256}");

  /** Parameters of the HTTP protocol itself. They change nothing on a server without sessions. */
  private static final Set<String> IGNORED =
      Set.of(
          "client_protocol_version",
          "enable_http_compression",
          "wait_end_of_query",
          "send_progress_in_http_headers",
          "http_headers_progress_interval_ms",
          "http_write_exception_in_output_format",
          "cancel_http_readonly_queries_on_client_close",
          "buffer_size",
          "stacktrace",
          "role",
          "quota_key");

  private static final Set<String> REFUSED =
      Set.of("session_id", "session_check", "session_timeout", "user", "password");

  static HttpQuery parse(URI uri, Headers headers) throws EngineException {
    Map<String, String> parameters = parameters(uri);
    Map<String, String> settings = new LinkedHashMap<>();
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      String name = parameter.getKey();
      if (REFUSED.contains(name)) {
        throw EngineException.of(
            EngineException.BAD_ARGUMENTS, "the URL parameter " + name + " is not offered here");
      }
      if (!PROTOCOL.contains(name) && !IGNORED.contains(name)) {
        if (!NAME.matcher(name).matches()) {
          throw EngineException.of(
              EngineException.BAD_ARGUMENTS, "a URL parameter is no name of a setting");
        }
        settings.put(name, parameter.getValue());
      }
    }
    String id = parameters.getOrDefault("query_id", "");
    String database = firstNonBlank(headers, "X-ClickHouse-Database", parameters.get("database"));
    String format = firstNonBlank(headers, "X-ClickHouse-Format", parameters.get("default_format"));
    if (format != null && !NAME.matcher(format).matches()) {
      throw EngineException.of(EngineException.BAD_ARGUMENTS, "the format is no name of a format");
    }
    return new HttpQuery(
        SAFE_ID.matcher(id).matches() ? id : UUID.randomUUID().toString(),
        parameters.getOrDefault("query", ""),
        database,
        format == null ? DEFAULT_FORMAT : format,
        "1".equals(parameters.get("compress")),
        "1".equals(parameters.get("decompress")),
        settings);
  }

  private static final Set<String> PROTOCOL =
      Set.of("query", "query_id", "database", "default_format", "compress", "decompress");

  private static @Nullable String firstNonBlank(
      Headers headers, String header, @Nullable String parameter) {
    String value = headers.getFirst(header);
    if (value == null || value.isBlank()) {
      value = parameter;
    }
    return value == null || value.isBlank() ? null : value;
  }

  private static Map<String, String> parameters(URI uri) throws EngineException {
    Map<String, String> parameters = new LinkedHashMap<>();
    String query = uri.getRawQuery();
    if (query == null || query.isEmpty()) {
      return parameters;
    }
    String[] pairs = query.split("&", MOST_PARAMETERS + 1);
    if (pairs.length > MOST_PARAMETERS) {
      throw EngineException.of(
          EngineException.BAD_ARGUMENTS, "more than " + MOST_PARAMETERS + " URL parameters");
    }
    for (String pair : pairs) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      parameters.put(decode(name), decode(value));
    }
    return parameters;
  }

  private static String decode(String text) throws EngineException {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw EngineException.of(EngineException.BAD_ARGUMENTS, "the URL is not encoded correctly");
    }
  }

  /** The statements that give a fresh session these settings, in order. */
  String preparation(boolean reader) {
    StringBuilder statements = new StringBuilder("SET async_insert = 0");
    settings.forEach(
        (name, value) -> statements.append(", ").append(name).append(" = ").append(quote(value)));
    statements.append(';');
    // A reader's plain names must not reach the database whose tables are files.
    boolean files = database == null || database.equals(ReaderPolicy.FILE_DATABASE);
    String used = reader && files ? "system" : database;
    if (used != null) {
      statements.append("USE ").append(identifier(used)).append(';');
    }
    if (reader) {
      // A bare expression is no statement: its meaning would depend on what it is checked with.
      statements.append("SET implicit_select = 0;");
      // Last: from here on nothing can be written, and this setting cannot be taken back.
      statements.append("SET readonly = 2;");
    }
    return statements.toString();
  }

  static String quote(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  private static String identifier(String name) {
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`";
  }
}
