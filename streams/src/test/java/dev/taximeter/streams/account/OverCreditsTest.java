package dev.taximeter.streams.account;

import static dev.taximeter.streams.account.RandomHistory.ACCOUNT;
import static dev.taximeter.streams.account.RandomHistory.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.Order;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Credits that have left the account's state, and what is decided as of before they were over. */
class OverCreditsTest {
  private static final Instant ENDS = NOW.minus(Duration.ofHours(1));
  private static final Instant BEFORE = ENDS.minus(Duration.ofMinutes(1));

  private final MoneyMachine machine = new MoneyMachine();
  private final AccountTerms terms = terms(1, List.of());

  private static AccountTerms terms(long version, List<Credit> credits) {
    AccountTerms usual = new RandomHistory(0).terms();
    return new AccountTerms(
        usual.account(), version, usual.plan(), usual.prices(), credits, List.of());
  }

  @BeforeEach
  void aCreditExpiresAndLeaves() {
    machine.process(new AccountInput.TermsInput(terms));
    order(
        "gift",
        NOW,
        new Order.GrantCredit(ACCOUNT, CreditKind.GRANT, BigDecimal.TEN, 1, null, ENDS));
    machine.sweep();
    machine.emit();
    assertThat(machine.state().credits()).isEmpty();
  }

  private void order(String name, Instant at, Order order) {
    machine.process(
        new AccountInput.OrderInput(
            new Instruction(name, "ann", "r", at, 1, List.of(), order, null)));
  }

  private void audit(AccountTerms known) throws SQLException {
    machine.emit();
    machine.collect();
    assertThat(LandedMachine.history(machine, known).differences()).isEmpty();
  }

  /** It waited while metering was down, and what it is decided as of is in the ledger. */
  @Test
  void aCommandThatWaited() throws SQLException {
    order(
        "late",
        BEFORE,
        new Order.GrantCredit(ACCOUNT, CreditKind.TOP_UP, BigDecimal.ONE, 1, null, null));
    audit(terms);
    machine.sweep();
    audit(terms);
    assertThat(machine.state().granted(NOW)).isEqualByComparingTo("1");
  }

  @Test
  void aRefusedCommandThatWaited() throws SQLException {
    order("late", BEFORE, new Order.VoidBill(ACCOUNT, 7));
    audit(terms);
    machine.sweep();
    audit(terms);
    assertThat(machine.state().granted(NOW)).isZero();
  }

  /** So do prices and credits of the catalogue: their record is stamped when they were decided. */
  @Test
  void termsThatWaited() throws SQLException {
    AccountTerms more = terms(2, List.of(new Credit("welcome", ACCOUNT, BigDecimal.ONE, null)));
    machine.process(new AccountInput.TermsInput(more), BEFORE);
    audit(more);
    machine.sweep();
    audit(more);
    assertThat(machine.state().granted(NOW)).isEqualByComparingTo("1");
  }
}
