package dev.taximeter.api.audit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A query with parameters such as {@code :account}.
 *
 * @param sql with a question mark for each parameter
 * @param parameters their names, in order; a name may occur many times
 */
record NamedSql(String sql, List<String> parameters) {
  private static final Pattern PARAMETER = Pattern.compile(":([a-z_]+)");

  NamedSql {
    parameters = List.copyOf(parameters);
  }

  /**
   * @param text lines that begin with two hyphens are comments
   */
  static NamedSql parse(String text) {
    String code =
        text.lines()
            .filter(line -> !line.stripLeading().startsWith("--"))
            .collect(Collectors.joining("\n"));
    List<String> parameters = new ArrayList<>();
    Matcher matcher = PARAMETER.matcher(code);
    String sql =
        matcher.replaceAll(
            found -> {
              parameters.add(found.group(1));
              return "?";
            });
    return new NamedSql(sql, parameters);
  }

  /**
   * @param name of a file beside this class, without its ending
   */
  static NamedSql load(String name) {
    try (InputStream in = NamedSql.class.getResourceAsStream(name + ".sql")) {
      if (in == null) {
        throw new IllegalStateException("the program lacks its file " + name + ".sql");
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param values by parameter name
   */
  PreparedStatement prepare(Connection connection, Map<String, String> values) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < parameters.size(); i++) {
      String value = values.get(parameters.get(i));
      if (value == null) {
        statement.close();
        throw new IllegalArgumentException("no value for :" + parameters.get(i));
      }
      statement.setString(i + 1, value);
    }
    return statement;
  }
}
