package dev.taximeter.api.clickhouse;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
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

  /** One row of an answer. */
  interface Reading<T> {
    T of(ResultSet row) throws SQLException;
  }

  /** Runs the statement and reads all rows. */
  <T> List<T> read(ConnectionPool pool, Reading<T> reading) {
    return pool.with(
        connection -> {
          List<T> found = new ArrayList<>();
          try (PreparedStatement statement = connection.prepareStatement(text())) {
            bind(statement);
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                found.add(reading.of(row));
              }
            }
          }
          return found;
        });
  }

  /** The statement with its values in it, for people to run. */
  String literal() {
    StringBuilder whole = new StringBuilder();
    int next = 0;
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '?') {
        whole.append(literal(values.get(next)));
        next++;
      } else {
        whole.append(text.charAt(i));
      }
    }
    return whole.toString();
  }

  private static String literal(Object value) {
    return value instanceof String string
        ? "'" + string.replace("\\", "\\\\").replace("'", "\\'") + "'"
        : value.toString();
  }
}
