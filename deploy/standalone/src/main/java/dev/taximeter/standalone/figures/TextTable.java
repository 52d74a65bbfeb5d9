package dev.taximeter.standalone.figures;

import java.util.ArrayList;
import java.util.List;

/** A table in plain text: as wide as it must be, and no wider than the terminal. */
final class TextTable {
  private static final String GAP = "  ";
  private static final String CUT = "…";

  /** A column that is cut keeps so many places. */
  private static final int LEAST_WIDTH = 8;

  /** A column. */
  record Column(String head, boolean right) {
    static Column text(String head) {
      return new Column(head, false);
    }

    static Column number(String head) {
      return new Column(head, true);
    }
  }

  private final List<Column> columns;
  private final List<List<String>> rows = new ArrayList<>();

  TextTable(List<Column> columns) {
    this.columns = List.copyOf(columns);
  }

  void add(List<String> cells) {
    if (cells.size() != columns.size()) {
      throw new IllegalArgumentException("a row has as many cells as there are columns");
    }
    rows.add(cells.stream().map(TextTable::harmless).toList());
  }

  /** What a terminal would obey is not shown to it. */
  private static String harmless(String cell) {
    StringBuilder shown = new StringBuilder();
    cell.codePoints()
        .forEach(c -> shown.appendCodePoint(Character.isISOControl(c) || isBidi(c) ? '\uFFFD' : c));
    return shown.toString();
  }

  private static boolean isBidi(int c) {
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  }

  /**
   * @param width places of a line; text columns are cut to fit, numbers never are
   */
  String print(int width) {
    int[] widths = new int[columns.size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = widthOf(columns.get(i).head());
      for (List<String> row : rows) {
        widths[i] = Math.max(widths[i], widthOf(row.get(i)));
      }
    }
    fit(widths, width);
    StringBuilder text = new StringBuilder();
    line(text, columns.stream().map(Column::head).toList(), widths);
    rows.forEach(row -> line(text, row, widths));
    return text.toString();
  }

  private void fit(int[] widths, int width) {
    int all = GAP.length() * (widths.length - 1);
    for (int each : widths) {
      all += each;
    }
    while (all > width) {
      int widest = -1;
      for (int i = 0; i < widths.length; i++) {
        boolean canBeCut = !columns.get(i).right() && widths[i] > LEAST_WIDTH;
        if (canBeCut && (widest < 0 || widths[i] > widths[widest])) {
          widest = i;
        }
      }
      if (widest < 0) {
        return;
      }
      widths[widest]--;
      all--;
    }
  }

  private void line(StringBuilder text, List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = columns.get(i).right() ? cells.get(i) : cut(cells.get(i), widths[i]);
      String space = " ".repeat(Math.max(0, widths[i] - widthOf(cell)));
      line.append(i == 0 ? "" : GAP).append(columns.get(i).right() ? space + cell : cell + space);
    }
    text.append(line.toString().stripTrailing()).append(System.lineSeparator());
  }

  private static String cut(String cell, int width) {
    if (widthOf(cell) <= width) {
      return cell;
    }
    StringBuilder kept = new StringBuilder();
    int used = widthOf(CUT);
    for (int c : cell.codePoints().toArray()) {
      used += widthOf(c);
      if (used > width) {
        break;
      }
      kept.appendCodePoint(c);
    }
    return kept + CUT;
  }

  /** Places that a terminal gives a text. */
  static int widthOf(String text) {
    return text.codePoints().map(TextTable::widthOf).sum();
  }

  private static int widthOf(int c) {
    int type = Character.getType(c);
    if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
      return 0;
    }
    boolean wide =
        (c >= 0x1100 && c <= 0x115F)
            || (c >= 0x2E80 && c <= 0xA4CF)
            || (c >= 0xAC00 && c <= 0xD7A3)
            || (c >= 0xF900 && c <= 0xFAFF)
            || (c >= 0xFE30 && c <= 0xFE6F)
            || (c >= 0xFF00 && c <= 0xFF60)
            || (c >= 0xFFE0 && c <= 0xFFE6)
            || (c >= 0x1F300 && c <= 0x1FAFF)
            || (c >= 0x20000 && c <= 0x3FFFD);
    return wide ? 2 : 1;
  }
}
