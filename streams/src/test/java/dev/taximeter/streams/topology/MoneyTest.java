package dev.taximeter.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountDetails;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.AccountState.CreditState;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.CommandResult.Refusal;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LedgerPosting.Kind;
import dev.taximeter.contract.event.LedgerPosting.LedgerAccount;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.SourceState;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.json.Json;
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
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Credits, ledger and bills, each command and what follows from it. */
class MoneyTest {
  private static final YearMonth OCTOBER = YearMonth.of(2026, 10);
  private static final YearMonth NOVEMBER = YearMonth.of(2026, 11);
  private static final Instant IN_OCTOBER = Instant.parse("2026-10-20T12:00:00Z");
  private static final Instant IN_NOVEMBER = Meter.NOW;

  @TempDir private Path stateDirectory;
  private Meter meter;
  private final List<LedgerPosting> ledger = new ArrayList<>();
  private final Map<String, FinalBill> bills = new HashMap<>();
  private final Map<String, AccountState> states = new HashMap<>();
  private int commands;
  private int lines;

  @BeforeEach
  void start() {
    meter = new Meter(stateDirectory);
    Catalog catalog = Meter.catalogue();
    meter.command(
        "load",
        new Catalog(
            List.of(
                catalog.accounts().get(0),
                catalog.accounts().get(1),
                new Account(
                    "prepaid",
                    "P",
                    "USD",
                    catalog.accounts().get(0).timezone(),
                    "pay",
                    Account.Billing.PREPAID)),
            catalog.keys(),
            catalog.priceBooks(),
            catalog.plans(),
            List.of(),
            List.of()));
  }

  @AfterEach
  void everyPostingIsBalancedAndAgreesWithTheStates() {
    look();
    states.keySet().stream().filter(account -> !account.contains(":")).forEach(this::agree);
    meter.close();
  }

  /** The ledger tells the same balance as the state of the same moment. */
  private void agree(String account) {
    AccountState state = states.get(account);
    BigDecimal owed = BigDecimal.ZERO;
    BigDecimal usage = BigDecimal.ZERO;
    long number = 0;
    for (LedgerPosting posting : ledger) {
      if (posting.account().equals(account)) {
        assertThat(posting.number()).isEqualTo(++number);
        for (LedgerPosting.Entry entry : posting.entries()) {
          boolean owes =
              switch (entry.ledger()) {
                case CREDITS, UNBILLED, RECEIVABLE, ROUNDING -> true;
                default -> false;
              };
          owed = owes ? owed.add(entry.amount()) : owed;
          usage = entry.ledger() == LedgerAccount.USAGE ? usage.subtract(entry.amount()) : usage;
        }
      }
    }
    assertThat(state.books().postings()).isEqualTo(number);
    assertThat(usage).isEqualByComparingTo(state.spent());
    assertThat(owed.negate())
        .isEqualByComparingTo(state.granted(meter.now()).subtract(state.spent()));
    assertThat(
            state.periods().stream()
                .flatMap(period -> period.lines().stream())
                .map(AccountState.BillLine::amount)
                .reduce(BigDecimal.ZERO, BigDecimal::add))
        .isEqualByComparingTo(state.spent());
  }

  private void look() {
    meter.pass(Duration.ofSeconds(11));
    meter.settle();
    ledger.addAll(meter.read(Topics.LEDGER_ENTRIES, LedgerPosting.class));
    meter.read(Topics.BILLS, FinalBill.class).forEach(bill -> bills.put(bill.recordKey(), bill));
    states.putAll(meter.latestStates());
  }

  private AccountState state(String account) {
    look();
    return states.get(account);
  }

