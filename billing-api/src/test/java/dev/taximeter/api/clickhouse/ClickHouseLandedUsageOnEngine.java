package dev.taximeter.api.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.bills.LandedLines;
import dev.taximeter.api.bills.LandedUsage;
import dev.taximeter.api.bills.LandedUsageContract;
import dev.taximeter.api.settings.ApiSettings;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageEvent.Charge;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Landed usage on a real engine, which the end-to-end module starts. */
class ClickHouseLandedUsageOnEngine extends LandedUsageContract {
  private static final String DATABASE = "taximeter_api_landed_test";
  private static final String URL = System.getProperty("taximeter.test.clickhouse.url", "");
  private static final String USER =
      System.getProperty("taximeter.test.clickhouse.user", "default");
  private static final String PASSWORD =
      System.getProperty("taximeter.test.clickhouse.password", "");
  private static final String TABLE = DATABASE + ".usage_events";

  private final ConnectionPool pool =
      new ConnectionPool(new ApiSettings.ClickHouse(URL, DATABASE, USER, PASSWORD));
  private boolean created;

  @AfterEach
  void close() {
    pool.close();
  }

  /** Runs before the contract's own preparation lands anything: {@link #land} asks for it, too. */
  @BeforeEach
  void create() throws SQLException {
    if (created) {
      return;
    }
    created = true;
    execute("CREATE DATABASE IF NOT EXISTS " + DATABASE);
    execute("DROP TABLE IF EXISTS " + TABLE);
    execute(
        "CREATE TABLE "
            + TABLE
            + """
             (id String, account String, sequence UInt64, fate LowCardinality(String),
            model LowCardinality(String), input UInt64, cached_input UInt64, cache_write UInt64,
            output UInt64, reasoning UInt64, completion DateTime64(3, 'UTC'),
            settled DateTime64(3, 'UTC'), unpriced Bool,
            `charges.token_class` Array(LowCardinality(String)),
            `charges.model` Array(LowCardinality(String)),
            `charges.price_version` Array(LowCardinality(String)),
            `charges.quantity` Array(UInt64), `charges.amount` Array(Decimal(38, 12)),
            record_offset UInt64, key String, key_last_four String,
            start DateTime64(3, 'UTC'), arrival DateTime64(3, 'UTC'), host String, path String,
            offset Int64, flags Array(String), cost Decimal(38, 12))
            ENGINE = ReplacingMergeTree(record_offset)
            PARTITION BY toYYYYMM(completion) ORDER BY (account, completion, id)
            """);
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(URL, USER, PASSWORD);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String all(UsageEvent event, Function<Charge, Object> what, String quote) {
    return event.charges().stream()
        .map(charge -> quote + what.apply(charge) + quote)
        .collect(Collectors.joining(",", "[", "]"));
  }

  @Override
  protected void land(UsageEvent event) throws SQLException {
    create();
    // A row that was landed twice counts once.
    for (int offset = 1; offset <= 2; offset++) {
      execute(
          "INSERT INTO %s VALUES ('%s', '%s', %d, '%s', '%s', %d, %d, %d, %d, %d, %d, %d, %b, %s, %s, %s, %s, %s, %d, '%s', '%s', %d, %d, '%s', '%s', %d, ['a','b'], %s)"
              .formatted(
                  TABLE,
                  event.usage().id(),
                  event.account(),
                  event.sequence(),
                  event.usage().fate().code(),
                  event.usage().model(),
                  event.usage().tokens().input(),
                  event.usage().tokens().cachedInput(),
                  event.usage().tokens().cacheWrite(),
                  event.usage().tokens().output(),
                  event.usage().tokens().reasoning(),
                  event.usage().completion().toEpochMilli(),
                  event.settled().toEpochMilli(),
                  event.unpriced(),
                  all(event, charge -> charge.tokenClass().code(), "'"),
                  all(event, Charge::model, "'"),
                  all(event, Charge::priceVersion, "'"),
                  all(event, Charge::quantity, ""),
                  all(event, charge -> charge.amount().toPlainString(), ""),
                  offset,
                  event.usage().key(),
                  "9f3A",
                  event.usage().start().toEpochMilli(),
                  event.usage().arrival().toEpochMilli(),
                  event.usage().source().host(),
                  event.usage().source().path(),
                  event.usage().offset(),
                  event.charges().stream()
                      .map(Charge::amount)
                      .reduce(BigDecimal.ZERO, BigDecimal::add)
                      .toPlainString()));
    }
  }

  @Override
  protected LandedUsage store() {
    return new ClickHouseLandedUsage(pool);
  }

  private String valueOf(String statement) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(URL.replaceFirst("/?$", "/" + DATABASE), USER, PASSWORD);
        Statement run = connection.createStatement();
        ResultSet row = run.executeQuery(statement)) {
      assertThat(row.next()).isTrue();
      String value = row.getString(1);
      assertThat(row.next()).isFalse();
      return value;
    }
  }

  /** What people are given to paste says what the figure says. */
  @Test
  void theStatementGivesTheFigure() throws SQLException {
    LandedLines lines = new ClickHouseLandedLines(pool);
    for (LandedLines.Selection selection :
        List.of(
            new LandedLines.Selection("acme", null, null, null, null, Long.MAX_VALUE),
            new LandedLines.Selection("acme", null, null, null, null, 2),
            new LandedLines.Selection("acme", null, null, "k", null, Long.MAX_VALUE),
            new LandedLines.Selection("acme", null, null, "o'k\\", null, Long.MAX_VALUE),
            new LandedLines.Selection(
                "acme",
                Instant.parse("2026-10-15T00:00:00Z"),
                Instant.parse("2026-10-31T23:00:00Z"),
                null,
                null,
                Long.MAX_VALUE))) {
      BigDecimal charged =
          lines.charged(selection, 100).stream()
              .map(line -> line.amount())
              .reduce(BigDecimal.ZERO, BigDecimal::add);
      BigDecimal single =
          lines.lines(selection, 0, 100).stream()
              .map(LandedLines.LandedLine::cost)
              .reduce(BigDecimal.ZERO, BigDecimal::add);
      assertThat(single).isEqualByComparingTo(charged);
      assertThat(new BigDecimal(valueOf(lines.statement(selection, null))))
          .isEqualByComparingTo(charged);
      assertThat(new BigDecimal(valueOf(lines.statement(selection, new BigDecimal("50.25")))))
          .isEqualByComparingTo(new BigDecimal("50.25").subtract(charged));
    }
    List<LandedLines.LandedLine> first =
        lines.lines(
            new LandedLines.Selection("acme", null, null, null, null, Long.MAX_VALUE), 0, 1);
    assertThat(first).hasSize(1);
    assertThat(first.get(0).sequence()).isEqualTo(1);
    assertThat(first.get(0).id()).hasSize(32);
    assertThat(first.get(0).keyLastFour()).isEqualTo("9f3A");
    assertThat(first.get(0).flags()).containsExactly("a", "b");
  }
}
