package dev.taximeter.api.clickhouse;

import dev.taximeter.api.audit.MoneyThen;
import dev.taximeter.api.bills.LandedMoney;
import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditUse;
import dev.taximeter.contract.event.LedgerPosting;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the audit derives from {@code ledger_entries}, {@code bills} and {@code usage_events}. */
public final class ClickHouseLandedMoney implements LandedMoney {
  private final ConnectionPool pool;

  public ClickHouseLandedMoney(ConnectionPool pool) {
    this.pool = pool;
  }

  @Override
  public boolean isComplete(String account, long postings) {
    Sql sql =
        new Sql()
            .add("SELECT uniqExact(posting) FROM ledger_entries FINAL WHERE account = ?", account)
            .add(" AND posting <= ?", postings);
    return sql.read(pool, row -> row.getLong(1)).get(0) == postings;
  }

  @Override
  public Known known(String account, ZoneId zone, long sequence, Instant at) {
    Sql last =
        new Sql()
            .add("SELECT max(posting) FROM ledger_entries FINAL WHERE account = ?", account)
            .add(" AND at <= fromUnixTimestamp64Milli(toInt64(?), 'UTC')", at.toEpochMilli());
    long posting = last.read(pool, row -> row.getLong(1)).get(0);
    MoneyThen then =
        pool.with(connection -> MoneyThen.of(connection, account, sequence, posting, at));
    Map<YearMonth, List<CreditUse>> uses = new HashMap<>();
    then.uses()
        .forEach(
            (month, ofMonth) -> {
              List<CreditUse> list = new ArrayList<>();
              ofMonth.forEach((credit, amount) -> list.add(new CreditUse(credit, amount)));
              uses.put(YearMonth.parse(month), list);
            });
    Map<YearMonth, List<Charge>> charges = new HashMap<>();
    for (MoneyThen.Charge charge : then.charges()) {
      YearMonth period = charge.period().isEmpty() ? null : YearMonth.parse(charge.period());
      YearMonth month = period == null ? YearMonth.from(charge.at().atZone(zone)) : period;
      charges
          .computeIfAbsent(month, first -> new ArrayList<>())
          .add(
              new Charge(
                  charge.id(),
                  kind(charge.kind()),
                  charge.at(),
                  charge.amount(),
                  charge.reason(),
                  period));
    }
    return new Known(uses, charges);
  }

  private static LedgerPosting.Kind kind(String code) {
    return Arrays.stream(LedgerPosting.Kind.values())
        .filter(known -> known.code().equals(code))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the ledger has an unknown kind"));
  }
}
