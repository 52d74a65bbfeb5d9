package dev.taximeter.api.clickhouse;

import dev.taximeter.api.alerts.AlertHistory;
import dev.taximeter.api.web.Cursors;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.event.Alert;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Alerts from {@code alerts}. */
public final class ClickHouseAlertHistory implements AlertHistory {
  private final ConnectionPool pool;

  private static final String COLUMNS =
      "SELECT account, quota, metric, `window`, key, model, period,"
          + " toUnixTimestamp64Milli(period_start), toUnixTimestamp64Milli(period_end),"
          + " threshold, `limit`, value, currency, toUnixTimestamp64Milli(crossed_at), line,"
          + " toUnixTimestamp64Milli(arrival), late, sequence,"
          + " toUnixTimestamp64Milli(decided_at)"
          + " FROM alerts FINAL";

  public ClickHouseAlertHistory(ConnectionPool pool) {
    this.pool = pool;
  }

  @Override
  public List<Alert> page(Query query, int most) {
    return alerts(statement(query, most));
  }

  @Override
  public @Nullable Alert find(String id) {
    Sql sql = new Sql().add(COLUMNS).add(" WHERE id = toUUID(?) LIMIT 1", id);
    return alerts(sql).stream().findFirst().orElse(null);
  }

  private List<Alert> alerts(Sql sql) {
    return pool.with(
        connection -> {
          List<Alert> found = new ArrayList<>();
          try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
            sql.bind(statement);
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                found.add(alert(row));
              }
            }
          }
          return found;
        });
  }

  private static Sql statement(Query query, int most) {
    Sql sql = new Sql().add(COLUMNS).add(" WHERE 1 = 1");
    if (query.account() != null) {
      sql.add(" AND account = ?", query.account());
    }
    if (query.quota() != null) {
      sql.add(" AND quota = ?", query.quota());
    }
    if (query.from() != null) {
      sql.add(
          " AND crossed_at >= fromUnixTimestamp64Milli(toInt64(?), 'UTC')",
          query.from().toEpochMilli());
    }
    if (query.to() != null) {
      sql.add(
          " AND crossed_at < fromUnixTimestamp64Milli(toInt64(?), 'UTC')",
          query.to().toEpochMilli());
    }
    Cursors.Moment after = query.after();
    if (after != null) {
      sql.add(query.descending() ? " AND (crossed_at, id) <" : " AND (crossed_at, id) >");
      sql.add(
          " (fromUnixTimestamp64Milli(toInt64(?), 'UTC'), toUUID(?))",
          after.at().toEpochMilli(),
          after.id());
    }
    String order = query.descending() ? "DESC" : "ASC";
    return sql.add(" ORDER BY crossed_at " + order + ", id " + order + " LIMIT ?", most);
  }

  private static Alert alert(ResultSet row) throws SQLException {
    String line = orNull(row.getString(15));
    return new Alert(
        row.getString(1),
        row.getString(2),
        Quota.Metric.valueOf(row.getString(3).toUpperCase(Locale.ROOT)),
        Quota.Window.valueOf(row.getString(4).toUpperCase(Locale.ROOT)),
        orNull(row.getString(5)),
        orNull(row.getString(6)),
        row.getString(7),
        Instant.ofEpochMilli(row.getLong(8)),
        Instant.ofEpochMilli(row.getLong(9)),
        row.getInt(10),
        row.getBigDecimal(11),
        row.getBigDecimal(12),
        row.getString(13),
        Instant.ofEpochMilli(row.getLong(14)),
        line,
        line == null ? null : Instant.ofEpochMilli(row.getLong(16)),
        row.getBoolean(17),
        row.getLong(18),
        Instant.ofEpochMilli(row.getLong(19)));
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }
}
