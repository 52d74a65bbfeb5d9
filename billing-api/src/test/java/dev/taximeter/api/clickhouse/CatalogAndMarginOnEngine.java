package dev.taximeter.api.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.catalog.CatalogHistory.Revision;
import dev.taximeter.api.margin.MarginHistory.MarginQuery;
import dev.taximeter.api.margin.MarginHistory.MarginSum;
import dev.taximeter.api.settings.ApiSettings;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** History and margins on a real engine, which the end-to-end module starts. */
class CatalogAndMarginOnEngine {
  private static final String DATABASE = "taximeter_api_margin_test";
  private static final String URL = System.getProperty("taximeter.test.clickhouse.url", "");
  private static final String USER =
      System.getProperty("taximeter.test.clickhouse.user", "default");
  private static final String PASSWORD =
      System.getProperty("taximeter.test.clickhouse.password", "");
  private static final Instant NOVEMBER = Instant.parse("2026-11-01T00:00:00Z");
  private static final Instant DECEMBER = Instant.parse("2026-12-01T00:00:00Z");

  private final ConnectionPool pool =
      new ConnectionPool(new ApiSettings.ClickHouse(URL, DATABASE, USER, PASSWORD));

  @AfterEach
  void close() {
    pool.close();
  }

  @BeforeEach
  void create() throws SQLException {
    try (Connection connection = DriverManager.getConnection(URL, USER, PASSWORD);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE IF NOT EXISTS " + DATABASE);
      statement.execute("DROP TABLE IF EXISTS " + DATABASE + ".usage_events");
      statement.execute("DROP TABLE IF EXISTS " + DATABASE + ".catalog");
      statement.execute(
          "CREATE TABLE "
              + DATABASE
              + """
              .usage_events (id UInt8, account String, model LowCardinality(String),
              fate LowCardinality(String), completion DateTime64(3, 'UTC'),
              currency LowCardinality(String), cost Decimal(38, 12),
              provider_currency LowCardinality(String), provider_cost Decimal(38, 12),
              record_offset UInt64)
              ENGINE = ReplacingMergeTree(record_offset)
              PARTITION BY toYYYYMM(completion) ORDER BY (account, completion, id)
              """);
      statement.execute(
          "INSERT INTO "
              + DATABASE
              + """
              .usage_events VALUES
              (1, 'acme', 'a', 'billed', '2026-11-01 00:00:00', 'USD', 1.5, 'USD', 0.000000000001, 1),
              (2, 'acme', 'a', 'billed', '2026-11-30 23:59:59.999', 'USD', 1, 'USD', 2, 1),
              (2, 'acme', 'a', 'billed', '2026-11-30 23:59:59.999', 'USD', 1, 'USD', 2, 2),
              (3, 'acme', 'b', 'billed', '2026-11-02 00:00:00', 'USD', 4, '', 0, 1),
              (4, 'acme', 'a', 'billed', '2026-12-01 00:00:00', 'USD', 9, 'USD', 9, 1),
              (5, 'unattributed:x', 'a', 'unattributed', '2026-11-02 00:00:00', '', 0, '', 0, 1),
              (6, 'globex', 'a', 'billed', '2026-11-02 00:00:00', 'USD', 8, 'EUR', 1, 1)
              """);
      statement.execute(
          "CREATE TABLE "
              + DATABASE
              + """
              .catalog (id String, version UInt64, kind LowCardinality(String), command_id String,
              author LowCardinality(String), reason String, at DateTime64(3, 'UTC'),
              resource String, record_offset UInt64)
              ENGINE = ReplacingMergeTree(record_offset) ORDER BY (id, version)
              """);
      statement.execute(
          "INSERT INTO "
              + DATABASE
              + """
              .catalog VALUES
              ('account/acme', 1, 'account', 'c1', 'ann', 'first', '2026-11-01 00:00:00.007', '{}', 1),
              ('account/acme', 3, 'account', 'c3', 'bob', 'second', '2026-11-02 00:00:00', '{}', 2),
              ('account/globex', 2, 'account', 'c2', 'ann', '', '2026-11-01 00:00:00', '{}', 3)
              """);
    }
  }

  @Test
  void sumsRevenueAndCostByAccountAndModel() {
    ClickHouseMarginHistory history = new ClickHouseMarginHistory(pool);
    assertThat(history.sums(new MarginQuery("acme", null, NOVEMBER, DECEMBER, true, true), 10))
        .usingElementComparator((one, other) -> one.toString().equals(other.toString()) ? 0 : 1)
        .containsExactly(
            new MarginSum(
                "acme",
                "a",
                "USD",
                "USD",
                2,
                new BigDecimal("2.500000000000"),
                new BigDecimal("2.000000000001")),
            new MarginSum(
                "acme",
                "b",
                "USD",
                "",
                1,
                new BigDecimal("4.000000000000"),
                new BigDecimal("0.000000000000")));
    assertThat(history.sums(new MarginQuery(null, "a", NOVEMBER, DECEMBER, true, false), 10))
        .extracting(MarginSum::account, MarginSum::model, MarginSum::costCurrency)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("acme", "", "USD"),
            org.assertj.core.groups.Tuple.tuple("globex", "", "EUR"));
    assertThat(history.sums(new MarginQuery(null, null, NOVEMBER, DECEMBER, true, true), 1))
        .hasSize(1);
  }

  @Test
  void tellsVersionsNewestFirst() {
    ClickHouseCatalogHistory history = new ClickHouseCatalogHistory(pool);
    assertThat(history.of("account/acme", true, null, 10))
        .extracting(Revision::version, Revision::author, Revision::reason)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(3L, "bob", "second"),
            org.assertj.core.groups.Tuple.tuple(1L, "ann", "first"));
    assertThat(history.of("account/acme", true, 3L, 10))
        .singleElement()
        .satisfies(
            revision ->
                assertThat(revision.at()).isEqualTo(Instant.parse("2026-11-01T00:00:00.007Z")));
    assertThat(history.of("account/acme", false, null, 10))
        .extracting(Revision::version)
        .containsExactly(1L, 3L);
    assertThat(history.of("account/acme", false, 1L, 10))
        .extracting(Revision::version)
        .containsExactly(3L);
    assertThat(history.of("account/nobody", true, null, 10)).isEmpty();
  }
}
