package dev.taximeter.api.clickhouse;

import dev.taximeter.api.bills.LandedUsage;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.rating.TotalPrice;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Sums over {@code usage_events}. */
public final class ClickHouseLandedUsage implements LandedUsage {
  private final ConnectionPool pool;

  public ClickHouseLandedUsage(ConnectionPool pool) {
    this.pool = pool;
  }

  private <T> List<T> read(Sql sql, Sql.Reading<T> reading) {
    return sql.read(pool, reading);
  }

  @Override
  public boolean isComplete(String account, long sequence) {
    Sql sql =
        new Sql()
            .add("SELECT uniqExact(sequence) FROM usage_events FINAL WHERE account = ?", account)
            .add(" AND sequence <= ?", sequence);
    return read(sql, row -> row.getLong(1)).get(0) == sequence;
  }

  private static Sql where(Slice slice) {
    return new Sql()
        .add(" WHERE account = ? AND fate = 'billed'", slice.account())
        .add(" AND sequence > ?", slice.after())
        .add(" AND sequence <= ?", slice.sequence())
        .add(during(slice.from(), slice.to()));
  }

  private static Sql during(Instant from, Instant to) {
    return new Sql()
        .add(
            " AND completion >= fromUnixTimestamp64Milli(toInt64(?), 'UTC')"
                + " AND completion < fromUnixTimestamp64Milli(toInt64(?), 'UTC')",
            from.toEpochMilli(),
            to.toEpochMilli());
  }

  /**
   * How many of the numbers the value has passed: an empty list has no type that could be compared.
   */
  private static Sql passed(String comparison, String value, List<Long> numbers) {
    if (numbers.isEmpty()) {
      return new Sql().add("0");
    }
    return new Sql()
        .add("arrayCount(edge -> edge " + comparison + " toInt64(" + value + "), [")
        .addList(numbers)
        .add("])");
  }

  @Override
  public List<TotalPrice.Group> groups(
      Slice slice, List<Instant> changes, List<Long> promptLimits, int most) {
    List<Long> instants = changes.stream().map(Instant::toEpochMilli).toList();
    Sql sql =
        new Sql()
            .add("SELECT model, ")
            .add(passed("<=", "toUnixTimestamp64Milli(completion)", instants))
            .add(" AS segment, ")
            .add(passed("<", "input + cached_input + cache_write", promptLimits))
            .add(" AS context, sum(input), sum(cached_input), sum(cache_write), sum(output)")
            .add(", sum(reasoning), count() FROM usage_events FINAL")
            .add(where(slice))
            .add(" GROUP BY model, segment, context LIMIT ?", most);
    return read(
        sql,
        row ->
            new TotalPrice.Group(
                row.getString(1),
                row.getInt(2) == 0 ? slice.from() : changes.get(row.getInt(2) - 1),
                row.getInt(3) == 0 ? 0 : promptLimits.get(row.getInt(3) - 1) + 1,
                new TokenCounts(
                    row.getLong(4), row.getLong(5), row.getLong(6), row.getLong(7), row.getLong(8)),
                row.getLong(9)));
  }

  @Override
  public List<BillLine> charged(Slice slice, int most) {
    Sql sql =
        new Sql()
            .add("SELECT charge.1 AS model, charge.2 AS class, charge.3 AS version")
            .add(", sum(charge.4), toString(sum(charge.5)) FROM usage_events FINAL ARRAY JOIN")
            .add(" arrayZip(charges.model, charges.token_class, charges.price_version")
            .add(", charges.quantity, charges.amount) AS charge")
            .add(where(slice))
            .add(" GROUP BY model, class, version LIMIT ?", most);
    return read(
        sql,
        row ->
            new BillLine(
                row.getString(1),
                tokenClass(row.getString(2)),
                row.getString(3),
                row.getLong(4),
                new BigDecimal(row.getString(5))));
  }

  @Override
  public @Nullable Span span(Slice slice) {
    Sql sql =
        new Sql()
            .add("SELECT count(), min(toUnixTimestamp64Milli(completion))")
            .add(", max(toUnixTimestamp64Milli(completion)) FROM usage_events FINAL")
            .add(where(slice));
    return read(
            sql,
            row ->
                row.getLong(1) == 0
                    ? Optional.<Span>empty()
                    : Optional.of(
                        new Span(
                            Instant.ofEpochMilli(row.getLong(2)),
                            Instant.ofEpochMilli(row.getLong(3)))))
        .get(0)
        .orElse(null);
  }

  private static TokenClass tokenClass(String code) {
    return Arrays.stream(TokenClass.values())
        .filter(known -> known.code().equals(code))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("usage_events has an unknown class"));
  }

  @Override
  public Counts counts(Slice slice) {
    Sql counts =
        new Sql()
            .add("SELECT count(), countIf(unpriced) FROM usage_events FINAL")
            .add(where(slice));
    return read(counts, row -> new Counts(row.getLong(1), row.getLong(2))).get(0);
  }

  @Override
  public long settledBy(String account, Instant at) {
    Sql last =
        new Sql()
            .add("SELECT max(sequence) FROM usage_events FINAL WHERE account = ?", account)
            .add(" AND settled <= fromUnixTimestamp64Milli(toInt64(?), 'UTC')", at.toEpochMilli());
    return read(last, row -> row.getLong(1)).get(0);
  }
}
