package dev.taximeter.api.bills;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.bills.document.BillDocument;
import dev.taximeter.api.web.AsOf;
import dev.taximeter.api.web.Completeness;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentOfBillTest {
  private static final Instant NOW = Instant.parse("2026-12-04T00:00:00Z");

  /** Minor units have two, no or three digits; a bill may be negative or of nothing. */
  @ParameterizedTest
  @CsvSource({
    "USD, 0.3000004, 0.30",
    "USD, 0, 0.00",
    "USD, -5, -5.00",
    "USD, 2.675, 2.68",
    "USD, 2.665, 2.66",
    "JPY, 12.5, 12",
    "JPY, 100, 100",
    "KWD, 1.0005, 1.000",
    "KWD, 1.0015, 1.002",
  })
  void aFinalBillShowsAllDigitsOfItsMinorUnit(String currency, BigDecimal exact, String shown) {
    FinalBill.Content content = content(currency, exact);
    FinalBill bill =
        new FinalBill(FinalBill.Status.FINAL, content, NOW, "", content.hash(), List.of(), null);
    AsOf asOf = new AsOf(1, NOW, true, new Completeness(null, 0, 0, 0, List.of()));
    BillDocument document =
        DocumentOfBill.of(
            Bills.of(bill, asOf), new Account("acme", "Acme", currency, ZoneId.of("UTC"), "p"));
    assertThat(document.settlement().due().toPlainString()).isEqualTo(shown);
    assertThat(document.totals().rounded().toPlainString()).isEqualTo(shown);
    assertThat(document.totals().exact().add(document.totals().rounding()))
        .isEqualByComparingTo(shown);
  }

  private static FinalBill.Content content(String currency, BigDecimal exact) {
    BigDecimal rounded = Decimals.rounded(exact, currency);
    return new FinalBill.Content(
        "acme",
        1,
        YearMonth.of(2026, 11),
        currency,
        "UTC",
        Instant.parse("2026-11-01T00:00:00Z"),
        Instant.parse("2026-12-01T00:00:00Z"),
        1,
        0,
        List.of(new BillLine("m", TokenClass.INPUT, "v", 1, exact)),
        exact,
        rounded,
        List.of(),
        BigDecimal.ZERO,
        List.of(),
        BigDecimal.ZERO,
        List.of(),
        BigDecimal.ZERO,
        exact,
        rounded,
        new FinalBill.Covers(1, 1, 1, 1));
  }
}
