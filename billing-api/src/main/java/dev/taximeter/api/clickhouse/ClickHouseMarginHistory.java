package dev.taximeter.api.clickhouse;

import dev.taximeter.api.margin.MarginHistory;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;

/** Revenue and provider cost from {@code usage_events}. */
public final class ClickHouseMarginHistory implements MarginHistory {
  private final ConnectionPool pool;

  public ClickHouseMarginHistory(ConnectionPool pool) {
    this.pool = pool;
  }

  @Override
  public List<MarginSum> sums(MarginQuery query, int most) {
    Sql sql = statement(query, most);
    return pool.with(
        connection -> {
          List<MarginSum> sums = new ArrayList<>();
          try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
            sql.bind(statement);
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                sums.add(
                    new MarginSum(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        row.getLong(5),
                        row.getBigDecimal(6),
                        row.getBigDecimal(7)));
              }
            }
          }
          return sums;
        });
  }

  /** Usage that nobody has claimed earns nothing and is left out. */
  static Sql statement(MarginQuery query, int most) {
    Sql sql =
        new Sql()
            .add("SELECT ")
            .add(query.byAccount() ? "account AS by_account, " : "'' AS by_account, ")
            .add(query.byModel() ? "model AS by_model, " : "'' AS by_model, ")
            .add("currency, provider_currency, count(), sum(cost), sum(provider_cost)")
            .add(" FROM usage_events FINAL WHERE fate = 'billed'")
            .add(
                " AND completion >= fromUnixTimestamp64Milli(toInt64(?), 'UTC')"
                    + " AND completion < fromUnixTimestamp64Milli(toInt64(?), 'UTC')",
                query.from().toEpochMilli(),
                query.to().toEpochMilli());
    String account = query.account();
    if (account != null) {
      sql.add(" AND account = ?", account);
    }
    String model = query.model();
    if (model != null) {
      sql.add(" AND model = ?", model);
    }
    return sql.add(" GROUP BY by_account, by_model, currency, provider_currency")
        .add(" ORDER BY by_account, by_model, currency, provider_currency LIMIT ?", most);
  }
}
