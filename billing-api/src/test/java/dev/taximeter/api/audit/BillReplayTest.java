package dev.taximeter.api.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.audit.MoneyHistory.Count;
import dev.taximeter.api.audit.MoneyHistory.Document;
import dev.taximeter.api.audit.MoneyHistory.Entry;
import dev.taximeter.api.audit.MoneyHistory.Sum;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.AccountState.CreditUse;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.json.Json;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Which credits pay for which bill, from rows as they are landed. */
class BillReplayTest {
  private static final YearMonth JANUARY = YearMonth.of(2026, 1);
  private static final YearMonth FEBRUARY = YearMonth.of(2026, 2);
  private static final YearMonth MARCH = YearMonth.of(2026, 3);
  private static final YearMonth APRIL = YearMonth.of(2026, 4);
  private static final YearMonth MAY = YearMonth.of(2026, 5);

  private static final String GIFT = "ledger:gift";
  private static final String WORDS = "tab\tand\nline";

  private final List<Sum> usage = new ArrayList<>();
  private final List<Document> bills = new ArrayList<>();
  private final List<Entry> entries = new ArrayList<>();

  /** Not in the state. */
  private String missingMonth = "";

  private String giftFrom = "null";
  private final Map<String, MoneyHistory.Terms> terms = new HashMap<>();

  /** The ledger's columns hold 1970 to 2105. */
  @ParameterizedTest
  @CsvSource({
    "0001-01-01T00:00:00Z, 1, true",
    "1970-01-01T00:00:00Z, 1, true",
    "2026-01-05T00:00:00Z, 1767571200000, true",
    "2026-01-05T00:00:00.001Z, 1767571200000, false",
    "1970-01-01T00:00:00Z, 1767571200000, false",
    "9999-01-01T00:00:00Z, 4291747199999, true"
  })
  void whenACreditBeginsIsComparedAsFarAsTheLedgerTellsIt(
      String stated, long posted, boolean agrees) throws SQLException {
    history("-4");
    giftFrom = '"' + stated + '"';
    long until = Instant.parse("2026-04-01T00:00:00Z").toEpochMilli();
    terms.put(GIFT, new MoneyHistory.Terms(1, posted, until));
    assertThat(
            check().stream().anyMatch(one -> one.subject().equals("what credit " + GIFT + " is")))
        .isEqualTo(!agrees);
  }

