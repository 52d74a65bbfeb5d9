package dev.taximeter.api.clickhouse;

import dev.taximeter.api.deadletters.DeadLetterHistory;
import dev.taximeter.api.deadletters.DeadLetterItem;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineReplay.Outcome;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Reason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Dead letters from {@code dead_letters}, with their replays from {@code line_replays}. */
public final class ClickHouseDeadLetterHistory implements DeadLetterHistory {
  private static final String COLUMNS =
      """
      SELECT replaceAll(toString(id), '-', ''), fate, reason, excerpt,
        toUnixTimestamp64Milli(arrival), host, path, offset, shipment
      FROM dead_letters FINAL
      WHERE true""";

  private static final String REPLAYS =
      """
      SELECT replaceAll(toString(id), '-', ''), outcome, fate, reason, problem, author,
        toUnixTimestamp64Milli(at)
      FROM line_replays FINAL
      WHERE id IN (""";

  private static final String NOT_KEPT = codes(reason -> !reason.keepsLine());

  private static final String QUARANTINED =
      "(fate = 'quarantined' AND reason NOT IN ("
          + NOT_KEPT
          + ") AND id NOT IN (SELECT id FROM line_replays WHERE outcome = 'resolved'))";

  /** A line can have come into suspense by a replay, and be open there. */
  private static final String HELD =
      "(fate = 'suspense' AND reason NOT IN ("
          + codes(reason -> !reason.isOfConfiguration())
          + ") AND id NOT IN (SELECT id FROM line_replays"
          + " WHERE outcome = 'resolved' AND fate != 'suspense')"
          + " AND id NOT IN (SELECT id FROM suspense WHERE state != 'open'))";

  private static final String INSTANT = "fromUnixTimestamp64Milli(toInt64(?), 'UTC')";

  private final ConnectionPool pool;

  public ClickHouseDeadLetterHistory(ConnectionPool pool) {
    this.pool = pool;
  }

  @Override
  public List<DeadLetterItem> page(
      Selection selection, boolean descending, @Nullable Place after, int most) {
    Sql sql = statement(selection, descending, after, most);
    return pool.with(connection -> read(connection, sql));
  }

  @Override
  public @Nullable DeadLetterItem find(String id) {
    Sql sql =
        new Sql()
            .add(COLUMNS)
            .add(" AND id = toUUID(?)", uuid(id))
            .add(" ORDER BY record_offset DESC LIMIT 1");
    List<DeadLetterItem> found = pool.with(connection -> read(connection, sql));
    return found.isEmpty() ? null : found.get(0);
  }

  /** Codes of our own, so nothing needs to be bound. */
  private static String codes(Predicate<Reason> which) {
    return Arrays.stream(Reason.values())
        .filter(which)
        .map(reason -> "'" + reason.code() + "'")
        .collect(Collectors.joining(", "));
  }

  static Sql statement(Selection selection, boolean descending, @Nullable Place after, int most) {
    Sql sql = new Sql().add(COLUMNS);
    if (selection.reason() != null) {
      sql.add(" AND reason = ?", selection.reason());
    }
    if (selection.source() != null) {
      sql.add(
          " AND (path = ? OR concat(host, ':', path) = ?)", selection.source(), selection.source());
    }
    if (selection.from() != null) {
      sql.add(" AND arrival >= " + INSTANT, selection.from().toEpochMilli());
    }
    if (selection.to() != null) {
      sql.add(" AND arrival < " + INSTANT, selection.to().toEpochMilli());
    }
    if (selection.onlyReplayable()) {
      // The others are refused in any case, and would stand before those that are not.
      sql.add(
          selection.isNarrow()
              ? " AND (" + QUARANTINED + " OR " + HELD + ")"
              : " AND " + QUARANTINED);
    }
    if (after != null) {
      sql.add(
          " AND (arrival, id) " + (descending ? '<' : '>') + " (" + INSTANT + ", toUUID(?))",
          after.arrival().toEpochMilli(),
          uuid(after.id()));
    }
    String direction = descending ? "DESC" : "ASC";
    return sql.add(
        " ORDER BY arrival %s, id %s LIMIT ?".formatted(direction, direction), (long) most);
  }

  private static List<DeadLetterItem> read(Connection connection, Sql sql) throws SQLException {
    List<DeadLetterItem> letters = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
      sql.bind(statement);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          letters.add(letter(row));
        }
      }
    }
    Map<String, DeadLetterItem.Replay> replays = replays(connection, letters);
    return letters.stream().map(letter -> with(letter, replays.get(letter.id()))).toList();
  }

  private static Map<String, DeadLetterItem.Replay> replays(
      Connection connection, List<DeadLetterItem> letters) throws SQLException {
    Map<String, DeadLetterItem.Replay> replays = new HashMap<>();
    if (letters.isEmpty()) {
      return replays;
    }
    Sql sql =
        new Sql()
            .add(REPLAYS)
            .addList(letters.stream().map(letter -> uuid(letter.id())).distinct().toList())
            .add(")");
    try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
      sql.bind(statement);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          replays.merge(row.getString(1), replay(row), ClickHouseDeadLetterHistory::decisive);
        }
      }
    }
    return replays;
  }

  /** A line that was resolved stays so, whatever was tried afterwards. */
  private static DeadLetterItem.Replay decisive(
      DeadLetterItem.Replay one, DeadLetterItem.Replay other) {
    if (isFinal(one) != isFinal(other)) {
      return isFinal(one) ? one : other;
    }
    return one.at().isAfter(other.at()) ? one : other;
  }

  /** What came into suspense can be replayed from there. */
  private static boolean isFinal(DeadLetterItem.Replay replay) {
    return replay.outcome() == Outcome.RESOLVED && replay.fate() != Fate.SUSPENSE;
  }

  private static DeadLetterItem letter(ResultSet row) throws SQLException {
    return new DeadLetterItem(
        row.getString(1),
        fate(row.getString(2)),
        row.getString(3),
        row.getString(4),
        Instant.ofEpochMilli(row.getLong(5)),
        new LineSource(row.getString(6), row.getString(7)),
        row.getLong(8),
        row.getString(9),
        null);
  }

  private static DeadLetterItem.Replay replay(ResultSet row) throws SQLException {
    String fate = row.getString(3);
    return new DeadLetterItem.Replay(
        Outcome.valueOf(row.getString(2).toUpperCase(Locale.ROOT)),
        fate.isEmpty() ? null : fate(fate),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        Instant.ofEpochMilli(row.getLong(7)));
  }

  private static Fate fate(String code) {
    return Fate.valueOf(code.toUpperCase(Locale.ROOT));
  }

  private static DeadLetterItem with(
      DeadLetterItem letter, DeadLetterItem.@Nullable Replay replay) {
    return new DeadLetterItem(
        letter.id(),
        letter.fate(),
        letter.reason(),
        letter.excerpt(),
        letter.arrival(),
        letter.source(),
        letter.offset(),
        letter.shipment(),
        replay);
  }

  private static String uuid(String hex) {
    return String.join(
        "-",
        hex.substring(0, 8),
        hex.substring(8, 12),
        hex.substring(12, 16),
        hex.substring(16, 20),
        hex.substring(20));
  }
}
