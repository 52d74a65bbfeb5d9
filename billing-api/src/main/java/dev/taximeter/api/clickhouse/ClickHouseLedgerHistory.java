package dev.taximeter.api.clickhouse;

import dev.taximeter.api.ledger.LedgerHistory;
import dev.taximeter.api.ledger.LedgerQuery;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LedgerPosting.Entry;
import dev.taximeter.contract.event.LedgerPosting.Kind;
import dev.taximeter.contract.event.LedgerPosting.LedgerAccount;
import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Postings from {@code ledger_entries}. */
public final class ClickHouseLedgerHistory implements LedgerHistory {
  private final ConnectionPool pool;

  public ClickHouseLedgerHistory(ConnectionPool pool) {
    this.pool = pool;
  }

  @Override
  public List<LedgerPosting> postings(LedgerQuery query, int most) {
    Sql sql = statement(query, most);
    return pool.with(
        connection -> {
          List<LedgerPosting> postings = new ArrayList<>();
          try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
            sql.bind(statement);
            try (ResultSet row = statement.executeQuery()) {
              List<Entry> entries = new ArrayList<>();
              @Nullable LedgerPosting open = null;
              while (row.next()) {
                if (open != null && open.number() != row.getLong(1)) {
                  postings.add(with(open, entries));
                  entries = new ArrayList<>();
                }
                open = head(query.account(), row);
                entries.add(entry(row));
              }
              if (open != null) {
                postings.add(with(open, entries));
              }
            }
          }
          return postings;
        });
  }

  /** Pages are cut between postings, never within one. */
  static Sql statement(LedgerQuery query, int most) {
    Sql numbers =
        new Sql()
            .add("SELECT DISTINCT posting FROM ledger_entries WHERE account = ?", query.account());
    if (query.after() != null) {
      numbers.add(query.descending() ? " AND posting < ?" : " AND posting > ?", query.after());
    }
    if (query.from() != null) {
      numbers.add(
          " AND at >= fromUnixTimestamp64Milli(toInt64(?), 'UTC')", query.from().toEpochMilli());
    }
    if (query.to() != null) {
      numbers.add(
          " AND at < fromUnixTimestamp64Milli(toInt64(?), 'UTC')", query.to().toEpochMilli());
    }
    if (query.kind() != null) {
      numbers.add(" AND kind = ?", query.kind().code());
    }
    String direction = query.descending() ? "DESC" : "ASC";
    numbers.add(" ORDER BY posting " + direction + " LIMIT ?", (long) most);
    return new Sql()
        .add("SELECT posting, kind, toUnixTimestamp64Milli(at), sequence, currency, command_id")
        .add(", author, reason, bill, ledger, period, credit, toString(amount)")
        .add(" FROM ledger_entries FINAL WHERE account = ?", query.account())
        .add(" AND posting IN (")
        .add(numbers)
        .add(") ORDER BY posting " + direction + ", entry");
  }

  private static LedgerPosting head(String account, ResultSet row) throws SQLException {
    String commandId = row.getString(6);
    return new LedgerPosting(
        account,
        row.getLong(1),
        kind(row.getString(2)),
        Instant.ofEpochMilli(row.getLong(3)),
        row.getLong(4),
        row.getString(5),
        commandId.isEmpty() ? null : commandId,
        row.getString(7),
        row.getString(8),
        row.getLong(9),
        List.of());
  }

  private static LedgerPosting with(LedgerPosting head, List<Entry> entries) {
    return new LedgerPosting(
        head.account(),
        head.number(),
        head.kind(),
        head.at(),
        head.sequence(),
        head.currency(),
        head.commandId(),
        head.author(),
        head.reason(),
        head.bill(),
        entries);
  }

  private static Entry entry(ResultSet row) throws SQLException {
    String period = row.getString(11);
    String credit = row.getString(12);
    return new Entry(
        ledger(row.getString(10)),
        period.isEmpty() ? null : YearMonth.parse(period),
        credit.isEmpty() ? null : credit,
        new BigDecimal(row.getString(13)));
  }

  private static Kind kind(String code) {
    return Arrays.stream(Kind.values())
        .filter(kind -> kind.code().equals(code))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("ledger_entries has an unknown kind"));
  }

  private static LedgerAccount ledger(String code) {
    return Arrays.stream(LedgerAccount.values())
        .filter(ledger -> ledger.code().equals(code))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("ledger_entries has an unknown account"));
  }
}
