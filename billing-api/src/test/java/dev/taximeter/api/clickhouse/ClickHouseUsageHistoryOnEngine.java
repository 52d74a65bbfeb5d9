package dev.taximeter.api.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.settings.ApiSettings;
import dev.taximeter.api.usage.Buckets;
import dev.taximeter.api.usage.LandedEvent;
import dev.taximeter.api.usage.UsageAnswer;
import dev.taximeter.api.usage.UsageHistory;
import dev.taximeter.api.usage.UsageHistoryContract;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.UsageWindow;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The same on a real engine: the one that {@code taximeter.test.clickhouse.url} names, with {@code
 * .user} and {@code .password}, in a database of its own. The module that has an engine runs it,
 * {@code deploy/standalone} in its {@code ContractsOnEngineIT}; hence a name that no plugin looks
 * for.
 */
class ClickHouseUsageHistoryOnEngine extends UsageHistoryContract {
  private static final String DATABASE = "taximeter_api_test";
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
  protected UsageHistory holding(List<LandedEvent> events) {
    try (Connection connection = DriverManager.getConnection(URL, USER, PASSWORD)) {
      create(connection);
      insertEvents(connection, events);
      insertWindows(connection, events);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return new ClickHouseUsageHistory(pool);
  }

  @Test
  void whatHasNoDaysIsReadByTheHour() throws Exception {
    UsageHistory history =
        holding(List.of(event("acme", 1, "prod", "m", "2026-09-01T10:00:00Z", 7)));
    delete("granularity IN ('day', 'month')");

    UsageAnswer answer =
        history.sum(
            query(
                List.of("acme"),
                buckets(null, "UTC", "2026-08-01T00:00:00Z", "2026-12-01T00:00:00Z"),
                false,
                false));

    assertThat(answer.exact()).isTrue();
    assertThat(answer.sums()).hasSize(1);
  }

  @Test
  void wholeDaysAreReadByTheDayAndTheMonthAlone() throws Exception {
    UsageHistory history =
        holding(
            List.of(
                event("acme", 1, "prod", "m", "2026-09-01T10:00:00Z", 1),
                event("acme", 2, "prod", "m", "2026-11-03T20:00:00Z", 2),
                event("acme", 3, "prod", "m", "2026-11-03T18:29:59Z", 4),
                event("acme", 4, "prod", "m", "2026-12-30T10:00:00Z", 8)));
    delete("granularity IN ('minute', 'hour')");

    // Midnight in Kolkata.
    Buckets buckets = buckets(null, "UTC", "2026-11-03T18:30:00Z", "2026-12-12T18:30:00Z");
    UsageAnswer answer = history.sum(query(List.of("acme"), buckets, false, false));

    assertThat(answer.exact()).isTrue();
    assertThat(answer.sequence()).isEqualTo(4);
    assertThat(answer.sums()).hasSize(1);
    assertThat(answer.sums().get(0).tokens().input()).isEqualTo(2);
  }

  private static void delete(String windows) throws SQLException {
    try (Connection connection = DriverManager.getConnection(URL, USER, PASSWORD);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "ALTER TABLE %s.usage_windows DELETE WHERE %s SETTINGS mutations_sync = 1"
              .formatted(DATABASE, windows));
    }
  }

