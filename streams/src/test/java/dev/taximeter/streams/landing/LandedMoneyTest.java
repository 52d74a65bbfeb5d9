package dev.taximeter.streams.landing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditUse;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LedgerPosting.Entry;
import dev.taximeter.contract.event.LedgerPosting.Kind;
import dev.taximeter.contract.event.LedgerPosting.LedgerAccount;
import dev.taximeter.contract.topic.Topics;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LandedMoneyTest {
  private static final Instant AT = Instant.parse("2026-12-03T10:00:00Z");
  private static final YearMonth NOVEMBER = YearMonth.of(2026, 11);

  private final Map<String, RecordMapper> mappers = LandedTopics.mappers(new LandingFigures());

  private List<Map<String, Object>> rows(Topics topic, Object record) {
    return mappers.get(topic.topicName()).rows(3, 7, Samples.json(record)).stream()
        .map(RowReader::read)
        .toList();
  }

  @Test
  void eachEntryOfAPostingIsARow() {
    LedgerPosting posting =
        new LedgerPosting(
            "acme",
            17,
            Kind.CREDIT_NOTE,
            AT,
            42,
            "USD",
            "c-1",
            "ann",
            "outage",
            3,
            List.of(
                new Entry(LedgerAccount.ADJUSTMENTS, NOVEMBER, null, new BigDecimal("2.5")),
                new Entry(LedgerAccount.RECEIVABLE, null, "welcome", new BigDecimal("-2.5"))));
    List<Map<String, Object>> rows = rows(Topics.LEDGER_ENTRIES, posting);
    assertThat(rows).hasSize(2);
    assertThat(rows.get(0))
        .containsAllEntriesOf(
            Map.ofEntries(
                Map.entry("account", "acme"),
                Map.entry("posting", 17L),
                Map.entry("entry", 0L),
                Map.entry("kind", "credit-note"),
                Map.entry("at", AT),
                Map.entry("sequence", 42L),
                Map.entry("command_id", "c-1"),
                Map.entry("author", "ann"),
                Map.entry("reason", "outage"),
                Map.entry("bill", 3L),
                Map.entry("ledger", "adjustments"),
                Map.entry("period", "2026-11"),
                Map.entry("credit", ""),
                Map.entry("amount", "2.5")));
    assertThat(rows.get(1))
        .containsEntry("entry", 1L)
        .containsEntry("ledger", "receivable")
        .containsEntry("period", "")
        .containsEntry("credit", "welcome")
        .containsEntry("amount", "-2.5");
  }

  @Test
  void aBillIsARowWithItsLines() {
    FinalBill.Content content =
        new FinalBill.Content(
            "acme",
            3,
            NOVEMBER,
            "USD",
            "UTC",
            Instant.parse("2026-11-01T00:00:00Z"),
            Instant.parse("2026-12-01T00:00:00Z"),
            4,
            0,
            List.of(new BillLine("m", TokenClass.INPUT, "v1", 200, new BigDecimal("2"))),
            new BigDecimal("2"),
            new BigDecimal("2"),
            List.of(
                new FinalBill.LateLine(
                    YearMonth.of(2026, 10),
                    AT,
                    AT,
                    new BillLine("m", TokenClass.OUTPUT, "v0", 10, new BigDecimal("0.5")))),
            new BigDecimal("0.5"),
            List.of(new Charge("ledger:d", Kind.DEBIT, AT, new BigDecimal("1"), "seat")),
            new BigDecimal("1"),
            List.of(new CreditUse("welcome", new BigDecimal("0.25"))),
            new BigDecimal("0.25"),
            new BigDecimal("3.25"),
            new BigDecimal("3.25"),
            new FinalBill.Covers(1, 9, 2, 5));
    FinalBill bill =
        new FinalBill(
            FinalBill.Status.FINAL,
            content,
            AT,
            "ann",
            content.hash(),
            List.of(new FinalBill.CreditNote(1, new BigDecimal("0.1"), AT, "ann", "r")),
            null);
    Map<String, Object> row = rows(Topics.BILLS, bill).get(0);
    assertThat(row)
        .containsAllEntriesOf(
            Map.ofEntries(
                Map.entry("account", "acme"),
                Map.entry("number", 3L),
                Map.entry("status", "final"),
                Map.entry("content_hash", content.hash()),
                Map.entry("sequence_from", 1L),
                Map.entry("sequence_to", 9L),
                Map.entry("requests", 5L),
                Map.entry("exact_due", "3.25"),
                Map.entry("noted", "0.1"),
                Map.entry("lines.period", List.of("2026-11", "2026-10")),
                Map.entry("lines.token_class", List.of("input", "output")),
                Map.entry("lines.quantity", List.of(200L, 10L)),
                Map.entry("lines.amount", List.of("2", "0.5")),
                Map.entry("credits.id", List.of("welcome"))));
    assertThat(row.get("canonical_form").toString().lines())
        .startsWith(
            "bill-2\tacme\t3\t2026-11\tUSD\tUTC\t4\t0",
            "charge\tledger:d\t" + AT + "\t1\t\tdebit\tseat")
        .endsWith("total\t2\t0.5\t1\t0.25\t3.25\t3.25");
  }
}
