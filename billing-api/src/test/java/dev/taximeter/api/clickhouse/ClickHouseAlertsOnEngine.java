package dev.taximeter.api.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.alerts.AlertHistory.Query;
import dev.taximeter.api.settings.ApiSettings;
import dev.taximeter.api.web.Cursors.Moment;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.event.Alert;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Alerts on a real engine, which the end-to-end module starts. */
class ClickHouseAlertsOnEngine {
  private static final String DATABASE = "taximeter_api_alerts_test";
  private static final String URL = System.getProperty("taximeter.test.clickhouse.url", "");
  private static final String USER =
      System.getProperty("taximeter.test.clickhouse.user", "default");
  private static final String PASSWORD =
      System.getProperty("taximeter.test.clickhouse.password", "");

  private final ConnectionPool pool =
      new ConnectionPool(new ApiSettings.ClickHouse(URL, DATABASE, USER, PASSWORD));
  private final ClickHouseAlertHistory history = new ClickHouseAlertHistory(pool);

  @AfterEach
  void close() {
    pool.close();
  }

  @BeforeEach
  void create() throws SQLException {
    try (Connection connection = DriverManager.getConnection(URL, USER, PASSWORD);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE IF NOT EXISTS " + DATABASE);
      statement.execute("DROP TABLE IF EXISTS " + DATABASE + ".alerts");
      statement.execute(
          "CREATE TABLE "
              + DATABASE
              + """
              .alerts (id UUID, account LowCardinality(String), quota LowCardinality(String),
              metric LowCardinality(String), `window` LowCardinality(String),
              key LowCardinality(String), model LowCardinality(String),
              period LowCardinality(String), period_start DateTime64(3, 'UTC'),
              period_end DateTime64(3, 'UTC'), threshold UInt16, `limit` Decimal(38, 12),
              value Decimal(38, 12), currency LowCardinality(String),
              crossed_at DateTime64(3, 'UTC'), line String, arrival DateTime64(3, 'UTC'),
              late Bool, sequence UInt64, decided_at DateTime64(3, 'UTC'),
              record_partition UInt16, record_offset UInt64)
              ENGINE = ReplacingMergeTree(record_offset) ORDER BY (account, id)
              """);
      // The second was decided twice.
      insert(statement, 1, "acme", 0, "00ff", 1);
      insert(statement, 2, "acme", 0, "", 2);
      insert(statement, 2, "acme", 0, "", 3);
      insert(statement, 3, "globex", 1, "00ff", 4);
    }
  }

  private static void insert(
      Statement statement, int number, String account, int second, String line, int offset)
      throws SQLException {
    statement.execute(
        """
        INSERT INTO %s.alerts VALUES
        ('00000000-0000-0000-0000-00000000000%d', '%s', 'q%d', 'total_tokens', 'week', '', 'qwen-*',
        '2026-W48', '2026-11-23 00:00:00.000', '2026-11-30 00:00:00.000', 8%d, 100, 80.25, 'USD',
        '2026-11-24 09:30:0%d.500', '%s', '2026-11-24 09:30:05.000', true, 7,
        '2026-11-24 09:30:06.000', 0, %d)
        """
            .formatted(DATABASE, number, account, number, number, second, line, offset));
  }

  private static List<Integer> thresholds(List<Alert> alerts) {
    return alerts.stream().map(Alert::threshold).toList();
  }

  private static Query all(boolean descending, Moment after) {
    return new Query(null, null, null, null, descending, after);
  }

  @Test
  void anAlertIsReadOnceAndWhole() {
    List<Alert> found = history.page(all(true, null), 10);

    assertThat(thresholds(found)).containsExactly(83, 82, 81);
    Alert changed = found.get(1);
    assertThat(changed.line()).isNull();
    assertThat(changed.arrival()).isNull();
    Alert used = found.get(2);
    assertThat(used.line()).isEqualTo("00ff");
    assertThat(used.arrival()).isEqualTo(Instant.parse("2026-11-24T09:30:05Z"));
    assertThat(used.metric()).isEqualTo(Quota.Metric.TOTAL_TOKENS);
    assertThat(used.window()).isEqualTo(Quota.Window.WEEK);
    assertThat(used.key()).isNull();
    assertThat(used.model()).isEqualTo("qwen-*");
    assertThat(used.limit()).isEqualByComparingTo(new BigDecimal("100"));
    assertThat(used.value()).isEqualByComparingTo(new BigDecimal("80.25"));
    assertThat(used.late()).isTrue();
    assertThat(used.sequence()).isEqualTo(7);
    assertThat(used.crossedAt()).isEqualTo(Instant.parse("2026-11-24T09:30:00.500Z"));
  }

  @Test
  void filtersAndPlacesNarrowIt() {
    Instant first = Instant.parse("2026-11-24T09:30:00.500Z");
    assertThat(thresholds(history.page(new Query("acme", null, null, null, true, null), 10)))
        .containsExactly(82, 81);
    assertThat(thresholds(history.page(new Query(null, "q3", null, null, true, null), 10)))
        .containsExactly(83);
    assertThat(
            thresholds(
                history.page(new Query(null, null, first, first.plusMillis(1), true, null), 10)))
        .containsExactly(82, 81);
    Moment second = new Moment(first, "00000000-0000-0000-0000-000000000002");
    assertThat(thresholds(history.page(all(true, second), 10))).containsExactly(81);
    assertThat(thresholds(history.page(all(false, second), 10))).containsExactly(83);
    assertThat(history.page(all(true, null), 1)).hasSize(1);
  }
}
