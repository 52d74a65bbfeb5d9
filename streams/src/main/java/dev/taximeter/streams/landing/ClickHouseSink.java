package dev.taximeter.streams.landing;

import com.clickhouse.client.api.ClickHouseException;
import com.clickhouse.client.api.Client;
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
  static final String POSITIONS =
      "SELECT topic, partition, max(next_offset) FROM landing_progress GROUP BY topic, partition";

  private static final long INSERT_TIMEOUT_SECONDS = 150;

  private final ClickHouseSettings settings;
  private @Nullable Connection connection;

  ClickHouseSink(ClickHouseSettings settings) {
    this.settings = settings;
  }

  @Override
  public Map<TopicPartition, Long> positions() throws SinkException {
    try (Statement statement = connection().createStatement();
        ResultSet row = statement.executeQuery(POSITIONS)) {
      Map<TopicPartition, Long> positions = new HashMap<>();
      while (row.next()) {
        positions.put(new TopicPartition(row.getString(1), row.getInt(2)), row.getLong(3));
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
                    for (Row row : batch.rows()) {
                      out.write(row.bytes());
                    }
                    out.close();
                  },
                  ClickHouseFormat.TabSeparated,
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
  public void advance(Map<TopicPartition, Long> positions) throws SinkException {
    String sql = "INSERT INTO landing_progress (topic, partition, next_offset) VALUES (?, ?, ?)";
    try (PreparedStatement statement = connection().prepareStatement(sql)) {
      for (Map.Entry<TopicPartition, Long> position : positions.entrySet()) {
        statement.setString(1, position.getKey().topic());
        statement.setInt(2, position.getKey().partition());
        statement.setLong(3, position.getValue());
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
    return new SinkException("ClickHouse did not " + what + ": " + reason(cause), cause);
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
