package dev.taximeter.streams.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.AccountState.ReRated;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.packed.PackedReader;
import dev.taximeter.contract.packed.PackedWriter;
import dev.taximeter.streams.account.policy.Credit;
import dev.taximeter.streams.account.policy.PeriodBook;
import dev.taximeter.streams.account.policy.TieredUsage;
import dev.taximeter.streams.account.policy.Wallet;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import org.junit.jupiter.api.Test;

class WalletPackingTest {
  private static final Instant SOME = Instant.parse("2026-11-20T10:00:00.000000001Z");
  private static final YearMonth NOVEMBER = YearMonth.of(2026, 11);

  private static Wallet again(Wallet wallet) {
    PackedWriter packed = new PackedWriter();
    WalletPacking.pack(wallet, packed);
    WalletPacking.packLater(wallet, packed);
    PackedReader reader = new PackedReader(packed.toBytes());
    Wallet again = WalletPacking.unpack(reader);
    WalletPacking.unpackLater(again, reader);
    return again;
  }

  private static Wallet wallet() {
    Wallet wallet = new Wallet();
    wallet.opened = SOME;
    wallet.postings = 1;
    wallet.bills = 2;
    wallet.notes = 3;
    wallet.billedSequence = 4;
    wallet.commands = 5;
    wallet.charged = new BigDecimal("-6.000000000001");
    wallet.noted = new BigDecimal("99999999999999999999999999.5");
    wallet.restore(
        new Credit(
            "c",
            CreditKind.ADJUSTMENT,
            7,
            new BigDecimal("8"),
            SOME,
            SOME.plusSeconds(1),
            new BigDecimal("1"),
            new BigDecimal("2"),
            new BigDecimal("3"),
            new BigDecimal("9"),
            "outage"));
    wallet.restore(Credit.of("d", CreditKind.TOP_UP, 0, BigDecimal.ONE, null, null));
    PeriodBook book = wallet.period(NOVEMBER);
    book.cost = new BigDecimal("1.5");
    book.postedCost = new BigDecimal("1.25");
    book.bill = 2;
    book.revision = 3;
    book.billedRequests = 4;
    book.manual = true;
    book.lateFrom = SOME;
    book.lateTo = SOME.plusSeconds(2);
    book.unbilled.put(Instant.EPOCH, new BigDecimal("0.25"));
    TieredUsage usage =
        new TieredUsage(
            new PriceSchedule.Allowance(5, new PriceSchedule.Package(10, BigDecimal.ONE)), 11);
    usage.unbilled.put(SOME, 12L);
    book.tiered.put("*\ninput\nv", usage);
    book.charges.add(
        new Charge("ledger:x", LedgerPosting.Kind.DEBIT, SOME, BigDecimal.TEN, "seat"));
    book.paid.put("c", new BigDecimal("0.75"));
    book.charged = new BigDecimal("4.5");
    book.noted = new BigDecimal("2.5");
    book.kept = new BigDecimal("1.5");
    book.postedKept = new BigDecimal("0.5");
    book.end = SOME.plusSeconds(3);
    // From before it was kept.
    wallet.period(NOVEMBER.minusMonths(1)).charged = null;
    wallet.reRated.put(NOVEMBER, new ReRated(BigDecimal.ONE, 2, 3));
    return wallet;
  }

  @Test
  void whatWasPackedIsReadAgain() {
    Wallet wallet = wallet();
    Wallet again = again(wallet);
    assertThat(again)
        .usingRecursiveComparison()
        // Kept for the next writing only.
        .ignoringFieldsMatchingRegexes(".*written")
        .isEqualTo(wallet);
    PeriodBook book = again.periods().get(NOVEMBER);
    assertThat(book.manual).isTrue();
    assertThat(List.of(book.lateFrom, book.lateTo)).containsExactly(SOME, SOME.plusSeconds(2));
    assertThat(book.tiered.get("*\ninput\nv").schedule)
        .isEqualTo(wallet.periods().get(NOVEMBER).tiered.get("*\ninput\nv").schedule);
    // Boundaries of credits are known again.
    assertThat(again.cutBefore(SOME)).isEqualTo(SOME);
    assertThat(again.cutAfter(SOME)).isEqualTo(SOME.plusSeconds(1));
  }

  @Test
  void aCopyIsAsGoodAndStandsAlone() {
    Wallet wallet = wallet();
    Wallet copy = wallet.copy();
    assertThat(copy).usingRecursiveComparison().isEqualTo(wallet);
    copy.period(NOVEMBER).tiered.get("*\ninput\nv").unbilled.put(SOME, 13L);
    copy.period(NOVEMBER).charges.clear();
    copy.period(NOVEMBER).paid.clear();
    copy.period(NOVEMBER).unbilled.clear();
    copy.restore(Credit.of("e", CreditKind.GRANT, 0, BigDecimal.ONE, Instant.MAX, null));
    assertThat(wallet).usingRecursiveComparison().isEqualTo(wallet());
  }
}
