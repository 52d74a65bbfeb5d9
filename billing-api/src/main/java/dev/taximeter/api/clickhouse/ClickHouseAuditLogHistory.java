package dev.taximeter.api.clickhouse;

import dev.taximeter.api.auditlog.AuditLogHistory;
import dev.taximeter.api.web.Cursors;
import dev.taximeter.contract.event.AuditRecord;
import dev.taximeter.contract.event.AuditRecord.Asked;
import dev.taximeter.contract.event.AuditRecord.Outcome;
import dev.taximeter.contract.json.Json;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requests from {@code audit_log}. */
public final class ClickHouseAuditLogHistory implements AuditLogHistory {
  private final ConnectionPool pool;

  public ClickHouseAuditLogHistory(ConnectionPool pool) {
    this.pool = pool;
  }

  @Override
  public List<AuditRecord> page(Query query, int most) {
    Sql sql = statement(query, most);
    return pool.with(
        connection -> {
          List<AuditRecord> found = new ArrayList<>();
          try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
            sql.bind(statement);
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                found.add(record(row));
              }
            }
          }
          return found;
        });
  }

  /** Of the two records of a request the later one is read: what came of it, if that is known. */
  static Sql statement(Query query, int most) {
    Sql sql =
        new Sql()
            .add("SELECT toString(id), toUnixTimestamp64Milli(at), token, author, role, account,")
            .add(" address, method, route, path, outcome, status, problem, detail, commands")
            .add(" FROM audit_log FINAL WHERE 1 = 1");
    if (query.from() != null) {
      sql.add(
          " AND at >= fromUnixTimestamp64Milli(toInt64(?), 'UTC')", query.from().toEpochMilli());
    }
    if (query.to() != null) {
      sql.add(" AND at < fromUnixTimestamp64Milli(toInt64(?), 'UTC')", query.to().toEpochMilli());
    }
    if (query.token() != null) {
      sql.add(" AND token = ?", query.token());
    }
    if (query.outcome() != null) {
      sql.add(" AND outcome = ?", query.outcome().code());
    }
    Cursors.Moment after = query.after();
    if (after != null) {
      sql.add(query.descending() ? " AND (at, id) <" : " AND (at, id) >");
      sql.add(
          " (fromUnixTimestamp64Milli(toInt64(?), 'UTC'), toUUID(?))",
          after.at().toEpochMilli(),
          after.id());
    }
    return sql.add(
        query.descending() ? " ORDER BY at DESC, id DESC LIMIT ?" : " ORDER BY at, id LIMIT ?",
        most);
  }

  private static AuditRecord record(ResultSet row) throws SQLException {
    String outcome = row.getString(11);
    return new AuditRecord(
        row.getString(1),
        Instant.ofEpochMilli(row.getLong(2)),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        orNull(row.getString(6)),
        row.getString(7),
        row.getString(8),
        row.getString(9),
        row.getString(10),
        Outcome.of(outcome)
            .orElseThrow(() -> new IllegalStateException("audit_log has an unknown outcome")),
        row.getInt(12),
        orNull(row.getString(13)),
        orNull(row.getString(14)),
        List.of(Json.MAPPER.readValue(row.getString(15), Asked[].class)));
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }
}
