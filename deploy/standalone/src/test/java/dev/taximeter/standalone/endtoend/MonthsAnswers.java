package dev.taximeter.standalone.endtoend;

import static dev.taximeter.standalone.endtoend.Comparison.decimal;
import static dev.taximeter.standalone.endtoend.Comparison.plain;

import dev.taximeter.standalone.backfill.RestClient;
import dev.taximeter.standalone.endtoend.Months.Account;
import dev.taximeter.standalone.endtoend.MonthsOracle.Row;
import java.io.IOException;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What the system answers over REST, compared with what {@code months.sql} says. */
final class MonthsAnswers {
  private static final List<String> TOTALS =
      List.of(
          "exactTotal",
          "total",
          "lateTotal",
          "creditsTotal",
          "chargesTotal",
          "exactDue",
          "amountDue");

  private static final String COSTS =
      """
      LEFT JOIN (
        SELECT fact, max(is_tiered) AS is_tiered,
          sum(months_cost(kind, free, up_to, price, quantity)) AS cost
        FROM charge GROUP BY fact
      ) AS c ON c.fact = u.fact
      """;

  /** All that no final bill has yet. */
  private static final String CHARGES =
      """
      SELECT account, 'debit' AS kind, '' AS month, toDecimal256(amount, 18) AS amount FROM debit
      UNION ALL
      SELECT account, 're-rating', month, amount FROM re_rating WHERE amount != 0
      """;

  private static final String COUNTS =
      """
      count() AS requests, sum(input + cached + written) AS inputTokens,
      sum(cached) AS cachedInputTokens, sum(written) AS cacheWriteTokens,
      sum(output + reasoning) AS outputTokens, sum(reasoning) AS reasoningTokens,
      max(c.is_tiered) AS is_tiered, sum(c.cost) AS cost
      """;

  private final RestClient api;
  private final Months world;
  private final MonthsOracle oracle;
  private final Comparison comparison;

  MonthsAnswers(RestClient api, Months world, MonthsOracle oracle, Comparison comparison) {
    this.api = api;
    this.world = world;
    this.oracle = oracle;
    this.comparison = comparison;
  }

  void compare() throws IOException, InterruptedException, SQLException {
    balances();
    credits();
    bills();
    usage("day");
    usage("month");
    models();
  }

  private void balances() throws IOException, InterruptedException, SQLException {
    Map<String, List<Row>> expected =
        oracle.by(
            1,
            """
            SELECT a.account AS account, ifNull(l.spent, 0) AS spent,
              ifNull(g.granted, 0) - ifNull(x.charged, 0) AS granted,
              ifNull(u.requests, 0) AS requests
            FROM account AS a
            LEFT JOIN (
              SELECT account, sum(amount) AS charged FROM (%s) GROUP BY account
            ) AS x ON x.account = a.account
            LEFT JOIN (SELECT account, sum(amount) AS spent FROM line GROUP BY account) AS l
              ON l.account = a.account
            LEFT JOIN (SELECT account, count() AS requests FROM used GROUP BY account) AS u
              ON u.account = a.account
            LEFT JOIN (
              SELECT c.account AS account,
                sum(if(c.until > now(), toDecimal256(c.amount, 18), d.drawn)) AS granted
              FROM credit AS c
              LEFT JOIN (SELECT credit, sum(amount) AS drawn FROM draw GROUP BY credit) AS d
                ON d.credit = c.credit
              GROUP BY account
            ) AS g ON g.account = a.account
            """
                .formatted(CHARGES));
    for (Account account : world.accounts) {
      Row row = expected.get(account.id()).get(0);
      JsonNode balance = api.get("/v1/accounts/" + account.id() + "/balance");
      String of = " of " + account.id();
      comparison.same("spent" + of, row.decimal("spent"), decimal(balance, "spent"));
      comparison.same("granted" + of, row.decimal("granted"), decimal(balance, "granted"));
      comparison.same(
          "balance" + of,
          row.decimal("granted").subtract(row.decimal("spent")),
          decimal(balance, "balance"));
      comparison.same(
          "sequence" + of,
          row.number("requests"),
          balance.path("asOf").path("sequence").asLong(-1));
    }
  }

