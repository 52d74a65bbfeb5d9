package dev.taximeter.standalone.endtoend;

import dev.taximeter.standalone.endtoend.Months.Account;
import dev.taximeter.standalone.endtoend.Months.Credit;
import dev.taximeter.standalone.endtoend.Months.Fact;
import dev.taximeter.standalone.endtoend.Tariff.Key;
import dev.taximeter.standalone.endtoend.Tariff.Kind;
import dev.taximeter.standalone.landing.RealEngine;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Currency;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@link Months} must cost, computed by {@code months.sql} in an engine of its own. Rows are
 * read as text; every amount is exact.
 */
final class MonthsOracle implements AutoCloseable {
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  private static final int ROWS_PER_INSERT = 5_000;

  /** Stands in the script before statements that are run for each bill and rank of credits. */
  private static final String EACH_RANK = "--each {rank} of {bill}";

  /** Stands in statements that are run for the prices of then and for the corrected ones. */
  private static final String AGAIN = "{again}";

  private static final int BILLS = 3;

  private final RealEngine engine;
  private final Connection connection;

  /** A row of an answer, by column. */
  record Row(Map<String, String> values) {
    String text(String column) {
      String value = values.get(column);
      if (value == null) {
        throw new IllegalArgumentException("the answer has no column " + column);
      }
      return value;
    }

    long number(String column) {
      return Long.parseLong(text(column));
    }

    BigDecimal decimal(String column) {
      return new BigDecimal(text(column));
    }
  }

  private MonthsOracle(RealEngine engine) throws SQLException {
    this.engine = engine;
    this.connection = engine.writer("default").connect();
  }

  /**
   * Computes everything.
   *
   * @param creditIds what the system calls credits, by name
   */
  static MonthsOracle of(Months world, Map<String, String> creditIds, Path directory)
      throws IOException, InterruptedException, SQLException {
    MonthsOracle oracle = new MonthsOracle(RealEngine.start(directory));
    try {
      oracle.compute(world, creditIds);
      return oracle;
    } catch (SQLException | RuntimeException e) {
      oracle.close();
      throw e;
    }
  }

  private void compute(Months world, Map<String, String> creditIds)
      throws IOException, SQLException {
    String script;
    try (InputStream in = MonthsOracle.class.getResourceAsStream("months.sql")) {
      script =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .replace("{september}", world.september.toString())
              .replace("{october}", world.october.toString())
              .replace("{november}", world.november.toString());
    }
    boolean filled = false;
    List<String> ofBills = new ArrayList<>();
    for (String part : script.split(";\n")) {
      boolean eachRank = part.contains(EACH_RANK);
      String sql =
          part.lines()
              .filter(line -> !line.startsWith("--"))
              .reduce("", (text, line) -> text + line + "\n")
              .strip();
      if (sql.isEmpty()) {
        continue;
      }
      if (sql.contains(" AS\nSELECT") && !filled) {
        fill(world, creditIds);
        filled = true;
      }
      if (eachRank) {
        ofBills.add(sql);
      } else {
        execute(sql.replace(AGAIN, ""));
        if (sql.contains(AGAIN)) {
          execute(sql.replace(AGAIN, "_again"));
        }
      }
    }
    draw(ofBills, mostCredits(world));
  }

  /** A bill stands on what those before it took. */
  private void draw(List<String> ofBills, int ranks) throws SQLException {
    for (int bill = 1; bill <= BILLS; bill++) {
      for (String sql : ofBills) {
        for (int rank = 1; rank <= ranks; rank++) {
          execute(
              sql.replace("{bill}", Integer.toString(bill))
                  .replace("{rank}", Integer.toString(rank)));
        }
      }
    }
  }

