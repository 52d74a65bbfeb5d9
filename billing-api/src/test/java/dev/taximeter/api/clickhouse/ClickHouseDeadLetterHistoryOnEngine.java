package dev.taximeter.api.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.deadletters.DeadLetterHistory.Place;
import dev.taximeter.api.deadletters.DeadLetterHistory.Selection;
import dev.taximeter.api.deadletters.DeadLetterItem;
import dev.taximeter.api.settings.ApiSettings;
import dev.taximeter.contract.event.Reason;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Dead letters on a real engine, run as {@link ClickHouseUsageHistoryOnEngine} is. */
class ClickHouseDeadLetterHistoryOnEngine {
  private static final String DATABASE = "taximeter_api_letters_test";
  private static final String URL = System.getProperty("taximeter.test.clickhouse.url", "");
  private static final String USER =
      System.getProperty("taximeter.test.clickhouse.user", "default");
  private static final String PASSWORD =
      System.getProperty("taximeter.test.clickhouse.password", "");
  private static final Instant ARRIVAL = Instant.parse("2026-11-24T08:00:00Z");
  private static final Selection REPLAYABLE = new Selection(null, null, null, null, true);

  private final ConnectionPool pool =
      new ConnectionPool(new ApiSettings.ClickHouse(URL, DATABASE, USER, PASSWORD));
  private final ClickHouseDeadLetterHistory history = new ClickHouseDeadLetterHistory(pool);

  @BeforeEach
  void create() throws SQLException {
    try (Connection connection = DriverManager.getConnection(URL, USER, PASSWORD);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE IF NOT EXISTS " + DATABASE);
      statement.execute("DROP TABLE IF EXISTS " + DATABASE + ".dead_letters");
      statement.execute("DROP TABLE IF EXISTS " + DATABASE + ".line_replays");
      statement.execute("DROP TABLE IF EXISTS " + DATABASE + ".suspense");
      statement.execute(
          "CREATE TABLE "
              + DATABASE
              + """
              .dead_letters (id UUID, fate LowCardinality(String), reason LowCardinality(String),
              excerpt String, arrival DateTime64(3, 'UTC'), host LowCardinality(String),
              path String, offset Int64, shipment String, record_offset UInt64)
              ENGINE = ReplacingMergeTree(record_offset) ORDER BY (arrival, id)
              """);
      statement.execute(
          "CREATE TABLE "
              + DATABASE
              + """
              .suspense (id UUID, state LowCardinality(String), record_offset UInt64)
              ENGINE = ReplacingMergeTree(record_offset) ORDER BY id
              """);
      statement.execute(
          "CREATE TABLE "
              + DATABASE
              + """
              .line_replays (id UUID, outcome LowCardinality(String), fate LowCardinality(String),
              reason LowCardinality(String), problem String, author String,
              at DateTime64(3, 'UTC'), record_offset UInt64)
              ENGINE = ReplacingMergeTree(record_offset) ORDER BY (id, at)
              """);
    }
  }

  @AfterEach
  void close() {
    pool.close();
  }

  private static void letter(int number, String fate, Reason reason) throws SQLException {
    insert(
        ".dead_letters SELECT toUUID(?), ?, ?, 'xx', fromUnixTimestamp64Milli(toInt64(?), 'UTC'),"
            + " 'gw-1', '/a.log', 0, 'run-1', 1",
        List.of(
            uuid(number),
            fate,
            reason.code(),
            Long.toString(ARRIVAL.plusSeconds(number).toEpochMilli())));
  }

  private static void replay(int number, String outcome) throws SQLException {
    replay(number, outcome, "");
  }

  private static void replay(int number, String outcome, String fate) throws SQLException {
    insert(
        ".line_replays SELECT toUUID(?), ?, ?, '', '', 'ann', now64(3, 'UTC'), 1",
        List.of(uuid(number), outcome, fate));
  }

  private static void desk(int number, String state) throws SQLException {
    insert(".suspense SELECT toUUID(?), ?, 1", List.of(uuid(number), state));
  }

