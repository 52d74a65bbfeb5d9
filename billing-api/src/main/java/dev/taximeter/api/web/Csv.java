package dev.taximeter.api.web;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** CSV as RFC 4180 has it, and safe to open in a spreadsheet. */
public final class Csv {
  public static final String MEDIA_TYPE = "text/csv";

  private static final String END = "\r\n";

  /** The wide ones are taken for the others where Chinese or Japanese is written. */
  private static final String STARTS_FORMULA = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20";

  private Csv() {}

  /** One row; each cell is a number or a code, or comes from {@link #text}. */
  public static String row(List<String> cells) {
    return cells.stream().collect(Collectors.joining(",", "", END));
  }

  /** Text that people wrote, as a cell. */
  public static String text(@Nullable String value) {
    return value == null ? "" : quoted(words(value));
  }

  /** Text that no spreadsheet takes for a formula. Some of them look past spaces. */
  public static String words(String words) {
    String seen = words.stripLeading();
    boolean formula =
        (!words.isEmpty() && STARTS_FORMULA.indexOf(words.charAt(0)) >= 0)
            || (!seen.isEmpty() && STARTS_FORMULA.indexOf(seen.charAt(0)) >= 0);
    return formula ? "'" + words : words;
  }

  /** A cell in quotes if it needs them. */
  public static String quoted(String cell) {
    boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n');
    return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }
}