  private static int mostCredits(Months world) {
    Map<String, Integer> counts = new HashMap<>();
    world.credits.forEach(credit -> counts.merge(credit.account(), 1, Integer::sum));
    return counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  private void fill(Months world, Map<String, String> creditIds) throws SQLException {
    List<String> accounts = new ArrayList<>();
    List<String> keys = new ArrayList<>();
    List<String> accountPlans = new ArrayList<>();
    for (Account account : world.accounts) {
      String id = text(account.id());
      Currency currency = Currency.getInstance(account.customer().currency());
      accounts.add(
          row(
              id,
              text(account.customer().zone().getId()),
              currency.getDefaultFractionDigits(),
              account.early() ? 1 : 0,
              world.voided.contains(account.id()) ? 1 : 0));
      for (Key key : account.customer().keys()) {
        keys.add(row(text(key.secret()), text(key.name()), id));
      }
      account
          .plans()
          .forEach(from -> accountPlans.add(row(id, time(from.from()), text(from.plan()))));
    }
    insert("account", accounts);
    insert("api_key", keys);
    insert("account_plan", accountPlans);
    insert(
        "plan",
        world.plans.stream()
            .map(p -> row(text(p.id()), text(p.book()), text(p.perRequest()), text(p.adjust())))
            .toList());
    insert("price", prices(world.books));
    insert("price_again", prices(world.corrected));
    insert(
        "re_rated",
        world.reRatings.stream()
            .map(
                each -> row(text(each.account()), text(each.month().toString()), time(each.ends())))
            .toList());
    insert(
        "credit",
        world.credits.stream().map(credit -> row(creditIds.get(credit.name()), credit)).toList());
    insert(
        "debit",
        world.debits.stream()
            .map(debit -> row(text(debit.account()), text(debit.amount().toPlainString())))
            .toList());
    insert("fact", world.facts.stream().map(MonthsOracle::row).toList());
  }

  private static List<String> prices(List<Months.Book> books) {
    List<String> rows = new ArrayList<>();
    for (Months.Book book : books) {
      for (Months.Entry entry : book.entries()) {
        for (Months.Prices prices : entry.prices()) {
          prices.byKind().forEach((kind, schedule) -> rows.add(row(book, entry, prices, kind)));
        }
      }
    }
    return rows;
  }

  private static String row(Months.Book book, Months.Entry entry, Months.Prices prices, Kind kind) {
    Months.Schedule schedule = prices.byKind().get(kind);
    List<String> ends = new ArrayList<>();
    List<String> steps = new ArrayList<>();
    for (Months.Step step : schedule.steps()) {
      ends.add(Long.toString(step.upTo()));
      // Requests have their price each, and the table has it per million.
      BigDecimal price = kind == Kind.REQUEST ? step.price().movePointRight(6) : step.price();
      steps.add("toDecimal128(" + text(price.toPlainString()) + ", 12)");
    }
    return row(
        text(book.id()),
        text(entry.model()),
        time(entry.from()),
        prices.above(),
        text(kind.billName),
        text(schedule.kind()),
        schedule.free(),
        ends,
        steps);
  }

  private static String row(String id, Credit credit) {
    return row(
        text(id),
        text(credit.account()),
        credit.priority(),
        List.of("grant", "top-up", "adjustment").indexOf(credit.kind()),
        text(credit.amount().toPlainString()),
        time(credit.effectiveFrom()),
        time(credit.expiresAt()),
        credit.phase());
  }

  private static String row(Fact fact) {
    return row(
        fact.number(),
        time(fact.completion()),
        text(fact.key().secret()),
        text(fact.model()),
        fact.of(Kind.INPUT),
        fact.of(Kind.CACHED_INPUT),
        fact.of(Kind.CACHE_WRITE),
        fact.of(Kind.OUTPUT),
        fact.of(Kind.REASONING),
        fact.phase());
  }

  private static String row(Object... values) {
    List<String> texts = new ArrayList<>();
    for (Object value : values) {
      texts.add(value.toString());
    }
    return "(" + String.join(", ", texts) + ")";
  }

  private static String text(String text) {
    return "'" + text + "'";
  }

  private static String time(Instant instant) {
    return "'" + MILLIS.format(instant) + "'";
  }

  private void insert(String table, List<String> rows) throws SQLException {
    for (int from = 0; from < rows.size(); from += ROWS_PER_INSERT) {
      int to = Math.min(rows.size(), from + ROWS_PER_INSERT);
      execute("INSERT INTO " + table + " VALUES " + String.join(", ", rows.subList(from, to)));
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      String beginning = sql.substring(0, Math.min(sql.length(), 200));
      throw new SQLException(beginning + "\n" + e.getMessage(), e);
    }
  }

  /** Rows by the values of their first columns. */
  Map<String, List<Row>> by(int columns, String sql) throws SQLException {
    Map<String, List<Row>> groups = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet results = statement.executeQuery(sql)) {
      while (results.next()) {
        Map<String, String> values = new TreeMap<>();
        List<String> key = new ArrayList<>();
        for (int i = 1; i <= results.getMetaData().getColumnCount(); i++) {
          String value = results.getString(i);
          values.put(results.getMetaData().getColumnLabel(i), value);
          if (i <= columns) {
            key.add(value);
          }
        }
        groups
            .computeIfAbsent(String.join(" ", key), first -> new ArrayList<>())
            .add(new Row(values));
      }
    }
    return groups;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
    try {
      engine.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
