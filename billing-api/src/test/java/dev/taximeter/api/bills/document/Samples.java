package dev.taximeter.api.bills.document;

import dev.taximeter.api.bills.document.BillDocument.Coverage;
import dev.taximeter.api.bills.document.BillDocument.Credit;
import dev.taximeter.api.bills.document.BillDocument.Kind;
import dev.taximeter.api.bills.document.BillDocument.Line;
import dev.taximeter.api.bills.document.BillDocument.Note;
import dev.taximeter.api.bills.document.BillDocument.Settlement;
import dev.taximeter.api.bills.document.BillDocument.Status;
import dev.taximeter.api.bills.document.BillDocument.Tier;
import dev.taximeter.api.bills.document.BillDocument.Totals;
import dev.taximeter.api.bills.document.BillDocument.UnitPrice;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Bills to make documents of. */
final class Samples {
  static final String NAME = "Acme 智能科技（上海）有限公司";
  static final Instant AS_OF = Instant.parse("2026-11-24T09:30:00Z");

  private Samples() {}

  /** As the API makes it of an open period. */
  static BillDocument preview(String accountName, List<Line> lines) {
    return bill(Status.PREVIEW, accountName, null, lines, null, List.of(), null);
  }

  static BillDocument bill(
      Status status,
      String accountName,
      @Nullable String number,
      List<Line> lines,
      @Nullable Settlement settlement,
      List<Note> notes,
      @Nullable String hash) {
    BigDecimal exact = lines.stream().map(Line::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
    BigDecimal rounded = Decimals.rounded(exact, "USD");
    return new BillDocument(
        "acme",
        accountName,
        YearMonth.of(2026, 11),
        ZoneId.of("Europe/Berlin"),
        Instant.parse("2026-10-31T23:00:00Z"),
        Instant.parse("2026-11-30T23:00:00Z"),
        "USD",
        status,
        number,
        number == null ? null : Instant.parse("2026-12-03T00:00:00Z"),
        lines,
        new Totals(exact, rounded.subtract(exact), rounded),
        settlement,
        notes,
        new Coverage(48_213, 3, 0, 52_924, AS_OF, AS_OF.minusSeconds(3)),
        hash);
  }

  static Line line(String model, TokenClass tokenClass, long quantity, String amount) {
    return line(model, tokenClass, quantity, amount, null);
  }

  static Line line(
      String model, TokenClass tokenClass, long quantity, String amount, @Nullable String formula) {
    return new Line(
        Kind.USAGE,
        model,
        tokenClass,
        null,
        quantity,
        null,
        List.of(),
        "list:" + model + ":2026-01-01T00:00:00Z:v1",
        new BigDecimal(amount),
        formula);
  }

  /** What a month looks like that has some models. */
  static List<Line> usual() {
    return List.of(
        line("*", TokenClass.REQUEST, 48_213, "4.8213"),
        line("claude-sonnet-*", TokenClass.INPUT, 18_204_113, "54.612339"),
        line("claude-sonnet-*", TokenClass.CACHED_INPUT, 96_410_022, "28.9230066"),
        line("claude-sonnet-*", TokenClass.CACHE_WRITE, 2_201_009, "8.25378375"),
        line("claude-sonnet-*", TokenClass.OUTPUT, 3_310_452, "49.65678"),
        line("gpt-4o-2024-08-06", TokenClass.INPUT, 7_001_212, "17.50303"),
        line("gpt-4o-2024-08-06", TokenClass.OUTPUT, 910_007, "9.10007"),
        line("qwen-max", TokenClass.INPUT, 123_456, "0.0493824"),
        line("qwen-max", TokenClass.REASONING, 91, "0.000109200001"));
  }

  /** With everything that a document can show. */
  static BillDocument full() {
    List<Line> lines = new ArrayList<>(usual());
    lines.add(
        new Line(
            Kind.USAGE,
            "qwen-turbo-*",
            TokenClass.INPUT,
            null,
            3_000_000L,
            new UnitPrice(new BigDecimal("0.05"), 1_000_000),
            List.of(),
            "list:qwen-turbo-*:2026-01-01T00:00:00Z:v1",
            new BigDecimal("0.15"),
            "3,000,000 × 0.05 / 1,000,000"));
    lines.add(
        new Line(
            Kind.USAGE,
            "deepseek-*",
            TokenClass.OUTPUT,
            null,
            12_500_000L,
            null,
            List.of(
                new Tier(
                    0,
                    10_000_000L,
                    10_000_000,
                    new UnitPrice(new BigDecimal("1.10"), 1_000_000),
                    new BigDecimal("11")),
                new Tier(
                    10_000_000,
                    null,
                    2_500_000,
                    new UnitPrice(new BigDecimal("0.95"), 1_000_000),
                    new BigDecimal("2.375"))),
            "list:deepseek-*:2026-01-01T00:00:00Z:v2",
            new BigDecimal("13.375"),
            "10,000,000 × 1.1 / 1,000,000 + 2,500,000 × 0.95 / 1,000,000"));
    lines.add(
        new Line(
            Kind.LATE,
            "qwen-max",
            TokenClass.OUTPUT,
            YearMonth.of(2026, 10),
            4_000L,
            null,
            List.of(),
            "list:qwen-*:2026-01-01T00:00:00Z:v1",
            new BigDecimal("0.0048"),
            null));
    lines.add(
        new Line(
            Kind.CHARGE,
            "Support, November",
            null,
            null,
            null,
            null,
            List.of(),
            null,
            new BigDecimal("25"),
            null));
    return bill(
        Status.FINAL,
        NAME,
        "17",
        lines,
        new Settlement(
            List.of(
                new Credit("welcome", CreditKind.GRANT, "=start-up, 启动", new BigDecimal("10")),
                new Credit("ledger:12", CreditKind.TOP_UP, null, new BigDecimal("100"))),
            new BigDecimal("101.449600950001"),
            new BigDecimal("0.000399049999"),
            new BigDecimal("101.45")),
        List.of(
            new Note(
                "1",
                AS_OF.plusSeconds(900_000),
                new BigDecimal("5"),
                new BigDecimal("3.50"),
                List.of(new Credit("ledger:12", CreditKind.TOP_UP, null, new BigDecimal("1.5"))),
                "outage of 11-12")),
        "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0");
  }

  static BillDocument noted(BillDocument bill, List<Note> notes) {
    return new BillDocument(
        bill.account(),
        bill.accountName(),
        bill.period(),
        bill.zone(),
        bill.from(),
        bill.to(),
        bill.currency(),
        bill.status(),
        bill.number(),
        bill.finalizedAt(),
        bill.lines(),
        bill.totals(),
        bill.settlement(),
        notes,
        bill.coverage(),
        bill.contentHash());
  }

  static List<Line> many(int count) {
    List<Line> lines = new ArrayList<>();
    TokenClass[] classes = TokenClass.values();
    for (int i = 0; i < count; i++) {
      lines.add(
          line(
              "model-%04d".formatted(i / classes.length),
              classes[i % classes.length],
              1_000L + i,
              "0.%06d".formatted(i + 1)));
    }
    return lines;
  }
}
