package dev.taximeter.streams.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountAssembly;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.json.Json;
import dev.taximeter.streams.account.policy.Credit;
import dev.taximeter.streams.account.policy.TieredUsage;
import dev.taximeter.streams.account.policy.Wallet;
import dev.taximeter.streams.topology.parts.CommitHook;
import dev.taximeter.streams.topology.parts.InMemory;
import dev.taximeter.streams.topology.parts.Problems;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What many commands, many lines and much history do to an account, and to its neighbours. */
class MoneyDeskTest {
  private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");
  private static final YearMonth NOVEMBER = YearMonth.of(2026, 11);

  /** After it, a broker aborts the transaction. */
  private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(10);

  @TempDir private Path stateDirectory;
  private final Problems problems = new Problems();
  private MockProcessorContext<byte[], byte[]> context;
  private AccountProcessor processor;
  private int lines;

  @BeforeEach
  void start() {
    Properties settings = new Properties();
    settings.put(Problems.CONFIG, problems);
    context = new MockProcessorContext<>(settings, new TaskId(0, 0), stateDirectory.toFile());
    context.setCurrentSystemTimeMs(NOW.toEpochMilli());
    context.setRecordMetadata("account.inputs.v1", 0, 0);
    BillingSettings billing = new BillingSettings(Duration.ofDays(3));
    new Accounts(Duration.ofHours(2), billing)
        .stores()
        .forEach(builder -> InMemory.build(context, builder));
    processor = new AccountProcessor(Duration.ofHours(2), billing);
    processor.init(context);
  }

  private static AccountTerms terms(String account, List<PriceEntry> prices) {
    return new AccountTerms(
        new Account(account, "A", "USD", ZoneId.of("UTC"), "p"),
        1,
        new Plan("p", "b", BigDecimal.ZERO, 1),
        prices,
        List.of(),
        List.of());
  }

  private static PriceEntry entry(String model) {
    Map<TokenClass, PriceSchedule> prices = new HashMap<>();
    for (TokenClass tokenClass : TokenClass.values()) {
      prices.put(tokenClass, new PriceSchedule.Flat(BigDecimal.ONE));
    }
    return new PriceEntry("b", model, Instant.EPOCH, 1, prices);
  }

  private void process(String account, AccountInput input) {
    processor.process(new Record<>(account, input, NOW.toEpochMilli()));
  }

  private void use(String account, String model) {
    process(
        account,
        new AccountInput.UsageInput(
            new Usage(
                "%032x".formatted(++lines),
                Fate.BILLED,
                "k",
                null,
                null,
                model,
                new TokenCounts(1, 1, 1, 1, 1),
                NOW,
                NOW,
                NOW,
                new LineSource("h", "p"),
                0,
                "s",
                List.of(),
                null)));
  }

  private CommandResult order(String id, Order.OfAccount order) {
    return order(id, "because", order);
  }

  private CommandResult order(String id, String reason, Order.OfAccount order) {
    return order(id, reason, NOW, order);
  }

  private CommandResult order(String id, String reason, Instant at, Order.OfAccount order) {
    process(
        order.account(),
        new AccountInput.OrderInput(
            new Instruction(id, "ann", reason, at, 1, List.of(), order, null)));
    List<CommandResult> results = sent("order-results", CommandResult.class);
    return results.get(results.size() - 1);
  }

  private <T> List<T> sent(String outlet, Class<T> type) {
    List<T> records = new ArrayList<>();
    context
        .forwarded()
        .forEach(
            sent -> {
              if (sent.childName().orElse("").equals(outlet)) {
                records.add(Json.MAPPER.readValue(sent.record().value(), type));
              }
            });
    return records;
  }

  private void sweep(Instant now) {
    context.scheduledPunctuators().stream()
        .filter(scheduled -> scheduled.getType() == PunctuationType.WALL_CLOCK_TIME)
        .filter(scheduled -> scheduled.getInterval().equals(AccountProcessor.SWEEP_INTERVAL))
        .forEach(scheduled -> scheduled.getPunctuator().punctuate(now.toEpochMilli()));
  }

