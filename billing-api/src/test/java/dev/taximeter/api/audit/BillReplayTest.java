package dev.taximeter.api.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.AccountState.CreditUse;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.json.Json;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which credits pay for which bill, from rows as they are landed. */
class BillReplayTest {
  private static final YearMonth JANUARY = YearMonth.of(2026, 1);
  private static final YearMonth FEBRUARY = YearMonth.of(2026, 2);
  private static final YearMonth MARCH = YearMonth.of(2026, 3);
  private static final YearMonth APRIL = YearMonth.of(2026, 4);
  private static final YearMonth MAY = YearMonth.of(2026, 5);

  private final List<List<Object>> usage = new ArrayList<>();
  private final List<List<Object>> bills = new ArrayList<>();
  private final List<List<Object>> returns = new ArrayList<>();

  /** By a part of the query that no other one has. */
  private final Map<String, List<List<Object>>> rows = new LinkedHashMap<>();

  private void use(YearMonth month, int segment, String cost) {
    int billed = bills.size();
    usage.add(List.of(month.toString(), segment, billed, "m", "input", "v", 1, cost));
  }

  /** A bill of one line, after one event more than the bill before. */
  private void bill(YearMonth month, String cost, String due, List<Charge> charges, String gift) {
    long number = bills.size() + 1L;
    BigDecimal taken = new BigDecimal(gift);
    BigDecimal charged =
        charges.stream().map(Charge::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
    FinalBill.Content content =
        new FinalBill.Content(
            "acme",
            number,
            month,
            "USD",
            "UTC",
            month.atDay(1).atStartOfDay().toInstant(ZoneOffset.UTC),
            month.plusMonths(1).atDay(1).atStartOfDay().toInstant(ZoneOffset.UTC),
            1,
            0,
            List.of(new BillLine("m", TokenClass.INPUT, "v", 1, new BigDecimal(cost))),
            new BigDecimal(cost),
            new BigDecimal(cost),
            List.of(),
            BigDecimal.ZERO,
            charges,
            charged,
            taken.signum() == 0
                ? List.of()
                : List.of(new CreditUse("gift", taken, CreditKind.GRANT, "tab\tand\nline")),
            taken,
            new BigDecimal(due),
            new BigDecimal(due),
            new FinalBill.Covers(number, number, 1, 1));
    FinalBill bill =
        new FinalBill(
            FinalBill.Status.FINAL, content, Instant.EPOCH, "", content.hash(), List.of(), null);
    bills.add(
        List.of(
            number,
            month.toString(),
            "final",
            number,
            Json.MAPPER.writeValueAsString(bill),
            10 * number,
            content.hash()));
  }

  private static Charge debit(String at, String amount) {
    return new Charge(
        "ledger:debit",
        LedgerPosting.Kind.DEBIT,
        Instant.parse(at),
        new BigDecimal(amount),
        "why\\");
  }

  private static Charge reRating(YearMonth month, String amount) {
    return new Charge(
        "ledger:" + month + amount,
        LedgerPosting.Kind.RE_RATING,
        Instant.parse("2026-05-02T00:00:00Z"),
        new BigDecimal(amount),
        "",
        month);
  }

  private List<Difference> check() throws SQLException {
    rows.put("currency != ''", List.of(List.of("acme")));
    rows.put(
        "if(zone = ''",
        List.of(
            List.of(
                bills.size(),
                "UTC",
                """
                {"credits": [{"id": "gift", "kind": "grant", "priority": 1, "amount": "10",
                "effectiveFrom": null, "expiresAt": "2026-04-01T00:00:00Z", "applied": "7",
                "drawn": "7"}], "periods": []}\
                """)));
    rows.put("FROM bills AS b", bills);
    rows.put("kind = 'credit-note'", returns);
    rows.put("ledger = 'credits'", List.of(List.of("gift", 1, "10")));
    rows.put("adjust_percent", List.of());
    rows.put("price_entries", List.of());
    rows.put("usage_events", usage);
    return BillReplay.check(connection(), "");
  }

  /**
   * January was billed after February, and February has given back only on the bill of March. The
   * debit of March waited until that bill was final, and is more than what March gave back then.
   */
  @Test
  void monthsThatAreBilledOutOfOrder() throws SQLException {
    history("-4");
    assertThat(check()).isEmpty();
  }

  @Test
  void aCreditThatPaidTwiceIsFound() throws SQLException {
    history("0");
    assertThat(check())
        .extracting(Difference::subject)
        .contains("credit gift on bill 3", "what credit gift paid on bills");
  }

  /** The gift paid all of January, got 4 of it back by a note, and paid with that in March. */
  private void noted(String returned, String inMarch) throws SQLException {
    use(JANUARY, 0, "10");
    bill(JANUARY, "10", "0", List.of(), "10");
    FinalBill before = Json.MAPPER.readValue(bills.get(0).get(4).toString(), FinalBill.class);
    FinalBill bill =
        before.withNote(
            new FinalBill.CreditNote(
                1,
                new BigDecimal("4"),
                Instant.EPOCH,
                "ann",
                "outage",
                List.of(new CreditUse("gift", new BigDecimal(returned)))));
    List<Object> row = new ArrayList<>(bills.get(0));
    row.set(4, Json.MAPPER.writeValueAsString(bill));
    bills.set(0, row);
    returns.add(List.of(15, 1, "gift", "4"));
    use(MARCH, 0, "1");
    bill(
        MARCH,
        "1",
        new BigDecimal("1").subtract(new BigDecimal(inMarch)).toPlainString(),
        List.of(),
        inMarch);
  }

  @Test
  void whatANoteGaveBackPaysAgain() throws SQLException {
    noted("4", "1");
    assertThat(check()).isEmpty();
  }

  @Test
  void aCreditThatDoesNotPayAgainWithWhatANoteGaveBackIsFound() throws SQLException {
    noted("4", "0");
    assertThat(check()).extracting(Difference::subject).contains("credit gift on bill 2");
  }

  @Test
  void aNoteThatTellsAnotherAmountThanTheLedgerIsFound() throws SQLException {
    noted("3", "1");
    assertThat(check())
        .extracting(Difference::subject)
        .containsExactly("what notes on bill 1 give back to credits");
  }

  /**
   * @param givenBack what the bill of March says that the gift has back of February
   */
  private void history(String givenBack) {
    use(FEBRUARY, 0, "11");
    bill(FEBRUARY, "11", "1", List.of(), "10");
    use(JANUARY, 0, "5");
    bill(JANUARY, "5", "5", List.of(), "0");
    use(MARCH, 0, "6");
    BigDecimal net = new BigDecimal("4").add(new BigDecimal(givenBack));
    bill(MARCH, "6", "2", List.of(reRating(FEBRUARY, "-4")), net.toPlainString());
    use(APRIL, 1, "1");
    bill(APRIL, "1", "2", List.of(debit("2026-03-31T23:00:00Z", "3"), reRating(MARCH, "-2")), "0");
    use(MAY, 1, "1");
    bill(MAY, "1", "1", List.of(reRating(MARCH, "-3")), "-3");
  }

  private Connection connection() {
    return fake(
        Connection.class,
        (method, arguments) -> {
          String sql = (String) arguments[0];
          List<List<Object>> found =
              rows.entrySet().stream()
                  .filter(query -> sql.contains(query.getKey()))
                  .findFirst()
                  .orElseThrow()
                  .getValue();
          return fake(
              PreparedStatement.class,
              (call, none) -> call.equals("executeQuery") ? resultOf(found) : null);
        });
  }

  private static ResultSet resultOf(List<List<Object>> found) {
    Iterator<List<Object>> rest = found.iterator();
    List<Object> row = new ArrayList<>();
    return fake(
        ResultSet.class,
        (method, arguments) -> {
          if (method.equals("next")) {
            row.clear();
            boolean more = rest.hasNext();
            row.addAll(more ? rest.next() : List.of());
            return more;
          }
          if (method.equals("close")) {
            return null;
          }
          Object value = row.get((Integer) arguments[0] - 1);
          return switch (method) {
            case "getString" -> value.toString();
            case "getLong" -> ((Number) value).longValue();
            case "getInt" -> ((Number) value).intValue();
            default -> throw new UnsupportedOperationException(method);
          };
        });
  }

  /** Answers calls by the name of their method. */
  private interface Answers {
    @Nullable Object answer(String method, Object[] arguments);
  }

  private static <T> T fake(Class<T> type, Answers answers) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                method.getName().equals("close")
                    ? null
                    : answers.answer(method.getName(), arguments)));
  }
}
