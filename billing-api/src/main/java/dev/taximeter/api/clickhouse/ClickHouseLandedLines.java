package dev.taximeter.api.clickhouse;

import dev.taximeter.api.bills.LandedLines;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Single lines from {@code usage_events}. */
public final class ClickHouseLandedLines implements LandedLines {
  private final ConnectionPool pool;

  public ClickHouseLandedLines(ConnectionPool pool) {
    this.pool = pool;
  }

  private static Sql where(Selection selection) {
    Sql sql =
        new Sql()
            .add(" FROM usage_events FINAL")
            .add(" WHERE account = ? AND fate = 'billed'", selection.account())
            .add(" AND sequence <= ?", selection.sequence());
    Instant from = selection.from();
    Instant to = selection.to();
    if (from != null) {
      sql.add(" AND completion >= fromUnixTimestamp64Milli(toInt64(?), 'UTC')", ceilMillis(from));
    }
    if (to != null) {
      sql.add(" AND completion < fromUnixTimestamp64Milli(toInt64(?), 'UTC')", ceilMillis(to));
    }
    if (selection.key() != null) {
      sql.add(" AND key = ?", selection.key());
    }
    if (selection.model() != null) {
      sql.add(" AND model = ?", selection.model());
    }
    return sql;
  }

  /** Lines have milliseconds: at or after an instant is at or after the next of them. */
  private static long ceilMillis(Instant instant) {
    long floor = instant.toEpochMilli();
    return Instant.ofEpochMilli(floor).isBefore(instant) ? floor + 1 : floor;
  }

  @Override
  public List<BillLine> charged(Selection selection, int most) {
    Sql sql =
        new Sql()
            .add("SELECT charge.1, charge.2, charge.3, sum(charge.4), toString(sum(charge.5))")
            .add(" FROM (SELECT arrayJoin(arrayZip(charges.model, charges.token_class")
            .add(", charges.price_version, charges.quantity, charges.amount)) AS charge")
            .add(where(selection))
            .add(") GROUP BY charge.1, charge.2, charge.3 LIMIT ?", most);
    return sql.read(
        pool,
        row ->
            new BillLine(
                row.getString(1),
                tokenClass(row.getString(2)),
                row.getString(3),
                row.getLong(4),
                new BigDecimal(row.getString(5))));
  }

  private static TokenClass tokenClass(String code) {
    return Arrays.stream(TokenClass.values())
        .filter(known -> known.code().equals(code))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("usage_events has an unknown class"));
  }

  @Override
  public List<LandedLine> lines(Selection selection, long after, int most) {
    Sql sql =
        new Sql()
            .add("SELECT sequence, lower(replaceAll(toString(id), '-', ''))")
            .add(", toUnixTimestamp64Milli(completion), toUnixTimestamp64Milli(start)")
            .add(", toUnixTimestamp64Milli(arrival), key, key_last_four, model, input")
            .add(", cached_input, cache_write, output, reasoning, toString(cost), host, path")
            .add(", offset, arrayStringConcat(flags, ',')")
            .add(where(selection))
            .add(" AND sequence > ? ORDER BY sequence LIMIT ?", after, most);
    return sql.read(pool, ClickHouseLandedLines::line);
  }

  private static LandedLine line(ResultSet row) throws SQLException {
    String flags = row.getString(18);
    return new LandedLine(
        row.getLong(1),
        row.getString(2),
        Instant.ofEpochMilli(row.getLong(3)),
        Instant.ofEpochMilli(row.getLong(4)),
        Instant.ofEpochMilli(row.getLong(5)),
        row.getString(6),
        row.getString(7),
        row.getString(8),
        new TokenCounts(
            row.getLong(9), row.getLong(10), row.getLong(11), row.getLong(12), row.getLong(13)),
        new BigDecimal(row.getString(14)),
        row.getString(15),
        row.getString(16),
        row.getLong(17),
        flags.isEmpty() ? List.of() : List.of(flags.split(",", -1)));
  }

  @Override
  public String statement(Selection selection, @Nullable BigDecimal granted) {
    String value =
        granted == null
            ? "sum(cost)"
            : "toDecimal128('%s', %d) - sum(cost)"
                .formatted(Decimals.plain(granted), Decimals.SCALE);
    return new Sql().add("SELECT ").add(value).add(" AS value").add(where(selection)).literal();
  }
}
