package dev.taximeter.api.clickhouse;

import dev.taximeter.api.accounting.LineCountHistory;
import dev.taximeter.api.accounting.Tally;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Conservation counters from {@code line_accounting}. */
public final class ClickHouseLineCountHistory implements LineCountHistory {
  private final ConnectionPool pool;

  public ClickHouseLineCountHistory(ConnectionPool pool) {
    this.pool = pool;
  }

  @Override
  public List<Tally> tallies(Instant from, Instant before, int mostTallies) {
    Sql sql = statement(from, before, mostTallies);
    return pool.with(
        connection -> {
          List<Tally> tallies = new ArrayList<>();
          try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
            sql.bind(statement);
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                tallies.add(tally(row));
              }
            }
          }
          return tallies;
        });
  }

  static Sql statement(Instant from, Instant before, int mostTallies) {
    return new Sql()
        .add("SELECT shipment, host, path, toInt64(toUnixTimestamp(hour)), ")
        .add("countIf(writer = 'shipper'), sum(read), sum(settled)")
        .add(", sum(billed), sum(unattributed), sum(unbillable), sum(duplicate)")
        .add(", sum(suspense), sum(quarantined) FROM line_accounting FINAL")
        .add(
            " WHERE hour >= toDateTime(?, 'UTC') AND hour < toDateTime(?, 'UTC')",
            from.getEpochSecond(),
            before.getEpochSecond())
        .add(" GROUP BY shipment, host, path, hour LIMIT ?", (long) mostTallies + 1);
  }

  private static Tally tally(ResultSet row) throws SQLException {
    Map<Fate, Long> fates = new EnumMap<>(Fate.class);
    fates.put(Fate.BILLED, row.getLong(8));
    fates.put(Fate.UNATTRIBUTED, row.getLong(9));
    fates.put(Fate.UNBILLABLE, row.getLong(10));
    fates.put(Fate.DUPLICATE, row.getLong(11));
    fates.put(Fate.SUSPENSE, row.getLong(12));
    fates.put(Fate.QUARANTINED, row.getLong(13));
    Instant hour = Instant.ofEpochSecond(row.getLong(4));
    return new Tally(
        row.getString(1),
        new LineSource(row.getString(2), row.getString(3)),
        hour,
        row.getLong(5) > 0,
        row.getLong(6),
        row.getLong(7),
        fates,
        // Long ago: history is asked only for hours that have given way to newer ones.
        hour);
  }
}