  @Test
  void aCommandWithAnotherReasonIsAnotherOne() {
    process("acme", new AccountInput.TermsInput(terms("acme", List.of(entry("*")))));
    Order.OfAccount debit = new Order.Debit("acme", BigDecimal.ONE);
    CommandResult first = order("once", "seat in May", debit);
    assertThat(order("once", "seat in June", debit).refusal())
        .isEqualTo(CommandResult.Refusal.REUSED_KEY);
    assertThat(order("once", "seat in May", debit)).isEqualTo(first);
  }

  @Test
  void aCommandThatWasForgottenDoesNotGiveItsCreditAgain() {
    process("acme", new AccountInput.TermsInput(terms("acme", List.of(entry("*")))));
    Order.OfAccount grant =
        new Order.GrantCredit("acme", CreditKind.GRANT, BigDecimal.TEN, 100, null, null);
    assertThat(order("grant", grant).accepted()).isTrue();
    for (int i = 0; i < 10_000; i++) {
      context.resetForwards();
      order("note-" + i, new Order.NoteCredit("acme", 1, BigDecimal.ONE));
    }
    context.resetForwards();
    CommandResult again = order("grant", grant);
    assertThat(again.refusal()).isEqualTo(CommandResult.Refusal.REUSED_KEY);
    assertThat(again.problems())
        .containsExactly(
            "this Idempotency-Key was used before and gave account acme a credit; choose a new key"
                + " for another one");
    assertThat(sent("ledger-entries", LedgerPosting.class)).isEmpty();
  }

  static Stream<Order.OfAccount> ordersThatTakeMoney() {
    return Stream.of(
        new Order.Debit("acme", BigDecimal.TEN), new Order.Adjust("acme", BigDecimal.TEN.negate()));
  }

  @ParameterizedTest
  @MethodSource("ordersThatTakeMoney")
  void aCommandWhoseAnswerWasForgottenIsNotCarriedOutAgain(Order.OfAccount order) {
    process("acme", new AccountInput.TermsInput(terms("acme", List.of(entry("*")))));
    assertThat(order("taken", order).accepted()).isTrue();
    assertThat(order("refused", new Order.NoteCredit("acme", 1, BigDecimal.ONE)).accepted())
        .isFalse();
    for (int i = 0; i < 10_000; i++) {
      context.resetForwards();
      order("note-" + i, new Order.NoteCredit("acme", 1, BigDecimal.ONE));
    }
    context.resetForwards();
    for (int i = 0; i < 2; i++) {
      CommandResult again = order("taken", order);
      assertThat(again.refusal()).isEqualTo(CommandResult.Refusal.REUSED_KEY);
      assertThat(again.problems()).singleElement().asString().contains("was done");
      assertThat(sent("ledger-entries", LedgerPosting.class)).isEmpty();
    }
    assertThat(order("refused", order).accepted()).as("nothing was done under it").isTrue();
  }

