package dev.taximeter.streams.account.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.LedgerPosting;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Who pays for what, when what was billed becomes cheaper and months are billed out of order. */
class DrawsTest {
  private static final YearMonth JANUARY = YearMonth.of(2026, 1);
  private static final YearMonth FEBRUARY = YearMonth.of(2026, 2);
  private static final YearMonth MARCH = YearMonth.of(2026, 3);

  private final Wallet wallet = new Wallet();

  private void give(String amount) {
    wallet.add(
        Credit.of("gift", CreditKind.GRANT, 1, new BigDecimal(amount), null, null),
        new NothingSpent());
  }

  private void cost(YearMonth month, String amount) {
    Instant at = month.atDay(10).atStartOfDay().toInstant(ZoneOffset.UTC);
    wallet.charge(
        month,
        new Charge(
            month + amount, LedgerPosting.Kind.RE_RATING, at, new BigDecimal(amount), "", month),
        at);
  }

  /** Makes bills of months, each with what is late before it. */
  private BigDecimal bill(YearMonth month) {
    List<YearMonth> billed = Billing.billedWith(wallet, month);
    Draws draws = wallet.draws();
    BigDecimal taken = BigDecimal.ZERO;
    for (YearMonth each : billed) {
      wallet.period(each).settle(0, draws.of(each));
      for (var use : draws.of(each)) {
        taken = taken.add(use.amount());
      }
    }
    wallet.period(month).bill = ++wallet.bills;
    Credit gift = wallet.credit("gift");
    wallet.restore(gift.withApplied(gift.applied().add(taken)));
    return taken;
  }

  private BigDecimal drawn() {
    return wallet.credit("gift").applied().add(wallet.draws().of("gift"));
  }

  /** The bill of February would give back what the one of January has spent again already. */
  @Test
  void whatAMonthGivesBackIsNotSpentOnTheBillOfAnEarlierOne() {
    give("10");
    cost(FEBRUARY, "10");
    assertThat(bill(FEBRUARY)).isEqualByComparingTo("10");
    cost(FEBRUARY, "-4");
    cost(JANUARY, "4");
    assertThat(bill(JANUARY)).isZero();
    cost(MARCH, "4");
    assertThat(drawn()).isEqualByComparingTo("10");
    // February is as dear again before its difference has been billed.
    cost(FEBRUARY, "4");
    assertThat(drawn()).isEqualByComparingTo("10");
    assertThat(bill(MARCH)).isZero();
    assertThat(wallet.credit("gift").applied()).isEqualByComparingTo("10");
  }

  @Test
  void whatAMonthGivesBackPaysForMonthsAfterIt() {
    give("10");
    cost(FEBRUARY, "10");
    bill(FEBRUARY);
    cost(FEBRUARY, "-4");
    cost(MARCH, "7");
    assertThat(wallet.draws().of(FEBRUARY).get(0).amount()).isEqualByComparingTo("-4");
    assertThat(wallet.draws().of(MARCH).get(0).amount()).isEqualByComparingTo("4");
    assertThat(bill(MARCH)).isZero();
    assertThat(drawn()).isEqualByComparingTo("10");
  }

  /** A bill that is void has taken more again than the catalogue has left of the credit. */
  @Test
  void aCreditThatWasLoweredPaysNoMoreThanIsLeftOfIt() {
    give("10");
    cost(FEBRUARY, "10");
    bill(FEBRUARY);
    cost(FEBRUARY, "-4");
    wallet.setAmount(wallet.credit("gift"), new BigDecimal("6"));
    cost(MARCH, "4");
    assertThat(drawn()).isEqualByComparingTo("6");
  }

  /** A part whose costs cancel out is no empty one. */
  @Test
  void whatCancelsOutIsSplitWhereALaterCreditBegins() {
    Instant used = Instant.parse("2026-03-10T00:00:00Z");
    Instant corrected = Instant.parse("2026-03-20T00:00:00Z");
    TreeMap<Instant, BigDecimal> spent = new TreeMap<>();
    spent.put(used, new BigDecimal("5"));
    spent.put(corrected, new BigDecimal("-5"));
    Wallet.Spending spending = new Spent(spent);
    wallet.period(MARCH).unbilled.put(Instant.EPOCH, BigDecimal.ZERO);
    wallet.add(from("early", "2026-03-05T00:00:00Z"), spending);
    wallet.add(from("late", "2026-03-15T00:00:00Z"), spending);
    assertThat(wallet.period(MARCH).unbilled)
        .containsEntry(Instant.parse("2026-03-05T00:00:00Z"), new BigDecimal("5"))
        .containsEntry(Instant.parse("2026-03-15T00:00:00Z"), new BigDecimal("-5"));
  }

  private static Credit from(String id, String from) {
    return Credit.of(id, CreditKind.GRANT, 1, BigDecimal.ONE, Instant.parse(from), null);
  }

  private record Spent(TreeMap<Instant, BigDecimal> byInstant) implements Wallet.Spending {
    @Override
    public BigDecimal between(
        YearMonth period, long revision, String line, Instant from, Instant until) {
      return byInstant.subMap(from, true, until, false).values().stream()
          .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    @Override
    public boolean isBlurred(YearMonth period, Instant at) {
      return false;
    }
  }

  private static final class NothingSpent implements Wallet.Spending {
    @Override
    public BigDecimal between(
        YearMonth period, long revision, String line, Instant from, Instant until) {
      return BigDecimal.ZERO;
    }

    @Override
    public boolean isBlurred(YearMonth period, Instant at) {
      return false;
    }
  }
}