  private static void create(Connection connection) throws SQLException {
    String columns =
        """
        account String, sequence UInt64, key LowCardinality(String), model LowCardinality(String),
        input UInt64, cached_input UInt64, cache_write UInt64, output UInt64, reasoning UInt64,
        currency LowCardinality(String), cost Decimal(38, 12), record_offset UInt64,
        """;
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE IF NOT EXISTS " + DATABASE);
      statement.execute("DROP TABLE IF EXISTS " + DATABASE + ".usage_events");
      statement.execute("DROP TABLE IF EXISTS " + DATABASE + ".usage_windows");
      statement.execute(
          "CREATE TABLE "
              + DATABASE
              + ".usage_events ("
              + columns
              + """
              completion DateTime64(3, 'UTC'))
              ENGINE = ReplacingMergeTree(record_offset)
              PARTITION BY toYYYYMM(completion) ORDER BY (account, completion, sequence)
              """);
      statement.execute(
          "CREATE TABLE "
              + DATABASE
              + ".usage_windows ("
              + columns
              + """
              granularity LowCardinality(String), start DateTime('UTC'), segment UInt64,
              requests UInt64, of_all_keys Bool, slice DateTime('UTC') MATERIALIZED
                multiIf(granularity = 'minute', toStartOfHour(start), granularity = 'hour',
                  toStartOfDay(start), toDateTime(0, 'UTC')))
              ENGINE = ReplacingMergeTree(record_offset)
              PARTITION BY toYYYYMM(start)
              ORDER BY (granularity, of_all_keys, slice, account, start, key, model, segment)
              """);
    }
  }

  private static void insertEvents(Connection connection, List<LandedEvent> events)
      throws SQLException {
    if (events.isEmpty()) {
      return;
    }
    String sql =
        "INSERT INTO "
            + DATABASE
            + ".usage_events (account, sequence, key, model, input, cached_input, cache_write,"
            + " output, reasoning, currency, cost, record_offset, completion)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, fromUnixTimestamp64Milli(?, 'UTC'))";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (LandedEvent event : events) {
        bindCommon(statement, event, event.sequence(), event.tokens(), event.cost(), 1);
        statement.setLong(13, event.completion().toEpochMilli());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private record Window(
      String granularity,
      String account,
      String key,
      boolean ofAllKeys,
      String model,
      String currency,
      long start) {}

  private static final class Sum {
    private long sequence;
    private long requests;
    private TokenCounts tokens = TokenCounts.ZERO;
    private BigDecimal cost = BigDecimal.ZERO;
  }

  private static void insertWindows(Connection connection, List<LandedEvent> events)
      throws SQLException {
    Map<Window, Sum> windows = new HashMap<>();
    for (LandedEvent event : events) {
      for (UsageWindow.Granularity granularity : UsageWindow.Granularity.values()) {
        for (boolean ofAllKeys : new boolean[] {false, true}) {
          Window window =
              new Window(
                  granularity.name().toLowerCase(Locale.ROOT),
                  event.account(),
                  ofAllKeys ? "" : event.key(),
                  ofAllKeys,
                  event.model(),
                  event.currency(),
                  granularity.startOf(event.completion(), WINDOWS).getEpochSecond());
          Sum sum = windows.computeIfAbsent(window, made -> new Sum());
          sum.sequence = Math.max(sum.sequence, event.sequence());
          sum.requests++;
          sum.tokens = sum.tokens.plus(event.tokens());
          sum.cost = sum.cost.add(event.cost());
        }
      }
    }
    if (windows.isEmpty()) {
      return;
    }
    String sql =
        "INSERT INTO "
            + DATABASE
            + ".usage_windows (account, sequence, key, model, input, cached_input, cache_write,"
            + " output, reasoning, currency, cost, record_offset, granularity, start, segment,"
            + " requests, of_all_keys) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
            + " toDateTime(?, 'UTC'), ?, ?, ?)";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (Map.Entry<Window, Sum> entry : windows.entrySet()) {
        Window window = entry.getKey();
        Sum sum = entry.getValue();
        // An earlier record of the same window, which the later one replaces.
        bindWindow(statement, window, new Sum(), 1);
        bindWindow(statement, window, sum, 2);
      }
      statement.executeBatch();
    }
  }

  private static void bindWindow(
      PreparedStatement statement, Window window, Sum sum, long recordOffset) throws SQLException {
    LandedEvent like =
        new LandedEvent(
            window.account,
            sum.sequence,
            window.key,
            window.model,
            java.time.Instant.EPOCH,
            sum.tokens,
            window.currency,
            sum.cost);
    bindCommon(statement, like, sum.sequence, sum.tokens, sum.cost, recordOffset);
    statement.setString(13, window.granularity);
    statement.setLong(14, window.start);
    statement.setLong(15, 1);
    statement.setLong(16, sum.requests);
    statement.setBoolean(17, window.ofAllKeys);
    statement.addBatch();
  }

  private static void bindCommon(
      PreparedStatement statement,
      LandedEvent event,
      long sequence,
      TokenCounts tokens,
      BigDecimal cost,
      long recordOffset)
      throws SQLException {
    statement.setString(1, event.account());
    statement.setLong(2, sequence);
    statement.setString(3, event.key());
    statement.setString(4, event.model());
    statement.setLong(5, tokens.input());
    statement.setLong(6, tokens.cachedInput());
    statement.setLong(7, tokens.cacheWrite());
    statement.setLong(8, tokens.output());
    statement.setLong(9, tokens.reasoning());
    statement.setString(10, event.currency());
    statement.setBigDecimal(11, cost);
    statement.setLong(12, recordOffset);
  }
}
