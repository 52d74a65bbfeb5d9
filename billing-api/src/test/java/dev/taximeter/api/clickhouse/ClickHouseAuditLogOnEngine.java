package dev.taximeter.api.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.auditlog.AuditLogHistory.Query;
import dev.taximeter.api.settings.ApiSettings;
import dev.taximeter.api.web.Cursors.Moment;
import dev.taximeter.contract.event.AuditRecord;
import dev.taximeter.contract.event.AuditRecord.Outcome;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The audit log on a real engine, which the end-to-end module starts. */
class ClickHouseAuditLogOnEngine {
  private static final String DATABASE = "taximeter_api_audit_log_test";
  private static final String URL = System.getProperty("taximeter.test.clickhouse.url", "");
  private static final String USER =
      System.getProperty("taximeter.test.clickhouse.user", "default");
  private static final String PASSWORD =
      System.getProperty("taximeter.test.clickhouse.password", "");
  private static final Query ALL = new Query(null, null, null, null, true, null);

  private final ConnectionPool pool =
      new ConnectionPool(new ApiSettings.ClickHouse(URL, DATABASE, USER, PASSWORD));
  private final ClickHouseAuditLogHistory history = new ClickHouseAuditLogHistory(pool);

  @AfterEach
  void close() {
    pool.close();
  }

  @BeforeEach
  void create() throws SQLException {
    try (Connection connection = DriverManager.getConnection(URL, USER, PASSWORD);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE IF NOT EXISTS " + DATABASE);
      statement.execute("DROP TABLE IF EXISTS " + DATABASE + ".audit_log");
      statement.execute(
          "CREATE TABLE "
              + DATABASE
              + """
              .audit_log (id UUID, at DateTime64(3, 'UTC'), token LowCardinality(String),
              author LowCardinality(String), role LowCardinality(String),
              account LowCardinality(String), address LowCardinality(String),
              method LowCardinality(String), route LowCardinality(String), path String,
              outcome LowCardinality(String), status UInt16, problem LowCardinality(String),
              detail String, commands String, record_partition UInt16, record_offset UInt64)
              ENGINE = ReplacingMergeTree(record_offset)
              PARTITION BY toYYYYMM(at) ORDER BY (at, id)
              """);
      for (int i = 1; i <= 3; i++) {
        insert(statement, i, "attempted", 0, "[]", i);
      }
      insert(
          statement,
          2,
          "done",
          201,
          "[{\"commandId\":\"c\",\"before\":null,\"after\":\"{}\",\"order\":null,\"result\":null}]",
          9);
    }
  }

  /** The first two at the same instant. */
  private static void insert(
      Statement statement, int number, String outcome, int status, String commands, int offset)
      throws SQLException {
    statement.execute(
        """
        INSERT INTO %s.audit_log VALUES
        ('00000000-0000-0000-0000-00000000000%d', '2026-11-24 09:30:0%d.500', '%s', 'n', 'viewer', '',
        '127.0.0.1', 'POST', '/v1/r', '/v1/r', '%s', %d, '', '', '%s', 0, %d)
        """
            .formatted(
                DATABASE,
                number,
                number / 3,
                number == 3 ? "tok_3" : "admin",
                outcome,
                status,
                commands,
                offset));
  }

  private static List<String> ends(List<AuditRecord> records) {
    return records.stream().map(it -> it.id().substring(35)).toList();
  }

  @Test
  void theLaterRecordOfARequestIsReadNewestFirst() {
    List<AuditRecord> found = history.page(ALL, 10);

    assertThat(ends(found)).containsExactly("3", "2", "1");
    AuditRecord done = found.get(1);
    assertThat(done.outcome()).isEqualTo(Outcome.DONE);
    assertThat(done.status()).isEqualTo(201);
    assertThat(done.at()).isEqualTo(Instant.parse("2026-11-24T09:30:00.500Z"));
    assertThat(done.account()).isNull();
    assertThat(done.problem()).isNull();
    assertThat(done.commands()).containsExactly(new AuditRecord.Asked("c", null, "{}", null, null));
    assertThat(found.get(2).outcome()).isEqualTo(Outcome.ATTEMPTED);
  }

  @Test
  void filtersAndPlacesNarrowIt() {
    Instant noon = Instant.parse("2026-11-24T09:30:00.500Z");
    Instant next = Instant.parse("2026-11-24T09:30:01.500Z");

    assertThat(ends(history.page(new Query(noon, next, null, null, true, null), 10)))
        .containsExactly("2", "1");
    assertThat(ends(history.page(new Query(null, null, "tok_3", null, true, null), 10)))
        .containsExactly("3");
    assertThat(ends(history.page(new Query(null, null, null, Outcome.DONE, true, null), 10)))
        .containsExactly("2");
    Moment second = new Moment(noon, "00000000-0000-0000-0000-000000000002");
    assertThat(ends(history.page(new Query(null, null, null, null, true, second), 10)))
        .containsExactly("1");
    assertThat(ends(history.page(new Query(null, null, null, null, false, second), 10)))
        .containsExactly("3");
    assertThat(ends(history.page(new Query(null, null, null, null, false, null), 2)))
        .containsExactly("1", "2");
    assertThat(ends(history.page(ALL, 2))).containsExactly("3", "2");
  }
}
