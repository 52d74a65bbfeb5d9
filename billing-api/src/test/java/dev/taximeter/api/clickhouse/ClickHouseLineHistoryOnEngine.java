package dev.taximeter.api.clickhouse;

import dev.taximeter.api.lines.LandedLine;
import dev.taximeter.api.lines.LineHistory;
import dev.taximeter.api.lines.LineHistoryContract;
import dev.taximeter.api.settings.ApiSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** The same on a real engine, run as {@link ClickHouseUsageHistoryOnEngine} is. */
class ClickHouseLineHistoryOnEngine extends LineHistoryContract {
  private static final String DATABASE = "taximeter_api_lines_test";
  private static final String URL = System.getProperty("taximeter.test.clickhouse.url", "");
  private static final String USER =
      System.getProperty("taximeter.test.clickhouse.user", "default");
  private static final String PASSWORD =
      System.getProperty("taximeter.test.clickhouse.password", "");

  private final ConnectionPool pool =
      new ConnectionPool(new ApiSettings.ClickHouse(URL, DATABASE, USER, PASSWORD));

  @AfterEach
  void close() {
    pool.close();
  }

  @Override
  protected LineHistory holding(List<LandedLine> lines) {
    try (Connection connection = DriverManager.getConnection(URL, USER, PASSWORD)) {
      create(connection);
      insertUsage(connection, lines.stream().filter(LandedLine::isUsage).toList());
      insertFates(connection, lines.stream().filter(line -> !line.isUsage()).toList());
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return new ClickHouseLineHistory(pool);
  }

  private static void create(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE IF NOT EXISTS " + DATABASE);
      statement.execute("DROP TABLE IF EXISTS " + DATABASE + ".usage_events");
      statement.execute("DROP TABLE IF EXISTS " + DATABASE + ".line_fates");
      statement.execute(
          "CREATE TABLE "
              + DATABASE
              + """
              .usage_events (id UUID, account String, completion DateTime64(3, 'UTC'),
              request_id String, record_offset UInt64)
              ENGINE = ReplacingMergeTree(record_offset)
              PARTITION BY toYYYYMM(completion) ORDER BY (account, completion, id)
              """);
      statement.execute(
          "CREATE TABLE "
              + DATABASE
              + """
              .line_fates (id UUID, fate LowCardinality(String), reason LowCardinality(String),
              leakage Bool, key_fingerprint LowCardinality(String), model LowCardinality(String),
              completion DateTime64(3, 'UTC'), arrival DateTime64(3, 'UTC'), request_id String,
              record_partition UInt16, record_offset UInt64)
              ENGINE = ReplacingMergeTree(record_offset)
              PARTITION BY toYYYYMM(arrival) ORDER BY (arrival, record_partition, record_offset)
              """);
    }
  }

  private static void insertUsage(Connection connection, List<LandedLine> lines)
      throws SQLException {
    if (lines.isEmpty()) {
      return;
    }
    String sql =
        "INSERT INTO "
            + DATABASE
            + ".usage_events (id, account, completion, request_id, record_offset)"
            + " VALUES (?, ?, fromUnixTimestamp64Milli(?, 'UTC'), ?, ?)";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      // Each lands twice, as after a crash.
      for (int offset = 1; offset <= 2; offset++) {
        for (LandedLine line : lines) {
          statement.setString(1, uuid(line.id()));
          statement.setString(2, line.account());
          statement.setLong(3, line.completion().toEpochMilli());
          statement.setString(4, line.requestId());
          statement.setLong(5, offset);
          statement.addBatch();
        }
      }
      statement.executeBatch();
    }
  }

  private static void insertFates(Connection connection, List<LandedLine> lines)
      throws SQLException {
    if (lines.isEmpty()) {
      return;
    }
    String sql =
        "INSERT INTO "
            + DATABASE
            + ".line_fates (id, fate, reason, leakage, key_fingerprint, model, completion,"
            + " arrival, request_id, record_partition, record_offset) VALUES (?, ?, ?, ?, ?, ?,"
            + " fromUnixTimestamp64Milli(?, 'UTC'), fromUnixTimestamp64Milli(?, 'UTC'), ?, 0, ?)";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int copy = 0; copy < 2; copy++) {
        long offset = 0;
        for (LandedLine line : lines) {
          statement.setString(1, uuid(line.id()));
          statement.setString(2, line.fate());
          statement.setString(3, line.reason());
          statement.setBoolean(4, line.leakage());
          statement.setString(5, line.fingerprint());
          statement.setString(6, line.model());
          statement.setLong(7, line.completion() == null ? 0 : line.completion().toEpochMilli());
          statement.setLong(8, line.arrival().toEpochMilli());
          statement.setString(9, line.requestId());
          statement.setLong(10, ++offset);
          statement.addBatch();
        }
      }
      statement.executeBatch();
    }
  }

  private static String uuid(String id) {
    return id.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5");
  }
}
