package dev.taximeter.standalone.engine;

import com.sun.jna.Memory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the reading user may send. The embedded engine knows no users and gives its SQL the rights
 * of the process, files and network included; so each statement is taken apart by the engine's own
 * parser, and whatever is not known to stay inside the databases is refused.
 */
final class ReaderPolicy {
  /** Statements are written by people and programs, not made of data. */
  private static final int MOST_BYTES = 256 * 1024;

  /** Kinds of statements, as the root of the parsed tree is called. */
  private static final Set<String> STATEMENTS =
      Set.of(
          "SelectWithUnionQuery",
          "SelectIntersectExceptQuery",
          "SelectQuery",
          "DescribeQuery",
          "Explain",
          "ExistsDatabaseQuery",
          "ExistsTableQuery",
          "ShowColumns",
          "ShowCreateTableQuery",
          "ShowTables");

  /** Table functions that compute from what they are given. All others reach outside. */
  private static final Set<String> TABLE_FUNCTIONS =
      Set.of(
          "generate_series",
          "generateseries",
          "null",
          "numbers",
          "numbers_mt",
          "primes",
          "values",
          "view",
          "zeros",
          "zeros_mt");

  /** Ordinary functions that read files, call services or look into tables by a text. */
  private static final Set<String> FUNCTIONS =
      Set.of(
          "aiclassify",
          "aiembed",
          "aiextract",
          "aigenerate",
          "aitranslate",
          "catboostevaluate",
          "evalmlmethod",
          "file",
          "hascolumnintable",
          "joinget",
          "joingetornull",
          "naivebayesclassifier");

  /** Names that are a table function and a harmless ordinary one; the tree tells them apart. */
  private static final Set<String> AMBIGUOUS = Set.of("format");

  /** Settings a reader may change: bounds, and how values are written. Some others hold SQL. */
  private static final Set<String> SETTINGS =
      Set.of(
          "async_insert",
          "date_time_output_format",
          "extremes",
          "final",
          "group_by_overflow_mode",
          "join_use_nulls",
          "log_comment",
          "max_block_size",
          "max_bytes_before_external_group_by",
          "max_bytes_before_external_sort",
          "max_bytes_to_read",
          "max_execution_time",
          "max_memory_usage",
          "max_result_bytes",
          "max_result_rows",
          "max_rows_to_read",
          "max_threads",
          "output_format_decimal_trailing_zeros",
          "output_format_json_quote_64bit_integers",
          "output_format_json_quote_decimals",
          "read_overflow_mode",
          "result_overflow_mode",
          "session_timezone",
          "timeout_overflow_mode");

  /** The database in which a name that is no table is a file. */
  static final String FILE_DATABASE = "default";

  private static final Pattern NODE = Pattern.compile("\\s*(\\w+)(?: (.*?))?(?: \\(.*)?");
  private static final Pattern LITERAL =
      Pattern.compile("'(?:[^'\\\\]|\\\\.)*'|`(?:[^`\\\\]|\\\\.)*`", Pattern.DOTALL);
  private static final Pattern ASSIGNMENT = Pattern.compile("(\\w+)\\s*=");
  private static final byte[] ANALYSE = "EXPLAIN AST\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CANONICAL =
      "SELECT formatQuerySingleLine('".getBytes(StandardCharsets.US_ASCII);

  private final Set<String> tableFunctions;

  /**
   * @param engine tells which table functions it has
   */
  ReaderPolicy(Engine engine) throws EngineException, IOException {
    try (Engine.Session session = engine.session()) {
      this.tableFunctions =
          Set.copyOf(
              session.value("SELECT lower(name) FROM system.table_functions").lines().toList());
    }
  }

  /** Refuses settings of a request that could do more than bound it. */
  static void requireHarmless(Map<String, String> settings) throws EngineException {
    Set<String> others = new TreeSet<>(settings.keySet());
    others.removeAll(SETTINGS);
    if (!others.isEmpty()) {
      throw refused("this user may not change the setting " + others.iterator().next());
    }
  }