  private static void insert(String sql, List<String> values) throws SQLException {
    try (Connection connection = DriverManager.getConnection(URL, USER, PASSWORD);
        PreparedStatement statement =
            connection.prepareStatement("INSERT INTO " + DATABASE + sql)) {
      for (int i = 0; i < values.size(); i++) {
        statement.setString(i + 1, values.get(i));
      }
      statement.execute();
    }
  }

  private static String uuid(int number) {
    return "00000000-0000-0000-0000-%012d".formatted(number);
  }

  private static List<Integer> numbers(List<DeadLetterItem> letters) {
    return letters.stream().map(letter -> Integer.parseInt(letter.id().substring(20))).toList();
  }

  @Test
  void whatCannotBeReplayedIsLeftOutByItsReason() throws SQLException {
    List<Integer> expected = new ArrayList<>();
    int number = 0;
    for (Reason reason :
        List.of(
            Reason.BAD_FRAME,
            Reason.FOREIGN_LINE,
            Reason.LINE_TOO_LONG,
            Reason.UNREADABLE_TIME,
            Reason.INTERNAL_ERROR)) {
      letter(++number, "quarantined", reason);
      if (reason != Reason.BAD_FRAME && reason != Reason.LINE_TOO_LONG) {
        expected.add(0, number);
      }
    }
    letter(10, "suspense", Reason.COUNTS_UNCERTAIN);
    letter(11, "quarantined", Reason.FOREIGN_LINE);
    replay(11, "resolved");
    letter(12, "quarantined", Reason.FOREIGN_LINE);
    replay(12, "unchanged");
    expected.add(0, 12);

    assertThat(numbers(history.page(REPLAYABLE, true, null, 100))).isEqualTo(expected);
    assertThat(history.page(new Selection("bad-frame", null, null, null, true), true, null, 100))
        .isEmpty();
    assertThat(history.page(new Selection("bad-frame", null, null, null, false), true, null, 100))
        .hasSize(1);
  }

  @Test
  void whatIsHeldIsChosenByFileOrReasonWhileItIsOpen() throws SQLException {
    letter(1, "suspense", Reason.PAYER_UNCERTAIN);
    desk(1, "open");
    letter(2, "suspense", Reason.PAYER_UNCERTAIN);
    desk(2, "assigned");
    letter(3, "suspense", Reason.PAYER_UNCERTAIN);
    desk(3, "written-off");
    letter(4, "suspense", Reason.TOO_OLD);
    letter(5, "suspense", Reason.COUNTS_UNCERTAIN);
    replay(5, "refused");
    letter(6, "suspense", Reason.PAYER_UNCERTAIN);
    replay(6, "resolved", "suspense");
    letter(7, "suspense", Reason.PAYER_UNCERTAIN);
    replay(7, "resolved", "billed");
    letter(8, "quarantined", Reason.FOREIGN_LINE);
    letter(9, "suspense", Reason.UNCERTAIN_BEGINNING);

    Selection ofFile = new Selection(null, "gw-1:/a.log", null, null, true);
    assertThat(numbers(history.page(ofFile, true, null, 100))).containsExactly(8, 6, 5, 1);
    Selection ofReason = new Selection("payer-uncertain", null, null, null, true);
    assertThat(numbers(history.page(ofReason, true, null, 100))).containsExactly(6, 1);
    assertThat(numbers(history.page(REPLAYABLE, true, null, 100))).containsExactly(8);
  }

  /** Letters that stay as they are do not hide those behind them. */
  @Test
  void aPageBeginsBehindThePlaceOfTheOneBefore() throws SQLException {
    for (int number = 1; number <= 5; number++) {
      letter(number, "quarantined", Reason.FOREIGN_LINE);
      replay(number, "unchanged");
    }
    List<DeadLetterItem> first = history.page(REPLAYABLE, true, null, 2);
    DeadLetterItem last = first.get(1);
    assertThat(numbers(first)).containsExactly(5, 4);
    assertThat(numbers(history.page(REPLAYABLE, true, new Place(last.arrival(), last.id()), 100)))
        .containsExactly(3, 2, 1);
    assertThat(numbers(history.page(REPLAYABLE, false, new Place(last.arrival(), last.id()), 100)))
        .containsExactly(5);
    assertThat(numbers(history.page(REPLAYABLE, false, null, 2))).containsExactly(1, 2);
  }
}