  @Test
  void anAccountWhoseBillFitsNoRecordDoesNotStopTheOthers() {
    // 30,000 lines of some 500 bytes.
    List<PriceEntry> prices = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      prices.add(entry(i + "-" + "m".repeat(190)));
    }
    process("large", new AccountInput.TermsInput(terms("large", prices)));
    process("usual", new AccountInput.TermsInput(terms("usual", List.of(entry("*")))));
    prices.forEach(price -> use("large", price.model()));
    use("usual", "m");
    context.resetForwards();
    Instant due = Instant.parse("2026-12-04T00:00:00Z");
    sweep(due);
    sweep(due);
    assertThat(sent("bills", FinalBill.class))
        .extracting(FinalBill::account)
        .containsExactly("usual");
    assertThat(sent("ledger-entries", LedgerPosting.class))
        .extracting(LedgerPosting::account)
        .contains("large", "usual");
    assertThat(problems.sentences())
        .singleElement()
        .asString()
        .startsWith("Ledger and bills of account large stand still")
        .contains("bills.v1");
    CommandResult refused = order("by hand", "", due, new Order.FinalizeBill("large", NOVEMBER));
    assertThat(refused.refusal()).isEqualTo(CommandResult.Refusal.NOT_POSSIBLE);
    assertThat(refused.problems().get(0)).contains("does not fit one record");
  }

  @Test
  void aBillBecomesFinalByItselfWhenTheGraceIsOver() {
    process("acme", new AccountInput.TermsInput(terms("acme", List.of(entry("*")))));
    use("acme", "m");
    Instant over = Instant.parse("2026-12-04T00:00:00Z");
    sweep(over.minusMillis(1));
    assertThat(sent("bills", FinalBill.class)).isEmpty();
    sweep(over);
    sweep(over.plusSeconds(10));
    assertThat(sent("bills", FinalBill.class)).hasSize(1);
  }

  /** A command may wait for metering while the bill of its month becomes final. */
  @Test
  void aDebitOfAMonthThatIsBilledStandsOnTheNextBill() {
    process("acme", new AccountInput.TermsInput(terms("acme", List.of(entry("*")))));
    Instant december = Instant.parse("2026-12-05T00:00:00Z");
    order("november", "", december, new Order.FinalizeBill("acme", NOVEMBER));
    order("seat", "seat", NOW, new Order.Debit("acme", BigDecimal.TEN));
    Instant january = Instant.parse("2027-01-05T00:00:00Z");
    order("december", "", january, new Order.FinalizeBill("acme", NOVEMBER.plusMonths(1)));
    List<FinalBill> bills = sent("bills", FinalBill.class);
    assertThat(bills.get(0).content().charges()).isEmpty();
    assertThat(bills.get(1).content().charges())
        .extracting(AccountState.Charge::reason)
        .containsExactly("seat");
    assertThat(bills.get(1).content().exactDue()).isEqualByComparingTo("10");
  }

  private static final YearMonth OCTOBER = YearMonth.of(2026, 10);

  /** October costs 500 and is paid as the credits say; its bill is number 1. */
  private void billOctober(Order.OfAccount... credits) {
    process("acme", new AccountInput.TermsInput(terms("acme", List.of(entry("*")))));
    for (Order.OfAccount credit : credits) {
      assertThat(order("credit-" + lines++, credit).accepted()).isTrue();
    }
    order(
        "debit",
        "seats",
        OCTOBER.atDay(5).atStartOfDay(ZoneId.of("UTC")).toInstant(),
        new Order.Debit("acme", new BigDecimal("500")));
    order("october", "because", NOW, new Order.FinalizeBill("acme", OCTOBER));
  }

  /** They are used up by the bill: an account may have any number of them in its life. */
  @Test
  void creditsThatAreOverMakeRoomForOthers() {
    Order.OfAccount[] topUps = new Order.OfAccount[Wallet.MOST_CREDITS];
    Arrays.fill(topUps, give(CreditKind.TOP_UP, "0.25", 100));
    billOctober(topUps);
    Order.OfAccount another = give(CreditKind.TOP_UP, "1", 100);
    assertThat(order("early", another).problems().get(0))
        .contains("2000 credits that are neither used up by final bills nor expired");
    sweep(NOW);
    assertThat(state().credits()).isEmpty();
    assertThat(state().books().over()).isEqualByComparingTo("500");
    assertThat(state().granted(NOW)).isZero();
    assertThat(order("credit-0", another).refusal()).isEqualTo(CommandResult.Refusal.REUSED_KEY);
    assertThat(order("later", another).accepted()).isTrue();
    assertThat(state().credits()).hasSize(1);
    // A note gives back to two of them; the others are put away again.
    assertThat(note("note", "0.5").accepted()).isTrue();
    assertThat(newestBill().notes().get(0).returned()).hasSize(2);
    assertThat(state().granted(NOW)).isEqualByComparingTo("1.5");
    sweep(NOW);
    assertThat(state().credits()).hasSize(3);
    assertThat(state().granted(NOW)).isEqualByComparingTo("1.5");
    assertThat(state().books().over()).isEqualByComparingTo("499.5");
  }

  @Test
  void whatIsDueAfterANoteCanBePaid() {
    billOctober(give(CreditKind.GRANT, "0.055", 100));
    assertThat(newestBill().content().amountDue()).isEqualByComparingTo("499.94");
    assertThat(note("fraction", "0.005").problems())
        .containsExactly(
            "a credit note makes whole minor units of USD less due, and 499.935 would be due after"
                + " one of 0.005; write one of 0.01");
    assertThat(note("fraction of more", "1.005").problems().get(0))
        .endsWith("write one of 1 or 1.01");
    assertThat(note("cents", "0.04").accepted()).isTrue();
    assertThat(newestBill().leftDue()).isEqualByComparingTo("499.9");
    // All that is due, and a fraction of what the gift paid.
    assertThat(note("rest", "499.9005").accepted()).isTrue();
    assertThat(newestBill().leftDue()).isZero();
    assertThat(newestBill().notes().get(1).returned())
        .extracting(use -> use.amount().toPlainString())
        .containsExactly("0.0005");
  }

  @Test
  void aLongReasonIsCutWhereItIsPublished() {
    String reason = "r".repeat(1_000);
    process("acme", new AccountInput.TermsInput(terms("acme", List.of(entry("*")))));
    order("seat", reason, NOW, new Order.Debit("acme", BigDecimal.ONE));
    List<LedgerPosting> postings = sent("ledger-entries", LedgerPosting.class);
    assertThat(postings.get(postings.size() - 1).reason()).isEqualTo(reason);
    assertThat(state().periods().get(0).billing().charges().get(0).reason())
        .isEqualTo("r".repeat(200) + "…");
  }

  /** On which side of its end the usage of its last quarter of an hour lies is not known. */
  @Test
  void aCreditThatIsOverWhenItComesEndsWithAQuarterOfAnHour() {
    AccountTerms first = terms("acme", List.of(entry("*")));
    process("acme", new AccountInput.TermsInput(first));
    use("acme", "m");
    Instant end = NOW.plusMillis(1);
    context.setCurrentSystemTimeMs(NOW.plusSeconds(60).toEpochMilli());
    dev.taximeter.contract.catalog.Credit over =
        new dev.taximeter.contract.catalog.Credit("over", "acme", BigDecimal.TEN, end);
    process(
        "acme",
        new AccountInput.TermsInput(
            new AccountTerms(
                first.account(), 2, first.plan(), first.prices(), List.of(over), List.of())));
    assertThat(state().credits().get(0).expiresAt()).isEqualTo(SpendHistory.quarterOf(end));
    assertThat(state().credits().get(0).drawn()).isZero();
  }

  private static Order.OfAccount give(CreditKind kind, String amount, int priority) {
    return new Order.GrantCredit("acme", kind, new BigDecimal(amount), priority, null, null);
  }

  private CommandResult note(String id, String amount) {
    return order(id, new Order.NoteCredit("acme", 1, new BigDecimal(amount)));
  }

  private FinalBill newestBill() {
    List<FinalBill> bills = sent("bills", FinalBill.class);
    return bills.get(bills.size() - 1);
  }

  private AccountState state() {
    context.scheduledPunctuators().stream()
        .filter(scheduled -> scheduled.getInterval().equals(Duration.ofMillis(50)))
        .filter(scheduled -> !scheduled.cancelled())
        .toList()
        .forEach(scheduled -> scheduled.getPunctuator().punctuate(NOW.toEpochMilli()));
    AccountAssembly assembly = new AccountAssembly();
    AccountState state = null;
    for (AccountRecord record : sent("account-states", AccountRecord.class)) {
      AccountState whole = assembly.accept(record);
      state = whole == null ? state : whole;
    }
    return Objects.requireNonNull(state);
  }

  @Test
  void whatATopUpPaidCanBeCreditedAndIsThereToBeSpentAgain() {
    billOctober(give(CreditKind.TOP_UP, "800", 100));
    assertThat(newestBill().content().amountDue()).isZero();
    assertThat(state().granted(NOW)).isEqualByComparingTo("300");
    assertThat(note("n1", "120.5").accepted()).isTrue();
    FinalBill.CreditNote note = newestBill().notes().get(0);
    assertThat(note.lessDue()).isZero();
    assertThat(note.returned())
        .extracting(use -> use.amount().toPlainString())
        .containsExactly("120.5");
    assertThat(note.returned().get(0).kind()).isEqualTo(CreditKind.TOP_UP);
    assertThat(state().granted(NOW)).isEqualByComparingTo("420.5");
    assertThat(state().credits().get(0).remaining(NOW)).isEqualByComparingTo("420.5");
    CommandResult more = note("n2", "380");
    assertThat(more.accepted()).isFalse();
    assertThat(more.problems())
        .containsExactly(
            "of bill 1, 500 USD in all, at most 379.5 USD can be credited, not 380: credit notes on"
                + " it gave 120.5 back, 0 is due, and re-ratings and cheaper late usage count, too;"
                + " to give the account more than it was billed, grant a credit or post an"
                + " adjustment");
    assertThat(note("n3", "379.5").accepted()).isTrue();
    assertThat(note("n4", "0.01").problems().get(0)).contains("nothing is left to be credited");
  }

  @Test
  void aNoteThatIsRefusedNamesFiguresThatAddUp() {
    billOctober(give(CreditKind.TOP_UP, "100.0553", 100));
    assertThat(newestBill().content().exactDue()).isEqualByComparingTo("399.9447");
    assertThat(newestBill().content().amountDue()).isEqualByComparingTo("399.94");
    assertThat(note("n1", "5.5").accepted()).isTrue();
    // 499.9953 less 5.5: the lines come to 500, of which 0.0047 were rounded away.
    assertThat(note("n2", "495").problems().get(0))
        .startsWith(
            "of bill 1, 499.9953 USD in all with its rounding, at most 494.4953 USD can be"
                + " credited, not 495: credit notes on it gave 5.5 back, 394.44 is due,");
  }

  @Test
  void aNoteFirstMakesLessDueAndGivesBackToAPromotionLast() {
    billOctober(give(CreditKind.GRANT, "100", 1), give(CreditKind.TOP_UP, "150", 2));
    assertThat(newestBill().content().amountDue()).isEqualByComparingTo("250");
    assertThat(note("n1", "430").accepted()).isTrue();
    FinalBill.CreditNote note = newestBill().notes().get(0);
    assertThat(note.lessDue()).isEqualByComparingTo("250");
    assertThat(note.returned())
        .extracting(use -> use.kind() + " " + use.amount().toPlainString())
        .containsExactly("TOP_UP 150", "GRANT 30");
    assertThat(newestBill().leftDue()).isZero();
    List<LedgerPosting> postings = sent("ledger-entries", LedgerPosting.class);
    assertThat(postings.get(postings.size() - 1).entries())
        .extracting(entry -> entry.ledger() + " " + entry.amount().toPlainString())
        .containsExactly("ADJUSTMENTS 430", "RECEIVABLE -250", "CREDITS -150", "CREDITS -30");
    assertThat(state().granted(NOW)).isEqualByComparingTo("180");
  }

  private CommandResult reRate(String id, String difference) {
    return order(
        id, new Order.ReRate("acme", OCTOBER, 0, 1, BigDecimal.ZERO, new BigDecimal(difference)));
  }

  @Test
  void aNoteAndAReRatingGiveBackNoMoreThanWasBilled() {
    billOctober(give(CreditKind.TOP_UP, "100", 100));
    assertThat(note("n1", "450").accepted()).isTrue();
    assertThat(reRate("r1", "-120").accepted()).isTrue();
    // 450 and 120 are more than 500: 70 of it was given back before.
    List<AccountState.Charge> charges = state().periods().get(0).billing().charges();
    assertThat(charges)
        .extracting(charge -> charge.id() + " " + charge.amount().toPlainString())
        .containsExactly("ledger:r1 -120", "credit-notes:2026-10 70");
    assertThat(state().granted(NOW)).isEqualByComparingTo("100");
    assertThat(note("n2", "0.01").problems().get(0)).contains("nothing is left to be credited");
    // What it costs again is not kept any more.
    assertThat(reRate("r2", "-20").accepted()).isTrue();
    assertThat(state().periods().get(0).billing().charges())
        .extracting(charge -> charge.amount().toPlainString())
        .containsExactly("-120", "100");
  }

  /** What a credit gets back of one month and pays for another cancels out on the bill. */
  @Test
  void aBillOfWhichNothingIsDueHasItsPlaceInTheLedger() {
    billOctober(give(CreditKind.GRANT, "500", 100));
    assertThat(reRate("r1", "-120").accepted()).isTrue();
    order("seats", "seats", NOW, new Order.Debit("acme", new BigDecimal("120")));
    Instant december = Instant.parse("2026-12-05T00:00:00Z");
    order("november", "", december, new Order.FinalizeBill("acme", NOVEMBER));
    assertThat(newestBill().content().creditsApplied()).isEmpty();
    assertThat(newestBill().content().charges()).hasSize(2);
    assertThat(order("void", new Order.VoidBill("acme", 2)).accepted()).isTrue();
    assertThat(sent("ledger-entries", LedgerPosting.class))
        .filteredOn(posting -> posting.bill() == 2)
        .extracting(posting -> posting.kind() + " of " + posting.entries().get(0).amount())
        .containsExactly("BILL of 0", "VOID of 0");
  }

  @Test
  void aNoteAfterAReRatingGivesBackWhatIsLeft() {
    billOctober();
    assertThat(reRate("r1", "-120").accepted()).isTrue();
    assertThat(note("n1", "380.01").accepted()).isFalse();
    assertThat(note("n2", "380").accepted()).isTrue();
    assertThat(state().granted(NOW)).isZero();
  }

  @Test
  void anAccountHasRoomForSoManyCredits() {
    process("acme", new AccountInput.TermsInput(terms("acme", List.of(entry("*")))));
    Order.OfAccount grant =
        new Order.GrantCredit("acme", CreditKind.GRANT, BigDecimal.TEN, 100, null, null);
    for (int i = 0; i < Wallet.MOST_CREDITS; i++) {
      context.resetForwards();
      assertThat(order("grant-" + i, grant).accepted()).isTrue();
    }
    assertThat(order("one more", grant).refusal()).isEqualTo(CommandResult.Refusal.NOT_POSSIBLE);
  }

  @Test
  void whatCannotBeVoidedAnyMoreLeavesNoHistory() {
    process("acme", new AccountInput.TermsInput(terms("acme", List.of(entry("*")))));
    use("acme", "m");
    for (int month = 0; month < BillDesk.MOST_VOIDABLE; month++) {
      finalizeAfter(month);
    }
    assertThat(history()).isPositive();
    finalizeAfter(BillDesk.MOST_VOIDABLE);
    assertThat(history()).isZero();
    Instant now = Instant.parse("2028-01-01T00:00:00Z");
    for (int number = BillDesk.MOST_VOIDABLE + 1; number > 1; number--) {
      assertThat(order("void-" + number, "r", now, new Order.VoidBill("acme", number)).accepted())
          .isTrue();
    }
    CommandResult first = order("void-1", "r", now, new Order.VoidBill("acme", 1));
    assertThat(first.refusal()).isEqualTo(CommandResult.Refusal.NOT_POSSIBLE);
    assertThat(first.problems())
        .containsExactly(
            "bill 1 stands for good, because 3 bills came after it; write a credit note");
    // What was voided can be billed again, and a note is still possible.
    assertThat(
            order("again", "", now, new Order.FinalizeBill("acme", NOVEMBER.plusMonths(1)))
                .accepted())
        .isTrue();
  }

  private void finalizeAfter(int months) {
    YearMonth month = NOVEMBER.plusMonths(months);
    Instant at = month.plusMonths(1).atDay(5).atStartOfDay(ZoneId.of("UTC")).toInstant();
    assertThat(order("final-" + month, "", at, new Order.FinalizeBill("acme", month)).accepted())
        .isTrue();
  }

  private int history() {
    context.<CommitHook>getStateStore(AccountProcessor.COMMIT).flushCache();
    int entries = 0;
    try (var spending =
        context.<KeyValueStore<String, byte[]>>getStateStore(MoneyDesk.SPENDING).all()) {
      while (spending.hasNext()) {
        spending.next();
        entries++;
      }
    }
    return entries;
  }

  /** Intake may have got past a month's end while its lines still wait for the account's writer. */
  @Test
  void noBillBecomesFinalByItselfWhileInputThatHadToWaitIsRead() {
    process("acme", new AccountInput.TermsInput(terms("acme", List.of(entry("*")))));
    Instant back = Instant.parse("2026-12-06T00:00:00Z");
    context.setCurrentSystemTimeMs(back.toEpochMilli());
    use("acme", "m");
    sweep(back.plusSeconds(10));
    use("acme", "m");
    sweep(back.plusSeconds(20));
    assertThat(sent("bills", FinalBill.class)).isEmpty();
    sweep(back.plusSeconds(60));
    assertThat(sent("bills", FinalBill.class))
        .singleElement()
        .satisfies(bill -> assertThat(bill.content().requests()).isEqualTo(2));
  }

  /** Ten models with four tiered classes each, used in every quarter of an hour of a month. */
  @Test
  void aCreditIsMatchedWithAMonthOfTieredUsageWithinATransaction() {
    SpendHistory history =
        new SpendHistory(
            InMemory.store(
                new MockProcessorContext<Void, Void>(), "s", Serdes.String(), Serdes.ByteArray()));
    PriceSchedule schedule =
        new PriceSchedule.Graduated(List.of(new PriceSchedule.Tier(null, BigDecimal.ONE)));
    Wallet wallet = new Wallet();
    Instant start = Instant.parse("2026-11-01T00:00:00Z");
    int quarters = 30 * 24 * 4;
    for (int line = 0; line < 40; line++) {
      TieredUsage usage = new TieredUsage(schedule, 0);
      usage.unbilled.put(Instant.EPOCH, (long) quarters);
      String name = "model-" + line / 4 + "\nclass-" + line % 4 + "\nlist:model:v1";
      wallet.period(NOVEMBER).tiered.put(name, usage);
      for (int quarter = 0; quarter < quarters; quarter++) {
        Instant completion = start.plus(SpendHistory.QUARTER.multipliedBy(quarter));
        history.add("acme", NOVEMBER, 0, name, completion, Instant.EPOCH, BigDecimal.ONE);
      }
    }
    Instant from = Instant.parse("2026-11-11T00:00:00Z");
    Credit credit = Credit.of("c", CreditKind.GRANT, 1, BigDecimal.TEN, from, null);
    assertTimeout(
        TRANSACTION_TIMEOUT,
        () -> {
          Wallet.Spending spending = history.of("acme");
          assertThat(wallet.blurredBoundary(credit, spending)).isNull();
          wallet.add(credit, spending);
        });
    assertThat(wallet.period(NOVEMBER).tiered.values())
        .allSatisfy(
            usage ->
                assertThat(usage.unbilled)
                    .containsOnly(Map.entry(Instant.EPOCH, 960L), Map.entry(from, 1_920L)));
  }
}
