package dev.taximeter.api.clickhouse;

import dev.taximeter.api.lines.LineHistory;
import dev.taximeter.api.usage.Buckets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lines from {@code usage_events} and {@code line_fates}. */
public final class ClickHouseLineHistory implements LineHistory {
  /** No line that counts completed later after its arrival; it bounds which months are read. */
  private static final Duration MOST_AHEAD = Duration.ofMinutes(10);

  /** A line's completion, or where it does not tell one, its arrival. */
  private static final String AT =
      "toUnixTimestamp64Milli(if(toUnixTimestamp64Milli(completion) = 0, arrival, completion))";

  private final ConnectionPool pool;

  public ClickHouseLineHistory(ConnectionPool pool) {
    this.pool = pool;
  }

  /** Makes something of one row. */
  private interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  @Override
  public List<LeakageSum> leakage(LeakageQuery query, int most) {
    return rows(
        leakageStatement(query, most),
        row ->
            new LeakageSum(row.getString(1), row.getString(2), row.getString(3), row.getLong(4)));
  }

  @Override
  public List<OperationSum> operations(OperationQuery query) {
    return rows(
        operationsStatement(query),
        row ->
            new OperationSum(
                row.getLong(1),
                row.getLong(2),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6),
                row.getLong(7)));
  }

  @Override
  public @Nullable Instant latestArrival(Instant since) {
    Sql sql =
        new Sql()
            .add("SELECT toUnixTimestamp64Milli(max(arrival)) FROM line_fates")
            .add(
                " WHERE arrival >= fromUnixTimestamp64Milli(toInt64(?), 'UTC')",
                since.toEpochMilli());
    long latest = rows(sql, row -> row.getLong(1)).stream().findFirst().orElse(0L);
    return latest == 0 ? null : Instant.ofEpochMilli(latest);
  }

  static Sql leakageStatement(LeakageQuery query, int most) {
    return new Sql()
        .add("SELECT key_fingerprint, ")
        .add(query.byModel() ? "model" : "''")
        .add(" AS group_model, ")
        .add(query.byReason() ? "reason" : "''")
        .add(" AS group_reason, uniqExact(id) FROM line_fates FINAL WHERE leakage")
        .add(fatesBetween(query.from().toEpochMilli(), query.to().toEpochMilli()))
        .add(payers(query.payers()))
        .add(" GROUP BY key_fingerprint, group_model, group_reason LIMIT ?", (long) most + 1);
  }

  /**
   * A line can stand in both tables, and twice in one: usage is forwarded to whoever claims it, and
   * a line in suspense is assigned. It is counted once, by its identity.
   */
  static Sql operationsStatement(OperationQuery query) {
    Buckets buckets = query.buckets();
    Sql events =
        new Sql()
            .add("SELECT id, if(request_id = '', toString(id), request_id) AS operation")
            .add(", request_id != '' AS named, toUnixTimestamp64Milli(completion) AS at")
            .add(", 1 AS attempt, 0 AS fallback, 1 AS usage FROM usage_events FINAL")
            .add(
                " WHERE completion >= fromUnixTimestamp64Milli(toInt64(?), 'UTC')"
                    + " AND completion < fromUnixTimestamp64Milli(toInt64(?), 'UTC')",
                buckets.from(),
                buckets.to());
    if (query.account() != null) {
      events.add(" AND account = ?", query.account());
    }
    Sql fates =
        new Sql()
            .add("SELECT id, if(request_id = '', toString(id), request_id) AS operation")
            .add(", request_id != '' AS named, ")
            .add(AT)
            .add(" AS at, reason NOT IN ('not-ai', 'answered-by-gateway', 'rejected-key')")
            .add(" AS attempt, reason = 'fallback-attempt' AS fallback, 0 AS usage")
            .add(" FROM line_fates FINAL WHERE fate IN ('unbillable', 'suspense')")
            .add(fatesBetween(buckets.from(), buckets.to()))
            .add(payers(query.payers()));
    return new Sql()
        .add("SELECT bucket, sum(lines), sum(attempts), sum(fallbacks), countIf(attempts > 0)")
        .add(", countIf(named AND usages > 1), sumIf(usages, named AND usages > 1) FROM (SELECT ")
        .add(bucket(buckets))
        .add(" AS bucket, max(named) AS named, uniqExact(id) AS lines")
        .add(", uniqExactIf(id, attempt) AS attempts, uniqExactIf(id, fallback) AS fallbacks")
        .add(", uniqExactIf(id, usage) AS usages FROM (")
        .add(events)
        .add(" UNION ALL ")
        .add(fates)
        .add(") GROUP BY operation) GROUP BY bucket");
  }

  private static Sql fatesBetween(long from, long to) {
    return new Sql()
        .add(
            " AND arrival >= fromUnixTimestamp64Milli(toInt64(?), 'UTC') AND ",
            Math.max(0, from - MOST_AHEAD.toMillis()))
        .add(AT)
        .add(" >= ? AND ", from)
        .add(AT)
        .add(" < ?", to);
  }

  private static Sql payers(Payers payers) {
    Sql sql = new Sql();
    if (payers.fingerprints() != null) {
      if (payers.fingerprints().isEmpty()) {
        return sql.add(" AND 0");
      }
      sql.add(" AND key_fingerprint IN (").addList(payers.fingerprints()).add(")");
    }
    if (payers.fingerprintPrefix() != null) {
      sql.add(" AND startsWith(key_fingerprint, ?)", payers.fingerprintPrefix());
    }
    return sql;
  }

  private static Sql bucket(Buckets buckets) {
    if (buckets.width() > 0) {
      return new Sql().add("max(at) - max(at) % toInt64(?)", buckets.width());
    }
    if (buckets.starts().size() == 1) {
      return new Sql().add("toInt64(?)", buckets.starts().get(0));
    }
    return new Sql()
        .add("roundDown(max(at), CAST([")
        .addList(buckets.starts())
        .add("], 'Array(Int64)'))");
  }

  private <T> List<T> rows(Sql sql, RowReader<T> reader) {
    return pool.with(
        connection -> {
          List<T> rows = new ArrayList<>();
          try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
            sql.bind(statement);
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                rows.add(reader.read(row));
              }
            }
          }
          return rows;
        });
  }
}