  private void credits() throws IOException, InterruptedException, SQLException {
    Map<String, List<Row>> expected =
        oracle.by(
            1,
            """
            SELECT c.account AS account, c.credit AS credit, c.amount AS amount,
              sumIf(d.amount, d.bill > 0) AS drawn, sumIf(d.amount, d.bill IN (1, 2)) AS applied
            FROM ranked AS c LEFT JOIN draw AS d ON d.credit = c.credit
            GROUP BY account, credit, amount, c.rank ORDER BY account, c.rank
            """);
    for (Account account : world.accounts) {
      List<String> wanted =
          expected.getOrDefault(account.id(), List.of()).stream()
              .map(
                  row ->
                      String.join(
                          " ",
                          row.text("credit"),
                          plain(row.decimal("amount")),
                          plain(row.decimal("drawn")),
                          plain(row.decimal("applied"))))
              .toList();
      List<String> found = new ArrayList<>();
      for (JsonNode credit : api.get("/v1/accounts/" + account.id() + "/credits").path("items")) {
        found.add(
            String.join(
                " ",
                credit.path("id").asString(),
                plain(decimal(credit, "amount")),
                plain(decimal(credit, "drawn")),
                plain(decimal(credit, "applied"))));
      }
      comparison.same("credits of " + account.id(), wanted, found, 3);
    }
  }

  private void bills() throws IOException, InterruptedException, SQLException {
    Map<String, List<Row>> lines =
        oracle.by(
            2,
            """
            SELECT l.account AS account, b.month AS bill, l.model AS model, l.class AS class,
              l.version AS version, l.quantity AS quantity, l.amount AS amount
            FROM line AS l JOIN bill AS b ON b.account = l.account AND b.bill = l.bill
            WHERE l.month = b.month
            """);
    Map<String, List<Row>> late =
        oracle.by(
            2,
            """
            SELECT l.account AS account, b.month AS bill, l.month AS month, l.model AS model,
              l.class AS class, l.version AS version, l.quantity AS quantity, l.amount AS amount,
              u.since AS since, u.until AS until
            FROM line AS l
            JOIN bill AS b ON b.account = l.account AND b.bill = l.bill
            JOIN (
              SELECT account, bill, month, toUnixTimestamp64Milli(min(completed)) AS since,
                toUnixTimestamp64Milli(max(completed)) AS until
              FROM used GROUP BY account, bill, month
            ) AS u ON u.account = l.account AND u.bill = l.bill AND u.month = l.month
            WHERE l.month != b.month
            """);
    Map<String, List<Row>> credits =
        oracle.by(
            2,
            """
            SELECT d.account AS account, b.month AS bill, d.credit AS credit,
              sum(d.amount) AS amount
            FROM draw AS d JOIN bill AS b ON b.account = d.account AND b.bill = d.bill
            GROUP BY account, bill, credit HAVING amount != 0
            """);
    Map<String, List<Row>> charges = oracle.by(1, CHARGES);
    Map<String, List<Row>> totals = totals();
    for (Account account : world.accounts) {
      JsonNode list = api.get("/v1/accounts/" + account.id() + "/bills");
      for (YearMonth month : List.of(world.september, world.october, world.november)) {
        String key = account.id() + " " + month;
        JsonNode bill = api.get("/v1/accounts/%s/bills/%s".formatted(account.id(), month));
        Row total = totals.get(key).get(0);
        compareTotals(key, total, bill);
        compareSummary(key, bill, list);
        comparison.same(
            "lines of " + key,
            lines.getOrDefault(key, List.of()).stream().map(MonthsAnswers::line).sorted().toList(),
            sorted(bill.path("lines"), MonthsAnswers::line),
            2);
        comparison.same(
            "late lines of " + key,
            late.getOrDefault(key, List.of()).stream().map(MonthsAnswers::late).sorted().toList(),
            sorted(bill.path("lateLines"), MonthsAnswers::late),
            4);
        boolean isOpen = month.equals(world.november);
        comparison.same(
            "charges of " + key,
            (isOpen ? charges.getOrDefault(account.id(), List.<Row>of()) : List.<Row>of())
                .stream().map(MonthsAnswers::charge).sorted().toList(),
            sorted(bill.path("charges"), MonthsAnswers::charge),
            2);
        comparison.same(
            "credits of bill " + key,
            credits.getOrDefault(key, List.of()).stream()
                .map(row -> row.text("credit") + " " + plain(row.decimal("amount")))
                .sorted()
                .toList(),
            sorted(
                bill.path("creditsApplied"),
                use -> use.path("credit").asString() + " " + plain(decimal(use, "amount"))),
            1);
      }
    }
  }

