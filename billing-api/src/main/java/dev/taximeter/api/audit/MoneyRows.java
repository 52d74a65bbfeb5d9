package dev.taximeter.api.audit;

import dev.taximeter.api.audit.MoneyHistory.Count;
import dev.taximeter.api.audit.MoneyHistory.Document;
import dev.taximeter.api.audit.MoneyHistory.Entry;
import dev.taximeter.api.audit.MoneyHistory.Followed;
import dev.taximeter.api.audit.MoneyHistory.Price;
import dev.taximeter.api.audit.MoneyHistory.Sum;
import dev.taximeter.api.audit.MoneyHistory.Terms;
import dev.taximeter.api.audit.MoneyHistory.Tier;
import dev.taximeter.contract.json.Json;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Reads {@link MoneyHistory} from ClickHouse. */
final class MoneyRows {
  private final Connection connection;

  MoneyRows(Connection connection) {
    this.connection = connection;
  }

  private interface Reading<T> {
    T read(ResultSet row) throws SQLException;
  }

  private <T> List<T> read(String sql, Reading<T> reading, Object... values) throws SQLException {
    List<T> rows = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        if (values[i] instanceof Long number) {
          statement.setLong(i + 1, number);
        } else {
          statement.setString(i + 1, values[i].toString());
        }
      }
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          rows.add(reading.read(row));
        }
      }
    }
    return rows;
  }

  /**
   * @param account id; empty for all
   */
  List<String> accounts(String account) throws SQLException {
    return read(
        "SELECT account FROM account_states FINAL WHERE currency != '' AND (? = '' OR account = ?)"
            + " ORDER BY account",
        row -> row.getString(1),
        account,
        account);
  }

  /** The history up to the account's landed state: what landed beyond it does not count. */
  MoneyHistory upToState(String account) throws SQLException {
    State state = state(account);
    return history(account, state, state.sequence, state.postings());
  }

  /** The history up to an earlier moment. */
  MoneyHistory upTo(String account, long sequence, long posting) throws SQLException {
    return history(account, state(account), sequence, posting);
  }

  private record State(long sequence, String currency, String zone, JsonNode json) {
    /** All of them if the state does not tell. */
    long postings() {
      return json.path("books").path("postings").asLong(Long.MAX_VALUE);
    }
  }

  private State state(String account) throws SQLException {
    return read(
            "SELECT sequence, currency, if(zone = '', 'UTC', zone), state FROM account_states FINAL"
                + " WHERE account = ?",
            row ->
                new State(
                    row.getLong(1),
                    row.getString(2),
                    row.getString(3),
                    Json.MAPPER.readTree(row.getString(4))),
            account)
        .stream()
        .findFirst()
        .orElse(new State(0, "", "UTC", Json.MAPPER.nullNode()));
  }

  private MoneyHistory history(String account, State state, long sequence, long posting)
      throws SQLException {
    List<Document> documents = documents(account);
    List<Entry> entries = entries(account, posting);
    Map<String, Price> prices = prices();
    Posted posted = posted(account, posting);
    return new MoneyHistory(
        account,
        state.currency,
        state.zone,
        sequence,
        posting,
        posted.to,
        posted.at,
        state.json,
        documents,
        entries,
        followed(account, posting),
        terms(account, posting),
        prices,
        new MoneyHistory.Usage() {
          @Override
          public List<Count> counts(List<Long> steps) throws SQLException {
            return MoneyRows.this.counts(account, state.zone, sequence, steps);
          }

          @Override
          public List<Sum> sums(List<Long> cuts, List<Long> steps) throws SQLException {
            return MoneyRows.this.sums(account, state.zone, sequence, cuts, steps);
          }
        });
  }

  private record Posted(long to, long at) {}

  private Posted posted(String account, long posting) throws SQLException {
    return read(
            "SELECT max(sequence), toUnixTimestamp64Milli(argMax(at, posting)) FROM ledger_entries"
                + " FINAL WHERE account = ? AND posting <= ?",
            row -> new Posted(row.getLong(1), row.getLong(2)),
            account,
            posting)
        .get(0);
  }

  private List<Followed> followed(String account, long posting) throws SQLException {
    return read(
        "SELECT kind, ledger, period, credit, toString(sum(amount)) FROM ledger_entries FINAL WHERE"
            + " account = ? AND posting <= ? AND kind IN ('usage', 'expiry') GROUP BY kind, ledger,"
            + " period, credit ORDER BY kind, ledger, period, credit",
        row ->
            new Followed(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                new BigDecimal(row.getString(5))),
        account,
        posting);
  }

  private Map<String, Terms> terms(String account, long posting) throws SQLException {
    Map<String, Terms> terms = new HashMap<>();
    read(
        "SELECT credit, argMin(credit_priority, posting), toUnixTimestamp64Milli(argMin(credit_from,"
            + " posting)), toUnixTimestamp64Milli(argMin(credit_until, posting)) FROM ledger_entries"
            + " FINAL WHERE account = ? AND posting <= ? AND ledger = 'credits' AND credit_priority"
            + " >= 0 GROUP BY credit",
        row ->
            terms.put(
                row.getString(1),
                new Terms(
                    row.getInt(2),
                    row.getLong(3) == 0 ? Long.MIN_VALUE : row.getLong(3),
                    row.getLong(4) == 0 ? Long.MAX_VALUE : row.getLong(4))),
        account,
        posting);
    return terms;
  }

  private List<Document> documents(String account) throws SQLException {
    List<Document> documents =
        read(
            "SELECT b.number, b.period, b.sequence_to, p.posting, b.bill, b.content_hash FROM bills"
                + " AS b FINAL LEFT JOIN (SELECT bill, min(posting) AS posting FROM ledger_entries"
                + " FINAL WHERE account = ? AND kind = 'bill' GROUP BY bill) AS p ON p.bill ="
                + " b.number WHERE b.account = ? ORDER BY b.number",
            row ->
                new Document(
                    row.getLong(1),
                    row.getString(2),
                    row.getLong(3),
                    row.getLong(4),
                    row.getLong(4),
                    Json.MAPPER.readTree(row.getString(5)),
                    row.getString(6)),
            account,
            account);
    for (int i = 0; i < documents.size(); i++) {
      if (documents.get(i).posting() == 0) {
        documents.set(i, placed(account, documents.get(i)));
      }
    }
    return documents;
  }

  /** A bill of an earlier version that was not posted came after what is not later than it. */
  private Document placed(String account, Document unposted) throws SQLException {
    Instant at = Instant.parse(unposted.json().path("finalizedAt").asString());
    long before =
        read(
                "SELECT max(posting) FROM ledger_entries FINAL WHERE account = ? AND at <="
                    + " fromUnixTimestamp64Milli(toInt64(?), 'UTC')",
                row -> row.getLong(1),
                account,
                at.toEpochMilli())
            .get(0);
    return new Document(
        unposted.number(),
        unposted.period(),
        unposted.sequenceTo(),
        0,
        before,
        unposted.json(),
        unposted.contentHash());
  }

  /** Usage and expiry are followed by the ledger every few seconds, and tell nothing here. */
  private List<Entry> entries(String account, long posting) throws SQLException {
    return read(
        "SELECT posting, kind, toUnixTimestamp64Milli(at), sequence, command_id, author, reason,"
            + " bill, ledger, period, credit, toString(amount) FROM ledger_entries FINAL WHERE account = ?"
            + " AND posting <= ? AND kind NOT IN ('usage', 'expiry') ORDER BY posting, entry",
        row ->
            new Entry(
                row.getLong(1),
                row.getString(2),
                row.getLong(3),
                row.getLong(4),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                row.getLong(8),
                row.getString(9),
                row.getString(10),
                row.getString(11),
                new BigDecimal(row.getString(12))),
        account,
        posting);
  }

  /** Prices of all versions, discounts and markups of plans included: those have versions, too. */
  private Map<String, Price> prices() throws SQLException {
    Map<String, BigDecimal> factors = new HashMap<>(Map.of("", BigDecimal.ONE));
    read(
            "SELECT DISTINCT price_suffix, toString(adjust_percent) FROM plans FINAL",
            row -> Map.entry(row.getString(1), new BigDecimal(row.getString(2))))
        .forEach(
            plan ->
                factors.put(
                    plan.getKey(), plan.getValue().add(BigDecimal.valueOf(100)).movePointLeft(2)));
    Map<String, Price> prices = new HashMap<>();
    read(
        "SELECT price_version, token_class, argMax(if(price_model = '', 'graduated', price_model),"
            + " version), argMax(free, version), arrayStringConcat(arrayMap(x -> toString(x),"
            + " argMax(tiers.up_to, version)), ' '), arrayStringConcat(arrayMap(x -> toString(x),"
            + " argMax(tiers.per_million, version)), ' ') FROM price_entries FINAL WHERE graduated"
            + " GROUP BY price_version, token_class",
        row -> {
          for (Map.Entry<String, BigDecimal> factor : factors.entrySet()) {
            prices.put(
                row.getString(1) + factor.getKey() + ' ' + row.getString(2),
                new Price(
                    row.getString(3),
                    row.getLong(4),
                    tiers(row.getString(5), row.getString(6), factor.getValue())));
          }
          return prices;
        });
    return prices;
  }

  private static List<Tier> tiers(String ends, String prices, BigDecimal factor) {
    String[] quantities = ends.split(" ");
    String[] perMillion = prices.split(" ");
    List<Tier> tiers = new ArrayList<>();
    for (int i = 0; i < quantities.length; i++) {
      tiers.add(
          new Tier(new BigDecimal(quantities[i]), new BigDecimal(perMillion[i]).multiply(factor)));
    }
    return tiers;
  }

  private List<Count> counts(String account, String zone, long sequence, List<Long> steps)
      throws SQLException {
    return read(
        "SELECT formatDateTime(completion, '%%Y-%%m', '%s') AS period, %s AS step, count(), sum(unpriced), toUnixTimestamp64Milli(min(completion)), toUnixTimestamp64Milli(max(completion)) FROM usage_events FINAL WHERE account = ? AND sequence <= ? GROUP BY period, step"
            .formatted(zone.replace("'", ""), step(steps)),
        row ->
            new Count(
                row.getString(1),
                row.getInt(2),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6)),
        account,
        sequence);
  }

  private static String step(List<Long> steps) {
    return steps.isEmpty()
        ? "0"
        : "arrayCount(e -> e < sequence, "
            + steps.stream().map(e -> "toUInt64(" + e + ")").toList()
            + ")";
  }

  private List<Sum> sums(
      String account, String zone, long sequence, List<Long> cuts, List<Long> steps)
      throws SQLException {
    String segment =
        cuts.isEmpty()
            ? "0"
            : "arrayCount(c -> c <= toUnixTimestamp64Milli(completion), "
                + cuts.stream().map(c -> "toInt64(" + c + ")").toList()
                + ")";
    return read(
        "SELECT formatDateTime(completion, '%%Y-%%m', '%s') AS period, %s AS segment, %s AS step, charge.1, charge.2, charge.3, sum(charge.4), toString(sum(charge.5)) FROM usage_events FINAL ARRAY JOIN arrayZip(charges.model, charges.token_class, charges.price_version, charges.quantity, charges.amount) AS charge WHERE account = ? AND sequence <= ? GROUP BY period, segment, step, charge.1, charge.2, charge.3"
            .formatted(zone.replace("'", ""), segment, step(steps)),
        row ->
            new Sum(
                row.getString(1),
                row.getInt(2),
                row.getInt(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getLong(7),
                new BigDecimal(row.getString(8))),
        account,
        sequence);
  }
}
