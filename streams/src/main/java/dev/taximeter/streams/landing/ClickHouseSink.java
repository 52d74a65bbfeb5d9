package dev.taximeter.streams.landing;

import com.clickhouse.client.api.ClickHouseException;
import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.ServerException;
import com.clickhouse.client.api.insert.InsertResponse;
import com.clickhouse.client.api.insert.InsertSettings;
import com.clickhouse.data.ClickHouseFormat;
import com.clickhouse.jdbc.ConnectionImpl;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** ClickHouse through its JDBC driver. Not thread-safe. */
final class ClickHouseSink implements RowSink {
  /** Topic, partition, the next offset to be landed, and the id of the topic it belongs to. */
  static final String POSITIONS =
      "SELECT topic, partition, argMax(next_offset, (generation, next_offset)),"
          + " argMax(topic_id, (generation, next_offset))"
          + " FROM landing_progress GROUP BY topic, partition";

  private static final long INSERT_TIMEOUT_SECONDS = 150;

  // ClickHouse's own numbers.
  private static final int UNKNOWN_TABLE = 60;
  private static final int UNKNOWN_DATABASE = 81;

  private final ClickHouseSettings settings;
  private @Nullable Connection connection;

  ClickHouseSink(ClickHouseSettings settings) {
    this.settings = settings;
  }

  @Override
  public Map<TopicPartition, Position> positions() throws SinkException {
    String sql =
        """
        SELECT topic, partition, max(generation),
          argMax(topic_id, (generation, next_offset)),
          argMax(offset_base, (generation, next_offset)),
          argMax(next_offset, (generation, next_offset)) AS resume_at,
          argMax(last_offset, (generation, next_offset)),
          argMax(last_checksum, (generation, next_offset))
        FROM landing_progress GROUP BY topic, partition""";
    try (Statement statement = connection().createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      Map<TopicPartition, Position> positions = new HashMap<>();
      while (row.next()) {
        positions.put(
            new TopicPartition(row.getString(1), row.getInt(2)),
            new Position(
                row.getInt(3),
                row.getString(4),
                row.getLong(5),
                row.getLong(6),
                row.getLong(7),
                row.getLong(8)));
      }
      return positions;
    } catch (SQLException | ClickHouseException e) {
      throw failed("read where landing resumes", e);
    }
  }

  @Override
  public void insert(Batch batch, boolean again) throws SinkException {
    InsertSettings insert = new InsertSettings();
    // Acknowledged means written, also where the server's default is to answer first.
    insert.serverSetting("async_insert", "0");
    if (again) {
      insert.serverSetting("insert_deduplicate", "0");
    } else {
      insert.setDeduplicationToken(batch.token());
    }
    List<String> columns =
        batch.table().columnNames().stream().map(name -> '`' + name + '`').toList();
    try {
      InsertResponse done =
          client()
              .insert(
                  batch.table().name(),
                  columns,
                  out -> {
                    NativeBlock.write(batch.table(), batch.rows(), out);
                    out.close();
                  },
                  ClickHouseFormat.Native,
                  insert)
              .get(INSERT_TIMEOUT_SECONDS, TimeUnit.SECONDS);
      // Nothing in the answer is of use, but this returns the connection to its pool.
      done.close();
    } catch (ExecutionException e) {
      throw failed("insert batch " + batch.token(), e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException | SQLException | ClickHouseException e) {
      throw failed("insert batch " + batch.token(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("insert batch " + batch.token(), e);
    }
  }

  @Override
  public List<Long> landedRecords(List<Batch> batches) throws SinkException {
    List<String> counts = new ArrayList<>();
    for (int i = 0; i < batches.size(); i++) {
      counts.add(countStatement(i, batches.get(i)));
    }
    try (Statement statement = connection().createStatement();
        ResultSet row =
            statement.executeQuery(
                String.join(" UNION ALL ", counts) + " SETTINGS max_threads = 1")) {
      Long[] landed = new Long[batches.size()];
      Arrays.fill(landed, 0L);
      while (row.next()) {
        landed[row.getInt(1)] = row.getLong(2);
      }
      return List.of(landed);
    } catch (SQLException | ClickHouseException e) {
      throw failed("count the rows of " + batches.size() + " batches", e);
    }
  }

  @Override
  public void advance(Map<TopicPartition, Position> positions) throws SinkException {
    String sql =
        "INSERT INTO landing_progress (topic, partition, generation, topic_id, offset_base,"
            + " next_offset, last_offset, last_checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    try (PreparedStatement statement = connection().prepareStatement(sql)) {
      for (Map.Entry<TopicPartition, Position> entry : positions.entrySet()) {
        Position position = entry.getValue();
        statement.setString(1, entry.getKey().topic());
        statement.setInt(2, entry.getKey().partition());
        statement.setInt(3, position.generation());
        statement.setString(4, position.topicId());
        statement.setLong(5, position.offsetBase());
        statement.setLong(6, position.nextOffset());
        statement.setLong(7, position.lastOffset());
        statement.setLong(8, position.lastChecksum());
        statement.addBatch();
      }
      statement.executeBatch();
    } catch (SQLException | ClickHouseException e) {
      throw failed("store where landing resumes", e);
    }
  }

  @Override
  public void close() {
    disconnect();
  }

  /** Numbers and our own names only, so nothing needs to be bound. */
  private static String countStatement(int index, Batch batch) {
    String ranges =
        batch.ranges().stream()
            .map(
                range ->
                    "(record_partition = %d AND record_offset BETWEEN %d AND %d)"
                        .formatted(range.partition().partition(), range.first(), range.last()))
            .collect(Collectors.joining(" OR "));
    String month = batch.month() == 0 ? "" : " AND _partition_id = '" + batch.month() + "'";
    return "SELECT toUInt32(%d), uniqExact(record_partition, record_offset) FROM %s WHERE (%s)%s"
        .formatted(index, batch.table().name(), ranges, month);
  }

  private Client client() throws SQLException {
    return connection().unwrap(ConnectionImpl.class).getClient();
  }

  private Connection connection() throws SQLException {
    Connection open = connection;
    if (open == null) {
      open = settings.connect();
      connection = open;
    }
    return open;
  }

  private SinkException failed(String what, Throwable cause) {
    // The next attempt starts with a connection that has seen no error.
    disconnect();
    String message = "ClickHouse did not " + what + ": " + reason(cause);
    return isDataLost(cause)
        ? SinkException.dataLost(message, cause)
        : new SinkException(message, cause);
  }

  /** Whether tables are missing that were there when landing began. */
  private static boolean isDataLost(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      int code =
          cause instanceof SQLException sql
              ? sql.getErrorCode()
              : cause instanceof ServerException server ? server.getCode() : 0;
      if (code == UNKNOWN_TABLE || code == UNKNOWN_DATABASE) {
        return true;
      }
    }
    return false;
  }

  /** The driver's own message says only that it failed; the cause at the bottom says why. */
  private static String reason(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null
        ? root.getClass().getSimpleName()
        : message.lines().findFirst().orElse("");
  }

  private void disconnect() {
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