  private Map<String, List<Row>> totals() throws SQLException {
    return oracle.by(
        2,
        """
        SELECT b.account AS account, b.month AS month,
          toUInt8(b.bill + if(a.voided AND b.bill = 2, 1, 0)) AS number,
          ifNull(l.own, 0) AS exactTotal, roundBankers(exactTotal, a.digits) AS total,
          ifNull(l.late, 0) AS lateTotal, ifNull(x.charged, 0) AS chargesTotal,
          ifNull(d.paid, 0) AS creditsTotal,
          exactTotal + lateTotal + chargesTotal - creditsTotal AS exactDue,
          roundBankers(exactDue, a.digits) AS amountDue,
          ifNull(l.lines, 0) AS lines, ifNull(u.own, 0) AS requests, ifNull(u.all, 0) AS covered,
          ifNull(u.unpriced, 0) AS unpriced, s.reached AS reached
        FROM bill AS b
        JOIN account AS a ON a.account = b.account
        LEFT JOIN (
          SELECT line.account AS account, line.bill AS bill, count() AS lines,
            sumIf(amount, line.month = m.month) AS own, sumIf(amount, line.month != m.month) AS late
          FROM line JOIN bill AS m ON m.account = line.account AND m.bill = line.bill
          GROUP BY account, bill
        ) AS l ON l.account = b.account AND l.bill = b.bill
        LEFT JOIN (
          SELECT used.account AS account, used.bill AS bill, count() AS all,
            countIf(used.month = m.month) AS own,
            countIf(used.month = m.month AND fact IN (SELECT fact FROM unpriced)) AS unpriced
          FROM used JOIN bill AS m ON m.account = used.account AND m.bill = used.bill
          GROUP BY account, bill
        ) AS u ON u.account = b.account AND u.bill = b.bill
        LEFT JOIN (
          SELECT account, toUInt8(3) AS bill, sum(amount) AS charged FROM (%s) GROUP BY account
        ) AS x ON x.account = b.account AND x.bill = b.bill
        LEFT JOIN (SELECT account, bill, sum(amount) AS paid FROM draw GROUP BY account, bill) AS d
          ON d.account = b.account AND d.bill = b.bill
        LEFT JOIN (
          SELECT m.account AS account, m.bill AS bill, countIf(used.phase <= m.phase) AS reached
          FROM bill AS m JOIN used ON used.account = m.account
          GROUP BY account, bill
        ) AS s ON s.account = b.account AND s.bill = b.bill
        """
            .formatted(CHARGES));
  }

  private void compareTotals(String key, Row total, JsonNode bill) {
    for (String field : TOTALS) {
      comparison.same(field + " of " + key, total.decimal(field), decimal(bill, field));
    }
    comparison.same("requests of " + key, total.number("requests"), bill.path("requests").asLong());
    comparison.same("unpriced of " + key, total.number("unpriced"), bill.path("unpriced").asLong());
    boolean isFinal = !key.endsWith(world.november.toString());
    comparison.same("final: " + key, isFinal, bill.path("status").asString().equals("final"));
    if (isFinal) {
      JsonNode covers = bill.path("covers");
      comparison.same("number of " + key, total.number("number"), bill.path("number").asLong());
      comparison.same(
          "lines covered by " + key, total.number("lines"), covers.path("lines").asLong());
      comparison.same(
          "requests covered by " + key, total.number("covered"), covers.path("requests").asLong());
      comparison.same(
          "sequence of " + key, total.number("reached"), covers.path("sequenceTo").asLong());
    }
  }

  private void compareSummary(String key, JsonNode bill, JsonNode list) {
    for (JsonNode item : list.path("items")) {
      if (item.path("period").equals(bill.path("period"))) {
        for (String field : List.of("exactTotal", "total", "amountDue", "requests", "status")) {
          comparison.same(field + " in the list, " + key, bill.path(field), item.path(field));
        }
        return;
      }
    }
    comparison.same("in the list: " + key, bill.path("requests").asLong(), 0L);
  }

  /** Makes comparable text of a node. */
  private interface Shown {
    String of(JsonNode node);
  }

  private static List<String> sorted(JsonNode nodes, Shown shown) {
    List<String> texts = new ArrayList<>();
    nodes.forEach(node -> texts.add(shown.of(node)));
    texts.sort(null);
    return texts;
  }

  private static String charge(Row row) {
    return String.join(" ", row.text("kind"), row.text("month"), plain(row.decimal("amount")));
  }

  private static String charge(JsonNode charge) {
    boolean isReRating = charge.path("kind").asString().equals("re-rating");
    return String.join(
        " ",
        // An adjustment to the account's disadvantage is a charge, too.
        isReRating ? "re-rating" : "debit",
        charge.path("period").asString(""),
        plain(decimal(charge, "amount")));
  }

  private static String line(Row row) {
    return String.join(
        " | ",
        row.text("model"),
        row.text("class"),
        row.text("version"),
        row.text("quantity"),
        plain(row.decimal("amount")));
  }

  private static String line(JsonNode line) {
    return String.join(
        " | ",
        line.path("model").asString(),
        line.path("tokenClass").asString(),
        line.path("priceVersion").asString(),
        Long.toString(line.path("quantity").asLong()),
        plain(decimal(line, "amount")));
  }

  private static String late(Row row) {
    return String.join(
        " | ",
        row.text("month"),
        Instant.ofEpochMilli(row.number("since")).toString(),
        Instant.ofEpochMilli(row.number("until")).toString(),
        line(row));
  }

