package dev.taximeter.streams.account;

import static dev.taximeter.streams.account.RandomHistory.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.bills.ShownBill;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LedgerPosting.LedgerAccount;
import dev.taximeter.contract.event.Order;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Instant;
import java.time.YearMonth;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.statistics.Statistics;
import org.jspecify.annotations.Nullable;

/** While time goes by: previews are bills, balances are the ledger's, and the audit is silent. */
class TimelinePropertyTest {
  private static final Set<LedgerAccount> BALANCE =
      EnumSet.of(
          LedgerAccount.CREDITS,
          LedgerAccount.UNBILLED,
          LedgerAccount.RECEIVABLE,
          LedgerAccount.ROUNDING);

  private MoneyMachine machine = new MoneyMachine();
  private AccountTerms terms = new RandomHistory(0).terms();

  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void oneNumberAtAllTimes(@ForAll @LongRange(min = 0, max = 1L << 40) long seed)
      throws SQLException {
    machine = new MoneyMachine();
    Random random = new Random(seed);
    for (Timeline.Tick tick : Timeline.of(seed)) {
      machine.at(tick.at());
      AccountInput input = tick.input();
      if (input == null) {
        machine.sweep();
      } else {
        take(input, tick.at());
      }
      if (random.nextInt(20) == 0) {
        machine.crash();
      }
      if (random.nextInt(12) == 0) {
        machine.sweep();
        agree(tick.at());
      }
    }
    machine.at(NOW);
    machine.sweep();
    agree(NOW);
    Statistics.label("bills").collect(Math.min(machine.bills.size(), 4));
  }

  private void take(AccountInput input, Instant now) {
    if (input instanceof AccountInput.TermsInput changed) {
      terms = changed.terms();
    }
    YearMonth month = finalised(input);
    publish();
    String preview =
        month == null || machine.summary.isNull()
            ? ""
            : ShownBill.preview(machine.state(), month, now);
    int made = machine.bills.size();
    machine.process(input);
    machine.collect();
    if (month != null && machine.bills.size() > made) {
      FinalBill bill = machine.bills.get(machine.bills.size() - 1);
      assertThat(ShownBill.of(bill, now)).isEqualTo(preview);
    }
  }

  private void publish() {
    machine.emit();
    machine.collect();
  }

  private static @Nullable YearMonth finalised(AccountInput input) {
    return input instanceof AccountInput.OrderInput order
            && order.instruction().order() instanceof Order.FinalizeBill bill
        ? bill.period()
        : null;
  }

  private void agree(Instant now) throws SQLException {
    publish();
    if (machine.summary.isNull()) {
      return;
    }
    assertThat(LandedMachine.history(machine, terms).differences()).isEmpty();
    AccountState state = machine.state();
    BigDecimal ledger = BigDecimal.ZERO;
    for (LedgerPosting posting : machine.postings) {
      for (LedgerPosting.Entry entry : posting.entries()) {
        if (BALANCE.contains(entry.ledger())) {
          ledger = ledger.subtract(entry.amount());
        }
      }
    }
    BigDecimal upcoming = state.upcoming(now);
    assertThat(state.granted(now).subtract(state.spent()).add(upcoming))
        .isEqualByComparingTo(ledger);
    BigDecimal bills = BigDecimal.ZERO;
    for (AccountState.Period period : state.periods()) {
      for (AccountState.BillLine line : period.lines()) {
        bills = bills.add(line.amount());
      }
    }
    assertThat(bills).isEqualByComparingTo(state.spent());
  }
}