  /** A million input tokens of acme cost 0.40. */
  private void use(String account, Instant completion, long tokens) {
    Usage usage =
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
            null);
    meter.accountInput(account, new AccountInput.UsageInput(usage));
  }

  private CommandResult order(Order order) {
    return order("command-" + ++commands, order);
  }

  private CommandResult order(String id, Order order) {
    meter.order(id, "because", Catalog.EMPTY, order);
    return meter.result();
  }

  private CommandResult accepted(Order order) {
    CommandResult result = order(order);
    assertThat(result.problems()).isEmpty();
    assertThat(result.accepted()).isTrue();
    return result;
  }

  private static Order grant(String account, CreditKind kind, String amount) {
    return grant(account, kind, amount, 100, null, null);
  }

  private static Order grant(
      String account, CreditKind kind, String amount, int priority, Instant from, Instant to) {
    return new Order.GrantCredit(account, kind, new BigDecimal(amount), priority, from, to);
  }

  private static Order debit(String account, String amount) {
    return new Order.Debit(account, new BigDecimal(amount));
  }

  private static BigDecimal balance(AccountState state, Instant now) {
    return state.granted(now).subtract(state.spent());
  }

  private FinalBill bill(String account, long number) {
    look();
    return bills.get(account + "\t" + number);
  }

  @Test
  void aTopUpIsPostedAndAnswered() {
    CommandResult result = accepted(grant("acme", CreditKind.TOP_UP, "25.5"));
    LedgerPosting posting = result.posting();
    assertThat(posting.kind()).isEqualTo(Kind.TOP_UP);
    assertThat(posting.author()).isEqualTo("ann");
    assertThat(posting.reason()).isEqualTo("because");
    assertThat(posting.entries())
        .containsExactly(
            new LedgerPosting.Entry(
                LedgerAccount.CASH, null, "ledger:command-1", new BigDecimal("25.5")),
            new LedgerPosting.Entry(
                LedgerAccount.CREDITS, null, "ledger:command-1", new BigDecimal("-25.5")));
    assertThat(result.changed()).containsExactly("ledger/acme/1");
    AccountState state = state("acme");
    assertThat(balance(state, meter.now())).isEqualByComparingTo("25.5");
    assertThat(ledger).containsExactly(posting);
  }

  /** The catalogue's writer remembers fewer commands than an account's, and of all accounts. */
  @Test
  void whatWasReusedAfterItWasForgottenIsStillAnsweredToWhoAskedFirst() {
    CommandResult first = order("once", debit("acme", "1"));
    assertThat(first.accepted()).isTrue();
    for (int i = 0; i < 2_000; i++) {
      meter.command("other-" + i, Catalog.EMPTY);
    }
    assertThat(order("once", debit("acme", "2")).refusal()).isEqualTo(Refusal.REUSED_KEY);
    assertThat(order("once", debit("acme", "1"))).isEqualTo(first);
    // What no account may be ordered is not passed on under a known name.
    assertThat(order("once", debit("acme", "-3")).refusal()).isEqualTo(Refusal.REUSED_KEY);
    assertThat(order("once", debit("globex", "1")).refusal()).isEqualTo(Refusal.REUSED_KEY);
    assertThat(state("acme").books().charged()).isEqualByComparingTo("1");
  }

  @Test
  void aRepeatedCommandGetsTheSameAnswerAndChangesNothing() {
    Order topUp = grant("acme", CreditKind.TOP_UP, "10");
    CommandResult first = order("once", topUp);
    assertThat(order("once", topUp)).isEqualTo(first);
    CommandResult reused = order("once", grant("acme", CreditKind.TOP_UP, "11"));
    assertThat(reused.accepted()).isFalse();
    assertThat(reused.refusal()).isEqualTo(Refusal.REUSED_KEY);
    assertThat(balance(state("acme"), meter.now())).isEqualByComparingTo("10");
    assertThat(ledger).hasSize(1);
  }

  /** The catalogue's writer remembers fewer commands than an account's. */
  @Test
  void aCommandThatTheCatalogueForgotIsStillDecidedOnce() {
    Order topUp = grant("acme", CreditKind.TOP_UP, "10");
    CommandResult first = order("once", topUp);
    for (int i = 0; i < 2_100; i++) {
      meter.command("filler-" + i, Catalog.EMPTY);
    }
    assertThat(order("once", topUp)).isEqualTo(first);
    assertThat(order("once", debit("acme", "1")).refusal()).isEqualTo(Refusal.REUSED_KEY);
    assertThat(balance(state("acme"), meter.now())).isEqualByComparingTo("10");
  }

  @Test
  void aDebitAboveAPrepaidBalanceIsRefused() {
    accepted(grant("prepaid", CreditKind.TOP_UP, "10"));
    use("prepaid", IN_NOVEMBER, 5_000_000);
    CommandResult refused = order("too much", debit("prepaid", "8.000000000001"));
    assertThat(refused.accepted()).isFalse();
    assertThat(refused.refusal()).isEqualTo(Refusal.INSUFFICIENT_BALANCE);
    assertThat(refused.problems())
        .containsExactly(
            "account prepaid is prepaid and has 8 USD left, less than the debit of"
                + " 8.000000000001; top it up first");
    accepted(debit("prepaid", "8"));
    assertThat(balance(state("prepaid"), meter.now())).isEqualByComparingTo("0");
    // A refusal is an answer, too.
    accepted(grant("prepaid", CreditKind.TOP_UP, "100"));
    assertThat(order("too much", debit("prepaid", "8.000000000001"))).isEqualTo(refused);
    use("prepaid", IN_NOVEMBER, 1_000_000_000);
    assertThat(balance(state("prepaid"), meter.now())).isEqualByComparingTo("-300");
  }

  @Test
  void aCreditThatHasExpiredPaysForNoDebit() {
    Instant expiry = IN_NOVEMBER.plus(Duration.ofMinutes(1));
    accepted(grant("prepaid", CreditKind.GRANT, "10", 100, null, expiry));
    use("prepaid", IN_NOVEMBER, 5_000_000);
    meter.pass(Duration.ofMinutes(2));
    assertThat(order(debit("prepaid", "0.000000000001")).refusal())
        .isEqualTo(Refusal.INSUFFICIENT_BALANCE);
    assertThat(balance(state("prepaid"), meter.now())).isEqualByComparingTo("0");
  }

  @Test
  void aPostpaidAccountMayBeDebitedBelowZero() {
    CommandResult result = accepted(debit("acme", "3"));
    assertThat(result.posting().kind()).isEqualTo(Kind.DEBIT);
    AccountState state = state("acme");
    assertThat(balance(state, meter.now())).isEqualByComparingTo("-3");
    assertThat(state.periods().get(0).billing().charges())
        .extracting(AccountState.Charge::reason)
        .containsExactly("because");
  }

  @Test
  void anAdjustmentGoesEitherWay() {
    accepted(new Order.Adjust("acme", new BigDecimal("5")));
    accepted(new Order.Adjust("acme", new BigDecimal("-2")));
    AccountState state = state("acme");
    assertThat(balance(state, meter.now())).isEqualByComparingTo("3");
    assertThat(state.credits().get(0).drawn()).isEqualByComparingTo("2");
    assertThat(ledger).extracting(LedgerPosting::kind).contains(Kind.ADJUSTMENT);
  }

  @Test
  void whatMakesNoSenseIsRefusedBeforeItReachesTheAccount() {
    assertThat(order(grant("acme", CreditKind.GRANT, "0")).problems())
        .containsExactly("the amount of a credit must not be 0 or less");
    assertThat(order(grant("nobody", CreditKind.GRANT, "1")).problems())
        .containsExactly("account nobody does not exist");
    assertThat(
            order(grant("acme", CreditKind.GRANT, "1", 100, IN_NOVEMBER, IN_NOVEMBER)).problems())
        .containsExactly("a credit must become effective before it expires");
    assertThat(order(debit("acme", "0.0000000000001")).problems()).hasSize(1);
    meter.order("no reason", " ", Catalog.EMPTY, new Order.Adjust("acme", BigDecimal.ONE));
    assertThat(meter.result().problems())
        .containsExactly("an account is adjusted only with a reason");
  }

  @Test
  void creditsAreDrawnByPriorityAndThenByExpiry() {
    Instant december = Instant.parse("2026-12-01T00:00:00Z");
    accepted(grant("acme", CreditKind.TOP_UP, "1", 100, null, null));
    accepted(grant("acme", CreditKind.GRANT, "1", 200, null, december));
    accepted(grant("acme", CreditKind.GRANT, "1", 100, null, december));
    use("acme", IN_NOVEMBER, 4_000_000);
    assertThat(state("acme").credits())
        .extracting(CreditState::id, credit -> credit.drawn().toPlainString())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("ledger:command-3", "1"),
            org.assertj.core.groups.Tuple.tuple("ledger:command-1", "0.6"),
            org.assertj.core.groups.Tuple.tuple("ledger:command-2", "0"));
  }

  @Test
  void aGrantIsUsedOnce() {
    accepted(grant("acme", CreditKind.GRANT, "1"));
    use("acme", IN_OCTOBER, 2_000_000);
    use("acme", IN_NOVEMBER, 2_000_000);
    AccountState state = state("acme");
    assertThat(state.periods().get(0).billing().creditsApplied())
        .containsExactly(new AccountState.CreditUse("ledger:command-1", new BigDecimal("0.8")));
    assertThat(state.periods().get(1).billing().creditsApplied())
        .containsExactly(new AccountState.CreditUse("ledger:command-1", new BigDecimal("0.2")));
    assertThat(balance(state, meter.now())).isEqualByComparingTo("-0.6");
  }

  @Test
  void whatExpiresUnusedIsPostedAndComesBackForLateUsage() {
    accepted(
        grant("acme", CreditKind.GRANT, "5", 100, null, IN_NOVEMBER.plus(Duration.ofMinutes(1))));
    use("acme", IN_NOVEMBER, 1_000_000);
    assertThat(state("acme").granted(meter.now())).isEqualByComparingTo("5");
    meter.pass(Duration.ofMinutes(2));
    look();
    LedgerPosting expiry = ledger.get(ledger.size() - 1);
    assertThat(expiry.kind()).isEqualTo(Kind.EXPIRY);
    assertThat(expiry.entries())
        .contains(
            new LedgerPosting.Entry(
                LedgerAccount.BREAKAGE, null, "ledger:command-1", new BigDecimal("-4.6")));
    assertThat(states.get("acme").granted(meter.now())).isEqualByComparingTo("0.4");
    use("acme", IN_NOVEMBER.plusSeconds(59), 1_000_000);
    use("acme", IN_NOVEMBER.plusSeconds(60), 1_000_000);
    assertThat(state("acme").granted(meter.now())).isEqualByComparingTo("0.8");
    assertThat(balance(states.get("acme"), meter.now())).isEqualByComparingTo("-0.4");
  }

  @Test
  void aCreditOfTheCatalogueThatComesAfterItsExpiryPaysForWhatWasBefore() {
    Instant expiry = Instant.parse("2026-11-20T09:30:00Z");
    use("acme", expiry.minusMillis(1), 1_000_000);
    use("acme", expiry, 2_000_000);
    meter.settle();
    meter.command(
        "late credit",
        new Catalog(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(new Credit("late", "acme", new BigDecimal("50"), expiry))));
    AccountState state = state("acme");
    assertThat(state.granted(meter.now())).isEqualByComparingTo("0.4");
    meter.command(
        "larger",
        new Catalog(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(new Credit("late", "acme", new BigDecimal("0.3"), expiry))));
    assertThat(state("acme").granted(meter.now())).isEqualByComparingTo("0.3");
  }

  @Test
  void aBoundaryWithinAQuarterThatIsCountedAlreadyIsRefused() {
    use("acme", IN_NOVEMBER.plusSeconds(10), 1_000_000);
    CommandResult refused =
        order(grant("acme", CreditKind.GRANT, "1", 100, IN_NOVEMBER.plusSeconds(20), null));
    assertThat(refused.problems())
        .containsExactly(
            "2026-11-20T10:00:20Z lies within a quarter of an hour whose usage is counted"
                + " already; choose a full quarter, such as 2026-11-20T10:00:00Z");
    accepted(grant("acme", CreditKind.GRANT, "1", 100, IN_NOVEMBER, null));
    assertThat(state("acme").credits().get(0).drawn()).isEqualByComparingTo("0.4");
  }

  @Test
  void aBillBecomesFinalOnce() {
    accepted(grant("acme", CreditKind.GRANT, "0.5"));
    use("acme", IN_OCTOBER, 2_000_001);
    use("acme", IN_NOVEMBER, 1_000_000);
    CommandResult result = accepted(new Order.FinalizeBill("acme", OCTOBER));
    assertThat(result.bill()).isEqualTo(1);
    FinalBill bill = bill("acme", 1);
    FinalBill.Content content = bill.content();
    assertThat(content.exactTotal()).isEqualByComparingTo("0.8000004");
    assertThat(content.total()).isEqualByComparingTo("0.80");
    assertThat(content.creditsApplied())
        .containsExactly(
            new AccountState.CreditUse(
                "ledger:command-1", new BigDecimal("0.5"), CreditKind.GRANT, "because"));
    assertThat(content.exactDue()).isEqualByComparingTo("0.3000004");
    assertThat(content.amountDue().toPlainString()).isEqualTo("0.3");
    assertThat(content.covers()).isEqualTo(new FinalBill.Covers(1, 2, 1, 1));
    assertThat(bill.contentHash()).isEqualTo(content.hash()).hasSize(64);
    assertThat(bill.finalizedBy()).isEqualTo("ann");
    int postings = ledger.size();

    CommandResult again = accepted(new Order.FinalizeBill("acme", OCTOBER));
    assertThat(again.bill()).isEqualTo(1);
    assertThat(again.changed()).isEmpty();
    look();
    assertThat(ledger).hasSize(postings);
    assertThat(states.get("acme").books().bills()).isEqualTo(1);
    assertThat(states.get("acme").periods().get(0).billing().bill()).isEqualTo(1);
  }

  @Test
  void aMonthThatGoesOnHasNoFinalBill() {
    use("acme", IN_NOVEMBER, 1_000_000);
    CommandResult refused = order(new Order.FinalizeBill("acme", NOVEMBER));
    assertThat(refused.refusal()).isEqualTo(Refusal.PERIOD_NOT_ENDED);
    assertThat(refused.problems())
        .containsExactly("2026-11 goes on until 2026-11-30T23:00:00Z; its bill can be final then");
    CommandResult empty = order(new Order.FinalizeBill("acme", YearMonth.of(2026, 1)));
    assertThat(empty.refusal()).isEqualTo(Refusal.NO_SUCH_BILL);
  }

  @Test
  void billsAreMadeInOrder() {
    use("acme", Instant.parse("2026-09-10T00:00:00Z"), 1_000_000);
    use("acme", IN_OCTOBER, 1_000_000);
    CommandResult refused = order(new Order.FinalizeBill("acme", OCTOBER));
    assertThat(refused.refusal()).isEqualTo(Refusal.EARLIER_PERIOD_OPEN);
    assertThat(accepted(new Order.FinalizeBill("acme", YearMonth.of(2026, 9))).bill()).isEqualTo(1);
    assertThat(accepted(new Order.FinalizeBill("acme", OCTOBER)).bill()).isEqualTo(2);
  }

  @Test
  void lateUsageGoesOntoTheNextBillUnderItsOwnDateAndPrice() {
    use("globex", IN_OCTOBER, 900);
    accepted(new Order.FinalizeBill("globex", OCTOBER));
    FinalBill october = bill("globex", 1);
    // Of 200 more tokens, 100 are in the first tier of October's and 100 in the second.
    use("globex", IN_OCTOBER.plusSeconds(5), 200);
    use("globex", IN_NOVEMBER, 10);
    AccountState state = state("globex");
    assertThat(state.periods().get(0).late())
        .extracting(AccountState.BillLine::quantity, line -> line.amount().toPlainString())
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(1L, "0.0001"),
            org.assertj.core.groups.Tuple.tuple(200L, "0.00015"));

    meter.pass(Duration.ofDays(11));
    accepted(new Order.FinalizeBill("globex", NOVEMBER));
    FinalBill november = bill("globex", 2);
    assertThat(november.content().lateLines())
        .extracting(FinalBill.LateLine::period, FinalBill.LateLine::from)
        .containsOnly(org.assertj.core.groups.Tuple.tuple(OCTOBER, IN_OCTOBER.plusSeconds(5)));
    assertThat(november.content().lateTotal()).isEqualByComparingTo("0.00025");
    assertThat(november.content().exactTotal()).isEqualByComparingTo("0.00011");
    assertThat(november.content().exactDue()).isEqualByComparingTo("0.00036");
    assertThat(november.content().covers()).isEqualTo(new FinalBill.Covers(2, 3, 4, 2));
    assertThat(bill("globex", 1)).isEqualTo(october);
    assertThat(states.get("globex").periods().get(0).late()).isEmpty();
    assertThat(
            october
                .content()
                .exactTotal()
                .add(november.content().exactTotal())
                .add(november.content().lateTotal()))
        .isEqualByComparingTo(states.get("globex").spent());
  }

  @Test
  void aVoidedBillOpensItsMonthAgain() {
    accepted(grant("acme", CreditKind.GRANT, "0.5"));
    use("acme", IN_OCTOBER, 2_000_000);
    accepted(new Order.FinalizeBill("acme", OCTOBER));
    use("acme", IN_OCTOBER.plusSeconds(60), 1_000_000);
    accepted(debit("acme", "0.25"));
    accepted(new Order.VoidBill("acme", 1));
    FinalBill voided = bill("acme", 1);
    assertThat(voided.status()).isEqualTo(FinalBill.Status.VOID);
    assertThat(voided.voided().reason()).isEqualTo("because");
    assertThat(voided.contentHash()).isEqualTo(voided.content().hash());
    AccountState state = states.get("acme");
    assertThat(state.periods().get(0).billing().bill()).isZero();
    assertThat(state.periods().get(0).late()).isEmpty();
    assertThat(state.periods().get(0).billing().creditsApplied())
        .containsExactly(new AccountState.CreditUse("ledger:command-1", new BigDecimal("0.5")));
    // Credits that come now are matched with all of it again.
    accepted(grant("acme", CreditKind.GRANT, "9", 1, IN_OCTOBER.plusSeconds(0), null));
    CommandResult again = accepted(new Order.FinalizeBill("acme", OCTOBER));
    assertThat(again.bill()).isEqualTo(2);
    assertThat(bill("acme", 2).content().exactTotal()).isEqualByComparingTo("1.2");
    assertThat(bill("acme", 2).content().creditsTotal()).isEqualByComparingTo("1.2");
    assertThat(bill("acme", 2).content().lateLines()).isEmpty();
    assertThat(order(new Order.VoidBill("acme", 1)).refusal()).isEqualTo(Refusal.NOT_POSSIBLE);
    assertThat(order(new Order.VoidBill("acme", 7)).refusal()).isEqualTo(Refusal.NO_SUCH_BILL);
  }

  @Test
  void aVoidedBillGivesLateUsageBackToTheNextOne() {
    use("acme", Instant.parse("2026-09-10T00:00:00Z"), 1_000_000);
    use("acme", IN_OCTOBER, 1_000_000);
    accepted(new Order.FinalizeBill("acme", YearMonth.of(2026, 9)));
    use("acme", Instant.parse("2026-09-11T00:00:00Z"), 2_000_000);
    accepted(new Order.FinalizeBill("acme", OCTOBER));
    assertThat(order(new Order.VoidBill("acme", 1)).problems())
        .containsExactly(
            "only the newest bill that counts can be voided, and bill 2 came after bill 1; void the"
                + " later ones first, the newest first, or write a credit note on bill 1");
    use("acme", Instant.parse("2026-09-12T00:00:00Z"), 4_000_000);
    accepted(new Order.VoidBill("acme", 2));
    assertThat(state("acme").periods().get(0).late())
        .extracting(AccountState.BillLine::quantity)
        .containsExactly(6_000_000L);
    accepted(new Order.FinalizeBill("acme", OCTOBER));
    FinalBill bill = bill("acme", 3);
    assertThat(bill.content().lateTotal()).isEqualByComparingTo("2.4");
    assertThat(bill.content().lateLines().get(0).from())
        .isEqualTo(Instant.parse("2026-09-11T00:00:00Z"));
    assertThat(bill.content().covers()).isEqualTo(new FinalBill.Covers(3, 4, 2, 3));
  }

  @Test
  void creditNotesMakeLessDue() {
    use("acme", IN_OCTOBER, 10_000_000);
    accepted(new Order.FinalizeBill("acme", OCTOBER));
    accepted(new Order.NoteCredit("acme", 1, new BigDecimal("1.5")));
    assertThat(order(new Order.NoteCredit("acme", 1, new BigDecimal("2.51"))).problems())
        .containsExactly(
            "of bill 1, 4 USD in all, at most 2.5 USD can be credited, not 2.51: credit notes on it"
                + " gave 1.5 back, 2.5 is due, and re-ratings and cheaper late usage count, too; to"
                + " give the account more than it was billed, grant a credit or post an"
                + " adjustment");
    accepted(new Order.NoteCredit("acme", 1, new BigDecimal("2.5")));
    FinalBill bill = bill("acme", 1);
    assertThat(bill.notes()).extracting(FinalBill.CreditNote::number).containsExactly(1L, 2L);
    assertThat(bill.contentHash()).isEqualTo(bill.content().hash());
    assertThat(balance(states.get("acme"), meter.now())).isEqualByComparingTo("0");
    assertThat(order(new Order.VoidBill("acme", 1)).refusal()).isEqualTo(Refusal.NOT_POSSIBLE);
  }

  @Test
  void billsBecomeFinalByThemselvesOnceUsageIsComplete() {
    use("acme", IN_OCTOBER, 1_000_000);
    use("acme", IN_NOVEMBER, 1_000_000);
    source("2026-11-30T22:59:59Z", SourceState.Status.SILENT);
    meter.pass(Duration.ofDays(14));
    look();
    assertThat(bills).isEmpty();
    source("2026-11-30T22:59:59Z", SourceState.Status.RETIRED);
    look();
    FinalBill bill = bills.get("acme\t1");
    assertThat(bill.period()).isEqualTo(NOVEMBER);
    assertThat(bill.finalizedBy()).isEmpty();
    // What is older than the account's billing start waits for a person.
    assertThat(states.get("acme").periods().get(0).billing().bill()).isZero();
    assertThat(bills.get("prepaid\t1").content().lines()).isEmpty();
    assertThat(bills.get("prepaid\t1").content().amountDue()).isEqualByComparingTo("0");
    accepted(new Order.VoidBill("acme", 1));
    look();
    assertThat(states.get("acme").periods().get(1).billing().bill()).isZero();
  }

  /** In other zones the month ends up to 26 hours later. */
  @Test
  void aBillWaitsForUsageOfItsOwnMonthOnly() {
    use("acme", IN_NOVEMBER, 1_000_000);
    source("2026-11-30T23:00:00Z", SourceState.Status.SILENT);
    meter.pass(Duration.ofDays(14));
    look();
    assertThat(bills).containsKey("acme\t1");
  }

  @Test
  void aBackfillThatRunsHoldsBillsBackAndOneThatHasFinishedDoesNot() {
    use("acme", IN_NOVEMBER, 1_000_000);
    source(null, SourceState.Status.LIVE);
    meter.pass(Duration.ofDays(14));
    look();
    assertThat(bills).isEmpty();
    source(null, SourceState.Status.FINISHED);
    look();
    assertThat(bills).containsKey("acme\t1");
  }

  /** Gives acme other details, as they would come from the catalogue. */
  private void details(@Nullable Instant billingStart, @Nullable Instant closing) {
    Account acme = Meter.catalogue().accounts().get(0);
    AccountDetails details =
        new AccountDetails(
            List.of(),
            null,
            closing == null ? AccountDetails.Status.ACTIVE : AccountDetails.Status.CLOSED,
            List.of(),
            Map.of(),
            billingStart,
            closing);
    meter.command(
        "details-" + ++commands,
        new Catalog(
            List.of(acme.withDetails(details)),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of()));
  }

  @Test
  void billsBeginInTheMonthOfTheBillingStart() {
    use("acme", IN_OCTOBER, 1_000_000);
    details(Instant.parse("2026-10-03T00:00:00Z"), null);
    source(null, SourceState.Status.FINISHED);
    meter.pass(Duration.ofMinutes(2));
    look();
    assertThat(bills.get("acme\t1").period()).isEqualTo(OCTOBER);
    assertThat(bills.get("acme\t1").finalizedBy()).isEmpty();
    assertThat(states.get("acme").books().opened()).isEqualTo("2026-10-03T00:00:00Z");
  }

  @Test
  void aBillingStartIsNotLongAgo() {
    details(Instant.parse("2020-01-01T00:00:00Z"), null);
    assertThat(meter.read(Topics.COMMAND_RESULTS, CommandResult.class))
        .last()
        .satisfies(
            result ->
                assertThat(result.problems())
                    .containsExactly(
                        "billing of account acme cannot start at 2020-01-01T00:00:00Z, more than 400"
                            + " days ago: bills of earlier months are finalised by hand"));
  }

  @Test
  void aClosedAccountGetsABillOnlyWhenThereIsSomethingForIt() {
    use("acme", IN_NOVEMBER, 1_000_000);
    details(null, Instant.parse("2026-11-28T00:00:00Z"));
    source(null, SourceState.Status.FINISHED);
    meter.pass(Duration.ofDays(100));
    look();
    assertThat(bills.get("acme\t1").period()).isEqualTo(NOVEMBER);
    assertThat(bills).containsKey("prepaid\t2").doesNotContainKey("acme\t2");
    use("acme", IN_NOVEMBER.plusSeconds(60), 500_000);
    meter.pass(Duration.ofMinutes(2));
    look();
    assertThat(bills.get("acme\t2").content().lateLines()).hasSize(1);
    assertThat(bills.get("acme\t2").content().amountDue()).isEqualByComparingTo("0.20");
    meter.pass(Duration.ofMinutes(2));
    look();
    assertThat(bills).doesNotContainKey("acme\t3");
  }

  private void source(String watermark, SourceState.Status status) {
    Instant through = watermark == null ? IN_NOVEMBER : Instant.parse(watermark);
    SourceState state =
        new SourceState(
            new LineSource("h", "p"),
            SourceState.Kind.SHIPPER,
            status,
            through,
            through,
            through,
            1,
            1,
            watermark == null ? null : through,
            List.of(),
            0,
            0,
            0,
            true);
    meter
        .driver
        .createInputTopic(
            Topics.SOURCES.topicName(), new StringSerializer(), new ByteArraySerializer())
        .pipeInput(state.recordKey(), Json.MAPPER.writeValueAsBytes(state));
  }

  @Test
  void usageIsPostedInStepsAndNotPerLine() {
    for (int i = 0; i < 1_000; i++) {
      use("acme", IN_NOVEMBER.plusSeconds(i), 1_000);
    }
    look();
    assertThat(ledger).hasSize(1);
    assertThat(ledger.get(0).sequence()).isEqualTo(1_000);
  }
}
