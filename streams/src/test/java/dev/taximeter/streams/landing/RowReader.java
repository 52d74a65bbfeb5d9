package dev.taximeter.streams.landing;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a row back, from the description of the format rather than from the writer. */
final class RowReader {
  private RowReader() {}

  /** Values by column. */
  static Map<String, Object> read(Row row) {
    String text = new String(row.bytes(), StandardCharsets.UTF_8);
    if (text.indexOf('\n') != text.length() - 1) {
      throw new IllegalStateException("a row is one line");
    }
    String[] fields = text.substring(0, text.length() - 1).split("\t", -1);
    List<String> names = row.table().columnNames();
    if (fields.length != names.size()) {
      throw new IllegalStateException("as many fields as columns");
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 0; i < fields.length; i++) {
      values.put(names.get(i), value(row.table().columnTypes().get(i), fields[i]));
    }
    return values;
  }

  private static Object value(String type, String field) {
    if (type.startsWith("Array(")) {
      String element = type.substring("Array(".length(), type.length() - 1);
      return elements(field).stream().map(each -> value(element, each)).toList();
    }
    return switch (type) {
      case "String" -> unescaped(field);
      case "UUID" -> field;
      case "Bool" -> Boolean.valueOf(field);
      case "UInt16", "UInt64" -> Long.parseUnsignedLong(field);
      case "Int64" -> Long.parseLong(field);
      case "DateTime64(3, 'UTC')", "DateTime('UTC')" ->
          Instant.parse(field.replace(' ', 'T') + "Z");
      case "Decimal(38, 12)" -> new BigDecimal(field).toPlainString();
      default -> throw new IllegalStateException("unknown type " + type);
    };
  }

  private static List<String> elements(String array) {
    List<String> elements = new ArrayList<>();
    StringBuilder element = new StringBuilder();
    boolean quoted = false;
    for (int i = 1; i < array.length() - 1; i++) {
      char character = array.charAt(i);
      if (character == '\\') {
        element.append(character).append(array.charAt(++i));
      } else if (character == '\'') {
        quoted = !quoted;
      } else if (character == ',' && !quoted) {
        elements.add(element.toString());
        element.setLength(0);
      } else {
        element.append(character);
      }
    }
    if (array.length() > 2) {
      elements.add(element.toString());
    }
    return elements;
  }

  private static String unescaped(String field) {
    return field
        .replace("\\t", "\t")
        .replace("\\n", "\n")
        .replace("\\'", "'")
        .replace("\\\\", "\\");
  }
}
