package dev.taximeter.api.clickhouse;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** A statement put together from fixed text and bound values. Values never become text here. */
final class Sql {
  private final StringBuilder text = new StringBuilder();
  private final List<Object> values = new ArrayList<>();

  /** Adds text; each {@code ?} in it stands for one of the values. */
  Sql add(String fixed, Object... bound) {
    text.append(fixed);
    values.addAll(List.of(bound));
    return this;
  }

  /** Adds a comma-separated list of values. */
  Sql addList(List<?> bound) {
    StringJoiner marks = new StringJoiner(", ");
    bound.forEach(value -> marks.add("?"));
    text.append(marks);
    values.addAll(bound);
    return this;
  }

  Sql add(Sql other) {
    text.append(other.text);
    values.addAll(other.values);
    return this;
  }

  String text() {
    return text.toString();
  }

  List<Object> values() {
    return List.copyOf(values);
  }

  void bind(PreparedStatement statement) throws SQLException {
    for (int i = 0; i < values.size(); i++) {
      Object value = values.get(i);
      if (value instanceof Long number) {
        statement.setLong(i + 1, number);
      } else if (value instanceof Integer number) {
        statement.setInt(i + 1, number);
      } else if (value instanceof String string) {
        statement.setString(i + 1, string);
      } else {
        throw new IllegalArgumentException("cannot bind " + value.getClass());
      }
    }
  }
}
