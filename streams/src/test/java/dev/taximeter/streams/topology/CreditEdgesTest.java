package dev.taximeter.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.CommandResult.Refusal;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LedgerPosting.LedgerAccount;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.topic.Topics;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Credits at their edges: lowered, given again, beginning within what is billed. */
class CreditEdgesTest {
  private static final YearMonth OCTOBER = YearMonth.of(2026, 10);
  private static final Instant IN_OCTOBER = Instant.parse("2026-10-20T12:00:00Z");

  @TempDir private Path stateDirectory;
  private Meter meter;
  private final List<LedgerPosting> ledger = new ArrayList<>();
  private final Map<Long, FinalBill> bills = new HashMap<>();
  private int commands;
  private int lines;

  @BeforeEach
  void start() {
    meter = new Meter(stateDirectory);
    Catalog catalog = Meter.catalogue();
    meter.command(
        "load",
        new Catalog(
            catalog.accounts(),
            catalog.keys(),
            catalog.priceBooks(),
            catalog.plans(),
            List.of(),
            List.of()));
  }

  @AfterEach
  void stop() {
    meter.close();
  }

  /** A million input tokens cost 0.40. */
  private void use(Instant completion, long tokens) {
    meter.accountInput(
        "acme",
        new AccountInput.UsageInput(
            new Usage(
                "%032x".formatted(++lines),
                Fate.BILLED,
                "k",
                null,
                null,
                "qwen-max",
                new TokenCounts(tokens, 0, 0, 0, 0),
                completion,
                completion,
                meter.now(),
                new LineSource("h", "p"),
                0,
                "s",
                List.of(),
                null)));
  }

  private CommandResult order(Order order) {
    meter.order("command-" + ++commands, "because", Catalog.EMPTY, order);
    return meter.result();
  }

  private void accepted(Order order) {
    assertThat(order(order).problems()).isEmpty();
  }

  private void catalogueCredit(String amount, Instant expiresAt) {
    meter.command(
        "credit of " + amount,
        new Catalog(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(new Credit("welcome", "acme", new BigDecimal(amount), expiresAt))));
  }

  private AccountState state() {
    meter.pass(Duration.ofSeconds(11));
    meter.settle();
    ledger.addAll(meter.read(Topics.LEDGER_ENTRIES, LedgerPosting.class));
    meter.read(Topics.BILLS, FinalBill.class).forEach(bill -> bills.put(bill.number(), bill));
    return meter.latestStates().get("acme");
  }

  private BigDecimal owed() {
    return ledger.stream()
        .flatMap(posting -> posting.entries().stream())
        .filter(entry -> entry.ledger().compareTo(LedgerAccount.ROUNDING) <= 0)
        .map(LedgerPosting.Entry::amount)
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private void balanceIs(AccountState state, String balance) {
    assertThat(state.granted(meter.now()).subtract(state.spent())).isEqualByComparingTo(balance);
    assertThat(owed().negate()).isEqualByComparingTo(balance);
  }

  @Test
  void aCreditIsNotLoweredBelowWhatFinalBillsTookOfIt() {
    Instant expiry = meter.now().plus(Duration.ofDays(1));
    catalogueCredit("100", expiry);
    use(IN_OCTOBER, 200_000_000);
    accepted(new Order.FinalizeBill("acme", OCTOBER));
    balanceIs(state(), "20");
    catalogueCredit("50", expiry);
    balanceIs(state(), "0");
    meter.pass(Duration.ofDays(2));
    use(meter.now(), 1);
    AccountState expired = state();
    balanceIs(expired, "-0.0000004");
    assertThat(ledger).extracting(LedgerPosting::kind).doesNotContain(LedgerPosting.Kind.EXPIRY);
    assertThat(expired.credits().get(0).remaining(IN_OCTOBER)).isEqualByComparingTo("0");
  }

  /** What comes back of it is gone: the catalogue says so. */
  @Test
  void aLoweredCreditIsWorthWhatWasDrawnOfItUntilThatComesBack() {
    catalogueCredit("100", null);
    use(IN_OCTOBER, 200_000_000);
    accepted(new Order.FinalizeBill("acme", OCTOBER));
    catalogueCredit("50", null);
    AccountState lowered = state();
    balanceIs(lowered, "0");
    assertThat(lowered.credits().get(0).amount()).isEqualByComparingTo("80");
    accepted(new Order.NoteCredit("acme", 1, new BigDecimal("70")));
    AccountState noted = state();
    assertThat(noted.credits().get(0).amount()).isEqualByComparingTo("50");
    assertThat(noted.credits().get(0).drawn()).isEqualByComparingTo("10");
    balanceIs(noted, "40");
    accepted(new Order.NoteCredit("acme", 1, new BigDecimal("10")));
    balanceIs(state(), "50");
  }

  @Test
  void aCreditThatBeginsWithinABilledQuarterIsRefused() {
    use(IN_OCTOBER.plusSeconds(10), 1_000_000);
    use(IN_OCTOBER.plusSeconds(30), 1_000_000);
    accepted(new Order.FinalizeBill("acme", OCTOBER));
    CommandResult refused =
        order(
            new Order.GrantCredit(
                "acme", CreditKind.GRANT, BigDecimal.ONE, 100, IN_OCTOBER.plusSeconds(20), null));
    assertThat(refused.refusal()).isEqualTo(Refusal.NOT_POSSIBLE);
    assertThat(refused.problems().get(0)).startsWith("2026-10-20T12:00:20Z lies within a quarter");
    accepted(
        new Order.GrantCredit("acme", CreditKind.GRANT, BigDecimal.ONE, 100, IN_OCTOBER, null));
    accepted(new Order.VoidBill("acme", 1));
    accepted(new Order.FinalizeBill("acme", OCTOBER));
    state();
    assertThat(bills.get(2L).content().creditsTotal()).isEqualByComparingTo("0.8");
  }

  @Test
  void theReasonIsPartOfACommand() {
    Order debit = new Order.Debit("acme", BigDecimal.ONE);
    meter.order("once", "seat in May", Catalog.EMPTY, debit);
    CommandResult first = meter.result();
    meter.order("once", "seat in June", Catalog.EMPTY, debit);
    assertThat(meter.result().refusal()).isEqualTo(Refusal.REUSED_KEY);
    meter.order("once", "seat in May", Catalog.EMPTY, debit);
    assertThat(meter.result()).isEqualTo(first);
    balanceIs(state(), "-1");
  }

  @Test
  void aCreditBeginsAndEndsAtInstantsThatUsageCanTellApart() {
    Order.GrantCredit good =
        new Order.GrantCredit(
            "acme",
            CreditKind.GRANT,
            BigDecimal.ONE,
            100,
            Instant.parse("2026-12-01T00:00:00.001Z"),
            null);
    accepted(good);
    for (String bad :
        List.of(
            "2026-12-01T00:00:00.000001Z",
            "1969-12-31T23:59:59Z",
            "2200-01-01T00:00:00Z",
            "+1000000000-12-31T23:59:59Z")) {
      CommandResult refused =
          order(
              new Order.GrantCredit(
                  "acme", CreditKind.GRANT, BigDecimal.ONE, 100, null, Instant.parse(bad)));
      assertThat(refused.problems())
          .containsExactly(
              "a credit begins and ends at an instant from 1970 to 2199 with at most milliseconds");
    }
  }
}
