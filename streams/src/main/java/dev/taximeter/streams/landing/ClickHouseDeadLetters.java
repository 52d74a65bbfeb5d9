package dev.taximeter.streams.landing;

import com.clickhouse.client.api.ClickHouseException;
import dev.taximeter.contract.topic.Topics;
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
        SELECT toString(id), latest_partition, toInt64(latest_offset) - toInt64(offset_base)
        FROM
        (
            SELECT id, argMax(record_partition, record_offset) AS latest_partition,
              max(record_offset) AS latest_offset
            FROM dead_letters WHERE id IN (%s) GROUP BY id
        ) AS letters
        LEFT JOIN
        (
            SELECT partition, argMax(offset_base, (generation, next_offset)) AS offset_base
            FROM landing_progress WHERE topic = '%s' GROUP BY partition
        ) AS bases ON bases.partition = letters.latest_partition
        """
            .formatted(list, Topics.ACCESS_LOG_DEAD_LETTERS.topicName());
    try (Statement statement = connection().createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        // Below 0 if the letter was in a topic that has been lost since.
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
