package dev.taximeter.api.clickhouse;

import dev.taximeter.api.alerts.OddLines;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;

/** Counts odd lines of the last while, in two small ranges of arrival. */
public final class ClickHouseOddLines implements OddLines {
  private static final String SINCE = "fromUnixTimestamp64Milli(toInt64(?), 'UTC')";

  private final ConnectionPool pool;

  public ClickHouseOddLines(ConnectionPool pool) {
    this.pool = pool;
  }

  @Override
  public Counts since(Instant since) {
    Sql sql =
        new Sql()
            .add("SELECT (SELECT uniqExact(id) FROM line_fates WHERE leakage AND arrival >= ")
            .add(SINCE + "),", since.toEpochMilli())
            .add(" (SELECT uniqExact(id) FROM usage_events WHERE has(flags, 'tampered')")
            .add(" AND arrival >= " + SINCE + ")", since.toEpochMilli());
    return pool.with(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
            sql.bind(statement);
            try (ResultSet row = statement.executeQuery()) {
              return row.next() ? new Counts(row.getLong(1), row.getLong(2)) : new Counts(0, 0);
            }
          }
        });
  }
}
