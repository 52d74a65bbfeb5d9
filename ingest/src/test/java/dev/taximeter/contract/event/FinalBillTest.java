package dev.taximeter.contract.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditUse;
import dev.taximeter.contract.event.FinalBill.Content;
import dev.taximeter.contract.json.Json;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class FinalBillTest {
  private static final Instant FROM = Instant.parse("2026-11-01T00:00:00Z");
  private static final Instant TO = Instant.parse("2026-12-01T00:00:00Z");

  private static BillLine line(String model) {
    return new BillLine(model, TokenClass.INPUT, "v1", 2, new BigDecimal("0.5"));
  }

  private static Content content(List<BillLine> lines) {
    return new Content(
        "acme",
        1,
        YearMonth.of(2026, 11),
        "USD",
        "UTC",
        FROM,
        TO,
        3,
        1,
        lines,
        BigDecimal.ONE,
        BigDecimal.ONE,
        List.of(new FinalBill.LateLine(YearMonth.of(2026, 10), FROM, FROM, line("late"))),
        new BigDecimal("0.5"),
        List.of(new Charge("ledger:c", LedgerPosting.Kind.DEBIT, FROM, BigDecimal.TEN, "seat")),
        BigDecimal.TEN,
        List.of(new CreditUse("credit", new BigDecimal("2"))),
        new BigDecimal("2"),
        new BigDecimal("9.5"),
        new BigDecimal("9.5"),
        new FinalBill.Covers(1, 3, 3, 4));
  }

  private static Content content() {
    return content(List.of(line("a"), line("b")));
  }

  private static Content with(String pointer, String field, Object value) {
    ObjectNode bill = Json.MAPPER.valueToTree(content());
    ObjectNode at = (ObjectNode) bill.at(pointer);
    if (value instanceof Number number) {
      at.put(field, number.longValue());
    } else {
      at.put(field, value.toString());
    }
    return Json.MAPPER.treeToValue(bill, Content.class);
  }

  /** What is due, and what it follows from. */
  @Test
  void everyBilledFactChangesTheHash() {
    List<Content> changed =
        List.of(
            with("", "account", "other"),
            with("", "number", 2),
            with("", "period", "2026-09"),
            with("", "currency", "EUR"),
            with("", "zone", "Europe/Berlin"),
            with("", "requests", 4),
            with("", "unpriced", 2),
            with("", "exactTotal", "1.1"),
            with("", "lateTotal", "0.6"),
            with("", "chargesTotal", "11"),
            with("", "creditsTotal", "3"),
            with("", "exactDue", "9.6"),
            with("", "amountDue", "9.6"),
            with("/lines/0", "model", "c"),
            with("/lines/0", "tokenClass", "output"),
            with("/lines/0", "priceVersion", "v2"),
            with("/lines/0", "quantity", 3),
            with("/lines/0", "amount", "0.6"),
            with("/lateLines/0", "period", "2026-08"),
            with("/lateLines/0", "from", TO.toString()),
            with("/lateLines/0", "to", TO.toString()),
            with("/lateLines/0/line", "quantity", 3),
            with("/charges/0", "id", "ledger:d"),
            with("/charges/0", "at", TO.toString()),
            with("/charges/0", "amount", "11"),
            with("/charges/0", "kind", "adjustment"),
            with("/charges/0", "reason", "seat in June"),
            with("/creditsApplied/0", "kind", "grant"),
            with("/creditsApplied/0", "reason", "gift"),
            with("/creditsApplied/0", "credit", "other"),
            with("/creditsApplied/0", "amount", "3"));
    Set<String> hashes = new HashSet<>(Set.of(content().hash()));
    changed.forEach(content -> assertThat(hashes.add(content.hash())).isTrue());
  }

  /** As it was hashed before kinds and reasons were. */
  @Test
  void earlierBillsKeepTheirHash() {
    ObjectNode bill = Json.MAPPER.valueToTree(content());
    bill.remove("form");
    Content earlier = Json.MAPPER.treeToValue(bill, Content.class);
    assertThat(earlier.canonicalForm().lines())
        .startsWith("bill\tacme\t1\t2026-11\tUSD\tUTC\t3\t1")
        .contains("charge\tledger:c\t2026-11-01T00:00:00Z\t10", "credit\tcredit\t2");
    assertThat(earlier.hash())
        .isEqualTo("1057636100ac002e97be131fb002e6f23e47cc234212db94393e8e6e47d579ed");
    assertThat(Json.MAPPER.treeToValue(Json.MAPPER.valueToTree(earlier), Content.class))
        .isEqualTo(earlier);
    assertThat(content().canonicalForm())
        .startsWith("bill-2\t")
        .contains("charge\tledger:c\t2026-11-01T00:00:00Z\t10\t\tdebit\tseat");
  }

  @Test
  void wordsCannotLookLikeFacts() {
    String forged = with("/charges/0", "reason", "x\ncredit\tc\t5\\").canonicalForm();
    assertThat(forged.lines()).hasSameSizeAs(content().canonicalForm().lines().toList());
    assertThat(forged).contains("debit\tx\\ncredit\\tc\\t5\\\\");
  }

  /** Sequence numbers tell in which order usage came; two orders are the same bill. */
  @Test
  void whatTheBillCoversIsNotHashed() {
    assertThat(with("/covers", "sequenceTo", 99).hash()).isEqualTo(content().hash());
  }

  @Test
  void theOrderOfLinesAndZerosOfAmountsDoNotChangeTheHash() {
    assertThat(content(List.of(line("b"), line("a"))).hash()).isEqualTo(content().hash());
    assertThat(with("", "exactTotal", "1.000").hash()).isEqualTo(content().hash());
    assertThat(content().hash()).matches("[0-9a-f]{64}");
  }
}