  private static String late(JsonNode line) {
    return String.join(
        " | ",
        line.path("period").asString(),
        line.path("from").asString(),
        line.path("to").asString(),
        line(line));
  }

  /** By account, key and model; costs where the order of events does not decide their split. */
  private void usage(String granularity) throws IOException, InterruptedException, SQLException {
    Map<String, List<Row>> expected =
        oracle.by(
            1,
            "SELECT u.account AS account, %s AS start, key, model, %s FROM used AS u %s GROUP BY account, start, key, model"
                .formatted(granularity, COUNTS, COSTS));
    Map<String, List<Row>> spent =
        oracle.by(1, "SELECT account, sum(amount) AS spent FROM line GROUP BY account");
    for (Account account : world.accounts) {
      List<String> wanted = new ArrayList<>();
      List<String> untold = new ArrayList<>();
      for (Row row : expected.getOrDefault(account.id(), List.of())) {
        String place = String.join(" | ", row.text("start"), row.text("key"), row.text("model"));
        boolean splits = row.text("is_tiered").equals("0");
        if (!splits) {
          untold.add(place);
        }
        wanted.add(place + usage(row) + (splits ? plain(row.decimal("cost")) : "any"));
      }
      List<String> found = new ArrayList<>();
      BigDecimal cost = BigDecimal.ZERO;
      String query =
          "/v1/usage?account=%s&from=%s&to=%s&granularity=%s&groupBy=key,model"
              .formatted(
                  account.id(),
                  world.september.minusMonths(1).atDay(15) + "T00:00:00Z",
                  world.november.atDay(28) + "T00:00:00Z",
                  granularity);
      JsonNode answer = api.get(query);
      for (JsonNode row : answer.path("rows")) {
        cost = cost.add(decimal(row, "cost"));
        String place =
            String.join(
                " | ",
                start(row, account, granularity),
                row.path("key").asString(),
                row.path("model").asString());
        found.add(
            place + usage(row) + (untold.contains(place) ? "any" : plain(decimal(row, "cost"))));
      }
      wanted.sort(null);
      found.sort(null);
      comparison.same("usage of %s by %s".formatted(account.id(), granularity), wanted, found, 6);
      List<Row> sum = spent.getOrDefault(account.id(), List.of());
      comparison.same(
          "cost of usage of %s by %s".formatted(account.id(), granularity),
          sum.isEmpty() ? BigDecimal.ZERO : sum.get(0).decimal("spent"),
          cost);
      comparison.same(
          "exact: usage of " + account.id(), true, answer.path("asOf").path("exact").asBoolean());
    }
  }

  private static String start(JsonNode row, Account account, String granularity) {
    ZonedDateTime start =
        Instant.parse(row.path("start").asString()).atZone(account.customer().zone());
    String day = start.toLocalDate().toString();
    return granularity.equals("day") ? day : day.substring(0, 7);
  }

  private static String usage(Row row) {
    StringBuilder text = new StringBuilder();
    for (String field : FIELDS) {
      text.append(" | ").append(row.text(field));
    }
    return text.append(" | ").toString();
  }

  private static String usage(JsonNode row) {
    StringBuilder text = new StringBuilder();
    for (String field : FIELDS) {
      text.append(" | ").append(row.path(field).asLong());
    }
    return text.append(" | ").toString();
  }

  private static final List<String> FIELDS =
      List.of(
          "requests",
          "inputTokens",
          "cachedInputTokens",
          "cacheWriteTokens",
          "outputTokens",
          "reasoningTokens");

  /** Of all accounts at once, each by the months of its own zone. */
  private void models() throws IOException, InterruptedException, SQLException {
    Map<String, List<Row>> expected =
        oracle.by(
            3,
            "SELECT u.account AS account, month, model, %s FROM used AS u %s GROUP BY account, month, model"
                .formatted(COUNTS, COSTS));
    List<String> wanted = new ArrayList<>();
    expected.forEach((place, rows) -> wanted.add(place + usage(rows.get(0))));
    List<String> found = new ArrayList<>();
    JsonNode answer =
        api.get(
            "/v1/usage?from=%s&to=%s&granularity=month&groupBy=model"
                .formatted(
                    world.september.minusMonths(1).atDay(15) + "T00:00:00Z",
                    world.november.atDay(28) + "T00:00:00Z"));
    for (JsonNode row : answer.path("rows")) {
      Account account =
          world.accounts.stream()
              .filter(known -> known.id().equals(row.path("account").asString()))
              .findFirst()
              .orElseThrow();
      found.add(
          String.join(" ", account.id(), start(row, account, "month"), row.path("model").asString())
              + usage(row));
    }
    wanted.sort(null);
    found.sort(null);
    comparison.same("usage of all accounts", wanted, found, 6);
  }
}