  /**
   * @param session has the reader's settings already
   * @throws EngineException if the statement is refused, or cannot be parsed
   */
  void require(Engine.Session session, NativeText text) throws EngineException, IOException {
    if (text.length() > MOST_BYTES) {
      throw EngineException.of(
          EngineException.TOO_MANY_BYTES,
          "this user may send statements of at most " + MOST_BYTES + " bytes");
    }
    session.requireReadOnly(text);
    byte[] statement = text.pointer().getByteArray(0, Math.toIntExact(text.length()));
    requireHarmlessTree(answer(session, ANALYSE, statement, new byte[0]));
    if (contains(statement, "settings")) {
      byte[] end = "')".getBytes(StandardCharsets.US_ASCII);
      requireHarmlessClauses(answer(session, CANONICAL, quoted(statement), end));
    }
  }

  private void requireHarmlessTree(String tree) throws EngineException {
    String parent = "";
    for (String line : tree.lines().toList()) {
      Matcher node = NODE.matcher(line);
      if (!node.matches()) {
        throw refused("this user may not send a statement with line breaks in its names");
      }
      String kind = node.group(1);
      String name = node.group(2) == null ? "" : node.group(2);
      if (parent.isEmpty() && !STATEMENTS.contains(kind)) {
        throw refused("this user may only read, and " + kind + " is no statement that reads");
      }
      switch (kind) {
        case "Function" -> requireHarmlessFunction(name, parent.equals("TableExpression"));
        case "Identifier", "TableIdentifier" -> requireTable(name);
        default -> {}
      }
      parent = kind;
    }
    if (parent.isEmpty()) {
      throw refused("this user may only read, and this is no statement");
    }
  }

  private void requireHarmlessFunction(String name, boolean table) throws EngineException {
    String lower = name.toLowerCase(Locale.ROOT);
    boolean reachesOut =
        FUNCTIONS.contains(lower)
            || (table
                ? !TABLE_FUNCTIONS.contains(lower)
                : tableFunctions.contains(lower)
                    && !TABLE_FUNCTIONS.contains(lower)
                    && !AMBIGUOUS.contains(lower));
    if (reachesOut) {
      throw refused("this user may not call the function " + name);
    }
  }

  private static void requireTable(String name) throws EngineException {
    if (name.equals(FILE_DATABASE) || name.startsWith(FILE_DATABASE + ".")) {
      throw refused("this user may not name the database default, whose tables are files");
    }
  }

  /** After the first word SETTINGS, every assignment is taken for one of a setting. */
  private static void requireHarmlessClauses(String canonical) throws EngineException {
    String plain = LITERAL.matcher(canonical).replaceAll("''");
    int clause = plain.toUpperCase(Locale.ROOT).indexOf("SETTINGS ");
    Matcher assignment = ASSIGNMENT.matcher(plain);
    while (clause >= 0 && assignment.find()) {
      if (assignment.start() > clause && !SETTINGS.contains(assignment.group(1))) {
        throw refused("this user may not change the setting " + assignment.group(1));
      }
    }
  }

  private static String answer(Engine.Session session, byte[] before, byte[] text, byte[] after)
      throws EngineException, IOException {
    int length = before.length + text.length + after.length;
    try (Memory query = new Memory(length)) {
      query.write(0, before, 0, before.length);
      query.write(before.length, text, 0, text.length);
      query.write((long) before.length + text.length, after, 0, after.length);
      return session.value(query, length);
    }
  }

  private static byte[] quoted(byte[] text) {
    ByteArrayOutputStream quoted = new ByteArrayOutputStream(text.length + 16);
    for (byte each : text) {
      if (each == '\'' || each == '\\') {
        quoted.write('\\');
      }
      quoted.write(each);
    }
    return quoted.toByteArray();
  }

  private static boolean contains(byte[] text, String lowerCaseWord) {
    String latin = new String(text, StandardCharsets.ISO_8859_1);
    return latin.toLowerCase(Locale.ROOT).contains(lowerCaseWord);
  }

  private static EngineException refused(String sentence) {
    return EngineException.of(EngineException.READONLY, sentence);
  }
}
