package dev.taximeter.standalone.demo;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The value of a line's {@code ai_log}: a JSON object with sorted keys in the form that the
 * gateway's plugins write. Not thread-safe.
 */
public final class AiLog {
  private final TreeMap<String, @Nullable Object> attributes = new TreeMap<>();

  /**
   * Sets an attribute.
   *
   * @param value text, a number, null, or lists and maps of those
   */
  public AiLog set(String key, @Nullable Object value) {
    attributes.put(key, value);
    return this;
  }

  /** {@return the object, escaped once more for its place between quotes in the line} */
  String escaped() {
    StringBuilder json = new StringBuilder(400);
    write(json, attributes);
    return json.toString().replace("\\", "\\\\").replace("\"", "\\\"");
  }

  private static void write(StringBuilder json, @Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      json.append('{');
      int start = json.length();
      // Sorted, as the gateway's encoder does.
      new TreeMap<>(map)
          .forEach(
              (key, element) -> {
                json.append(json.length() > start ? "," : "");
                writeText(json, (String) key);
                write(json.append(':'), element);
              });
      json.append('}');
    } else if (value instanceof List<?> list) {
      json.append('[');
      int start = json.length();
      for (Object element : list) {
        write(json.append(json.length() > start ? "," : ""), element);
      }
      json.append(']');
    } else if (value instanceof String text) {
      writeText(json, text);
    } else {
      json.append(value);
    }
  }

  /** Quotes text as the gateway does: markup becomes Unicode escapes, other text stays UTF-8. */
  private static void writeText(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < ' ' || c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029') {
            json.append("\\u%04x".formatted((int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }
}
