package dev.taximeter.streams.landing;

import com.clickhouse.client.api.ClickHouseException;
import dev.taximeter.streams.replay.LetterIndex;
import dev.taximeter.streams.worker.NotYetException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The dead letters that have landed. Not thread-safe. */
public final class ClickHouseDeadLetters implements LetterIndex {
  private final ClickHouseSettings settings;
  private @Nullable Connection connection;

  public ClickHouseDeadLetters(ClickHouseSettings settings) {
    this.settings = settings;
  }

  @Override
  public Map<String, Place> find(Collection<String> ids) throws NotYetException {
    Map<String, Place> found = new HashMap<>();
    if (ids.isEmpty()) {
      return found;
    }
    // Hex digits only, checked, so nothing needs to be bound.
    String list = ids.stream().map(id -> "'" + Uuids.of(id) + "'").collect(Collectors.joining(","));
    String sql =
        """
        SELECT toString(id), argMax(record_partition, record_offset), max(record_offset)
        FROM dead_letters WHERE id IN (%s) GROUP BY id
        """
            .formatted(list);
    try (Statement statement = connection().createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        found.put(Uuids.hex(row.getString(1)), new Place(row.getInt(2), row.getLong(3)));
      }
      return found;
    } catch (SQLException | ClickHouseException e) {
      close();
      throw new NotYetException("the replay waits: ClickHouse did not look up dead letters", e);
    }
  }

  private Connection connection() throws SQLException {
    Connection open = connection;
    if (open == null) {
      open = settings.connect();
      connection = open;
    }
    return open;
  }

  @Override
  public void close() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException | ClickHouseException e) {
        // It is given up in any case.
      }
    }
  }
}