  /** Earlier versions showed the models of a full month that came first, and counted the others. */
  @ParameterizedTest
  @CsvSource({"true, 3, ''", "false, 1000, ''", "false, 3, 'what bill 1 covers'"})
  void aFullMonthShowsEntries(boolean earlier, long merged, String found) throws SQLException {
    String version = "list:m-*:2026-01-01T00:00:00Z:v1";
    List<BillLine> lines = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      String model = i < 997 ? "m-" + i : "m-*";
      usage.add(new Sum("2026-03", 0, 0, model, "input", version, 2, BigDecimal.ONE));
      if (earlier && i < 997) {
        lines.add(new BillLine(model, TokenClass.INPUT, version, 2, BigDecimal.ONE));
      }
    }
    int rest = earlier ? 3 : 1_000;
    lines.add(new BillLine("m-*", TokenClass.INPUT, version, 2 * rest, BigDecimal.valueOf(rest)));
    BigDecimal cost = BigDecimal.valueOf(1_000);
    BigDecimal due = BigDecimal.valueOf(990);
    bill(
        MARCH,
        lines,
        cost,
        due,
        List.of(),
        BigDecimal.TEN,
        1_000,
        new FinalBill.Covers(1, 1, lines.size(), 1_000, merged));
    assertThat(check())
        .filteredOn(difference -> difference.check().equals("final_bills"))
        .extracting(Difference::subject)
        .isEqualTo(found.isEmpty() ? List.of() : List.of(found));
  }

  /** Whatever the bill shows, its sum is right. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, ''",
    "1, 0, 0, 'bill 1, 2026-03 m-1 input, bill 1, 2026-03 m-2 input'",
    "0, 7, 0, 'bill 1, 2026-03 m-* input, bill 1, 2026-03 m-2 input'",
    "0, 0, 1, 'what bill 1 covers'"
  })
  void modelsOnBillsOfEarlierVersionsAreThoseOfTheEvents(
      long moved, long toEntry, long lines, String found) throws SQLException {
    String version = "list:m-*:2026-01-01T00:00:00Z:v1";
    List<BillLine> shown = new ArrayList<>();
    for (int i = 0; i <= 997; i++) {
      String model = i < 997 ? "m-" + i : "m-*";
      usage.add(new Sum("2026-03", 0, 0, model, "input", version, 10, BigDecimal.TEN));
      long more = i == 1 ? moved : i == 2 ? -moved - toEntry : i == 997 ? toEntry : 0;
      shown.add(
          new BillLine(model, TokenClass.INPUT, version, 10 + more, BigDecimal.valueOf(10 + more)));
    }
    bill(
        MARCH,
        shown,
        BigDecimal.valueOf(9_980),
        BigDecimal.valueOf(9_970),
        List.of(),
        BigDecimal.TEN,
        998,
        new FinalBill.Covers(1, 1, shown.size() + lines, 998, 1L));
    assertThat(foundOnBills()).isEqualTo(found);
  }

  /** Earlier versions had room for 995 lines of all kinds; lines of other kinds were among them. */
  @Test
  void earlierVersionsMergedSooner() throws SQLException {
    String version = "list:m-*:2026-01-01T00:00:00Z:v1";
    List<BillLine> shown = new ArrayList<>();
    for (int i = 0; i < 996; i++) {
      String model = i < 980 ? "m-" + i : i == 980 ? "m-*" : "other-" + i;
      String of = i <= 980 ? version : version.replace("m-*", model);
      usage.add(new Sum("2026-03", 0, 0, model, "input", of, 1, BigDecimal.ONE));
      shown.add(new BillLine(model, TokenClass.INPUT, of, 1, BigDecimal.ONE));
    }
    bill(
        MARCH,
        shown,
        BigDecimal.valueOf(996),
        BigDecimal.valueOf(986),
        List.of(),
        BigDecimal.TEN,
        996,
        new FinalBill.Covers(1, 1, 996, 996, 1L));
    assertThat(foundOnBills()).isEmpty();
  }

  private String foundOnBills() throws SQLException {
    return check().stream()
        .filter(difference -> difference.check().equals("final_bills"))
        .map(difference -> difference.subject().replaceFirst(" at list.*", ""))
        .collect(Collectors.joining(", "));
  }

  /** One event more for each; decisions come after it. */
  private void use(YearMonth month, int segment, String cost) {
    usage.add(
        new Sum(
            month.toString(), segment, bills.size(), "m", "input", "v", 1, new BigDecimal(cost)));
  }

  private void entry(
      long posting, String kind, String ledger, String month, String credit, String amount) {
    entries.add(
        new Entry(
            posting,
            kind,
            Instant.parse("2026-05-02T00:00:00Z").toEpochMilli(),
            bills.size(),
            kind + posting,
            "ann",
            kind.equals("grant") ? WORDS : "outage",
            1,
            ledger,
            month,
            credit,
            new BigDecimal(amount)));
  }

  /** A bill of one line, after one event more than the bill before. */
  private void bill(YearMonth month, String cost, String due, List<Charge> charges, String gift) {
    long number = bills.size() + 1L;
    bill(
        month,
        List.of(new BillLine("m", TokenClass.INPUT, "v", 1, new BigDecimal(cost))),
        new BigDecimal(cost),
        new BigDecimal(due),
        charges,
        new BigDecimal(gift),
        1,
        new FinalBill.Covers(number, number, 1, 1));
  }

  private void bill(
      YearMonth month,
      List<BillLine> lines,
      BigDecimal cost,
      BigDecimal exactDue,
      List<Charge> charges,
      BigDecimal taken,
      long requests,
      FinalBill.Covers covers) {
    long number = bills.size() + 1L;
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
            requests,
            0,
            lines,
            cost,
            cost,
            List.of(),
            BigDecimal.ZERO,
            charges,
            charged,
            taken.signum() == 0
                ? List.of()
                : List.of(new CreditUse(GIFT, taken, CreditKind.GRANT, WORDS)),
            taken,
            exactDue,
            exactDue,
            covers);
    FinalBill bill =
        new FinalBill(
            FinalBill.Status.FINAL, content, Instant.EPOCH, "", content.hash(), List.of(), null);
    for (int i = 0; i < charges.size(); i++) {
      posted(charges.get(i), 10L * bills.size() + 5 + i);
    }
    bills.add(
        new Document(
            number,
            month.toString(),
            number,
            10 * number,
            10 * number,
            Json.MAPPER.valueToTree(bill),
            content.hash()));
    moved(number, month, "receivable", exactDue);
    moved(number, month, "unbilled", exactDue.negate());
  }

  private void moved(long bill, YearMonth month, String ledger, BigDecimal amount) {
    entries.add(
        new Entry(
            10 * bill, "bill", 0, bill, "", "", "", bill, ledger, month.toString(), "", amount));
  }

  private void posted(Charge charge, long posting) {
    String earns = charge.kind() == LedgerPosting.Kind.DEBIT ? "debits" : "usage";
    posted(charge, posting, "unbilled", charge.amount());
    posted(charge, posting, earns, charge.amount().negate());
  }

  private void posted(Charge charge, long posting, String ledger, BigDecimal amount) {
    YearMonth period = charge.period();
    entries.add(
        new Entry(
            posting,
            charge.kind().code(),
            charge.at().toEpochMilli(),
            bills.size(),
            charge.id().replace("ledger:", ""),
            "",
            charge.reason(),
            0,
            ledger,
            period == null ? charge.at().toString().substring(0, 7) : period.toString(),
            "",
            amount));
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
    entry(1, "grant", "promotion", "", GIFT, "10");
    entry(1, "grant", "credits", "", GIFT, "-10");
    JsonNode state =
        Json.MAPPER.readTree(
            """
            {"credits": [{"id": "ledger:gift", "reason": "tab\\tand\\nline", "kind": "grant", "priority": 1, "amount": "10",
            "effectiveFrom": %s, "expiresAt": "2026-04-01T00:00:00Z", "applied": "7",
            "drawn": "7"}], "periods": []}\
            """
                .formatted(giftFrom));
    ArrayNode periods = (ArrayNode) state.path("periods");
    for (Document bill : bills) {
      boolean missing = bill.period().equals(missingMonth);
      if (!missing) {
        BigDecimal noted = BigDecimal.ZERO;
        for (JsonNode note : bill.json().path("notes")) {
          noted = noted.add(new BigDecimal(note.path("amount").asString()));
        }
        periods
            .addObject()
            .put("period", bill.period())
            .putObject("billing")
            .put("bill", bill.number())
            .put("noted", noted.toPlainString());
      }
    }
    entries.sort(Comparator.comparingLong(Entry::posting));
    return new MoneyHistory(
            "acme",
            "USD",
            "UTC",
            bills.size(),
            1_000,
            0,
            0,
            state,
            bills,
            entries,
            List.of(),
            terms,
            Map.of(),
            new MoneyHistory.Usage() {
              @Override
              public List<Count> counts(List<Long> steps) {
                return usage.stream()
                    .map(sum -> new Count(sum.period(), sum.step(), 1, 0, 0, 0))
                    .toList();
              }

              @Override
              public List<Sum> sums(List<Long> cuts, List<Long> steps) {
                return usage;
              }
            })
        .differences();
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
        .contains("credit ledger:gift on bill 3", "what credit ledger:gift paid on bills");
  }

  /** The gift paid all of January, got 4 of it back by a note, and paid with that in March. */
  private void noted(String returned, String inMarch) {
    use(JANUARY, 0, "10");
    bill(JANUARY, "10", "0", List.of(), "10");
    FinalBill before = Json.MAPPER.treeToValue(bills.get(0).json(), FinalBill.class);
    FinalBill bill =
        before.withNote(
            new FinalBill.CreditNote(
                1,
                new BigDecimal("4"),
                Instant.parse("2026-05-02T00:00:00Z"),
                "ann",
                "outage",
                List.of(new CreditUse(GIFT, new BigDecimal(returned)))));
    Document row = bills.get(0);
    bills.set(
        0,
        new Document(1, row.period(), 1, 10, 10, Json.MAPPER.valueToTree(bill), row.contentHash()));
    entry(15, "credit-note", "adjustments", "2026-01", "", "4");
    entry(15, "credit-note", "credits", "2026-01", GIFT, "-4");
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
    assertThat(check()).extracting(Difference::subject).contains("credit ledger:gift on bill 2");
  }

  @Test
  void aNoteThatTellsAnotherAmountThanTheLedgerIsFound() throws SQLException {
    noted("3", "1");
    assertThat(check())
        .extracting(Difference::subject)
        .containsExactly("what note 1 on bill 1 says that it gives back to credits");
  }

  @Test
  void aMonthThatTheStateDoesNotHaveIsFound() throws SQLException {
    history("-4");
    missingMonth = "2026-02";
    assertThat(check())
        .singleElement()
        .isEqualTo(new Difference("months", "acme", "bill of 2026-02", "1", "0"));
  }

  @Test
  void aChargeOfAMonthThatTheStateDoesNotHaveIsFound() throws SQLException {
    history("-4");
    posted(debit("2026-06-01T12:00:00Z", "3"), 500);
    assertThat(check())
        .extracting(Difference::subject)
        .contains("charge ledger:debit of 2026-06 that no bill has");
  }

  private JsonNode changed(int bill, String pointer, String field, String value) {
    ObjectNode json = (ObjectNode) bills.get(bill).json().deepCopy();
    ((ObjectNode) json.at(pointer)).put(field, value);
    Document row = bills.get(bill);
    bills.set(
        bill,
        new Document(
            row.number(),
            row.period(),
            row.sequenceTo(),
            row.posting(),
            row.before(),
            json,
            row.contentHash()));
    return json;
  }

  /** None of it is hashed. */
  @ParameterizedTest
  @CsvSource({
    "0, '', finalizedAt, 1970-01-01T00:00:01Z, 'when and by whom bill 1 was made, posting 10'",
    "0, '', finalizedAt, soon, 'when and by whom bill 1 was made, posting 10'",
    "1, '', finalizedBy, bob, 'when and by whom bill 2 was made, posting 20'",
    "0, /notes/0, at, 2026-05-02T00:00:01Z, 'when, by whom and why note 1 on bill 1 was written,"
        + " posting 15'",
    "0, /notes/0, author, bob, 'when, by whom and why note 1 on bill 1 was written, posting 15'",
    "0, /notes/0, reason, gift, 'when, by whom and why note 1 on bill 1 was written, posting 15'",
    "0, /notes/0, number, 2, number of note 1 on bill 1",
    "1, /voided, at, 2026-05-02T00:00:01Z, 'when, by whom and why bill 2 was voided, posting 40'",
    "1, /voided, author, bob, 'when, by whom and why bill 2 was voided, posting 40'",
    "1, /voided, reason, gift, 'when, by whom and why bill 2 was voided, posting 40'",
  })
  void whenByWhomAndWhyIsCompared(
      int bill, String pointer, String field, String value, String subject) throws SQLException {
    noted("4", "1");
    voided();
    changed(bill, pointer, field, value);
    assertThat(check())
        .filteredOn(difference -> difference.check().equals("final_bills"))
        .extracting(Difference::subject)
        .containsExactly(subject);
  }

  /** The bill of March does not count any more. */
  private void voided() {
    Document row = bills.get(1);
    FinalBill bill =
        Json.MAPPER
            .treeToValue(row.json(), FinalBill.class)
            .voided(new FinalBill.Voided(Instant.parse("2026-05-02T00:00:00Z"), "ann", "outage"));
    bills.set(
        1,
        new Document(
            2, row.period(), 2, 20, 20, Json.MAPPER.valueToTree(bill), bill.contentHash()));
    entries.add(
        new Entry(
            40,
            "void",
            Instant.parse("2026-05-02T00:00:00Z").toEpochMilli(),
            2,
            "void40",
            "ann",
            "outage",
            2,
            "receivable",
            "2026-03",
            "",
            BigDecimal.ZERO));
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
}
