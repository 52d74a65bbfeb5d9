package dev.taximeter.api.clickhouse;

import dev.taximeter.api.audit.MoneyThen;
import dev.taximeter.api.bills.LandedMoney;
import dev.taximeter.contract.event.AccountState.Books;
import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.AccountState.CreditUse;
import dev.taximeter.contract.event.LedgerPosting;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the audit derives from {@code ledger_entries}, {@code bills} and {@code usage_events}. */
public final class ClickHouseLandedMoney implements LandedMoney {
  private final ConnectionPool pool;

  public ClickHouseLandedMoney(ConnectionPool pool) {
    this.pool = pool;
  }

  @Override
  public boolean isComplete(String account, Books books) {
    return numbers("posting", "ledger_entries", account, books.postings()) == books.postings()
        && numbers("number", "bills", account, books.bills()) == books.bills();
  }

  private long numbers(String column, String table, String account, long most) {
    Sql sql =
        new Sql()
            .add(
                "SELECT uniqExact(" + column + ") FROM " + table + " FINAL WHERE account = ?",
                account)
            .add(" AND " + column + " <= ?", most);
    return sql.read(pool, row -> row.getLong(1)).get(0);
  }

  /**
   * The writer's clock may have been set back. So the last event and the last posting that are not
   * later than the instant are looked for, and everything before them came before: a posting tells
   * which event was the last before it.
   */
  @Override
  public Moment moment(String account, long settled, Instant at) {
    Sql last =
        new Sql()
            .add("SELECT max(posting) FROM ledger_entries FINAL WHERE account = ?", account)
            .add(" AND (sequence < ?", settled)
            .add(" OR recorded <= fromUnixTimestamp64Milli(toInt64(?), 'UTC'))", at.toEpochMilli());
    long posting = last.read(pool, row -> row.getLong(1)).get(0);
    Sql events =
        new Sql()
            .add("SELECT max(sequence) FROM ledger_entries FINAL WHERE account = ?", account)
            .add(" AND posting <= ?", posting);
    long before = events.read(pool, row -> row.getLong(1)).get(0);
    return new Moment(Math.max(settled, before), posting);
  }

  @Override
  public Known known(String account, ZoneId zone, Moment moment) {
    return known(
        pool.with(
            connection -> MoneyThen.of(connection, account, moment.sequence(), moment.posting())),
        zone);
  }

  /**
   * @param zone of the account's months
   */
  public static Known known(MoneyThen then, ZoneId zone) {
    Map<YearMonth, List<CreditUse>> uses = new HashMap<>();
    then.uses()
        .forEach(
            (month, ofMonth) -> {
              List<CreditUse> list = new ArrayList<>();
              ofMonth.forEach(
                  (credit, amount) -> list.add(use(credit, amount, then.credits().get(credit))));
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
    return new Known(uses, charges, then.bills());
  }

  private static CreditUse use(String credit, BigDecimal amount, MoneyThen.@Nullable Credit known) {
    return known == null
        ? new CreditUse(credit, amount)
        : new CreditUse(credit, amount, creditKind(known.kind()), known.reason());
  }

  /** Null if neither ledger nor state tells. */
  private static @Nullable CreditKind creditKind(String code) {
    return Arrays.stream(CreditKind.values())
        .filter(known -> known.code().equals(code))
        .findFirst()
        .orElse(null);
  }

  private static LedgerPosting.Kind kind(String code) {
    return Arrays.stream(LedgerPosting.Kind.values())
        .filter(known -> known.code().equals(code))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the ledger has an unknown kind"));
  }
}
