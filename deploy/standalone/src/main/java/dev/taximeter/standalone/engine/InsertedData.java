package dev.taximeter.standalone.engine;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Data behind an INSERT. The embedded engine takes the data to end at the first empty line and runs
 * what follows as further statements, whatever the format.
 */
final class InsertedData {
  /** Statements in front of data are short; the rest of a text is the data. */
  private static final int MOST_STATEMENT_BYTES = 1 << 20;

  /** VALUES are no data in this sense: the parser finds their end. */
  private static final Pattern WITH_DATA =
      Pattern.compile(
          "\\binsert\\s+into\\b(?:(?!\\bvalues\\b).)*?\\bformat\\s",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private InsertedData() {}

  /**
   * @throws EngineException if a part of the data would be run
   */
  static void requireUndivided(NativeText text) throws EngineException {
    long emptyLine = text.lastIndexOfEmptyLine();
    if (emptyLine < 0) {
      return;
    }
    int head = (int) Math.min(emptyLine, MOST_STATEMENT_BYTES);
    String statement =
        new String(text.pointer().getByteArray(0, head), StandardCharsets.ISO_8859_1);
    if (WITH_DATA.matcher(statement + "\n").find()) {
      throw EngineException.of(
          EngineException.BAD_ARGUMENTS,
          "the inserted data holds two line feeds in a row, behind which this engine would run it"
              + " as SQL; use a format that escapes line feeds, such as TabSeparated");
    }
  }
}
