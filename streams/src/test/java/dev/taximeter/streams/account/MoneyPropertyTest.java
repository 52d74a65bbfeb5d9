package dev.taximeter.streams.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Credit;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountAssembly;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.AccountState.CreditState;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.SuspenseItem;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.json.Json;
import dev.taximeter.streams.topology.parts.CommitHook;
import dev.taximeter.streams.topology.parts.InMemory;
import java.io.File;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.LongRange;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedForward;
import org.apache.kafka.streams.processor.api.Record;

/** Random histories of an account: order does not matter, and nothing is lost or made. */
class MoneyPropertyTest {
  private static final String ACCOUNT = "acme";
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
  private static final Instant NOW = Instant.parse("2026-12-20T10:00:00Z");
  private static final Instant FIRST = Instant.parse("2026-09-25T00:00:00Z");
  private static final Instant IN_AUGUST = Instant.parse("2026-08-20T00:00:00Z");
  private static final Instant LAST = Instant.parse("2026-11-05T00:00:00Z");
  private static final YearMonth AUGUST = YearMonth.of(2026, 8);
  private static final YearMonth SEPTEMBER = YearMonth.of(2026, 9);
  private static final YearMonth OCTOBER = YearMonth.of(2026, 10);
  private static final YearMonth NOVEMBER = YearMonth.of(2026, 11);

  /** What happens to the account, in steps; within a step the order is free. */
  private record History(AccountTerms terms, List<List<AccountInput>> steps) {}

  /** What came out of it. */
  private record Outcome(List<FinalBill> bills, List<LedgerPosting> postings, AccountState state) {}

  private static final class Generator {
    private final Random random;
    private int lines;
    private int commands;

    Generator(long seed) {
      random = new Random(seed);
    }

    History history() {
      List<List<AccountInput>> steps = new ArrayList<>();
      List<AccountInput> first = usage();
      // Without usage there would be no bill of September.
      first.add(usage(FIRST));
      for (int i = random.nextInt(3); i > 0; i--) {
        first.add(grant());
      }
      steps.add(first);
      reRate(steps, SEPTEMBER);
      steps.add(List.of(order(new Order.FinalizeBill(ACCOUNT, SEPTEMBER))));
      note(steps, 1);
      steps.add(usage());
      reRate(steps, SEPTEMBER);
      reRate(steps, OCTOBER);
      // Usage of a month before, whose bill comes between.
      boolean backfilled = random.nextInt(3) == 0;
      if (backfilled) {
        steps.add(List.of(usage(IN_AUGUST), usage(IN_AUGUST.plusSeconds(1))));
        steps.add(List.of(order(new Order.FinalizeBill(ACCOUNT, AUGUST))));
        reRate(steps, SEPTEMBER);
      }
      steps.add(List.of(order(new Order.FinalizeBill(ACCOUNT, OCTOBER))));
      note(steps, 1);
      if (random.nextInt(3) == 0) {
        steps.add(usage());
        steps.add(List.of(order(new Order.VoidBill(ACCOUNT, backfilled ? 3 : 2))));
        steps.add(usage());
        reRate(steps, SEPTEMBER);
        steps.add(List.of(order(new Order.FinalizeBill(ACCOUNT, OCTOBER))));
      }
      note(steps, 2);
      steps.add(usage());
      reRate(steps, OCTOBER);
      steps.add(List.of(order(new Order.FinalizeBill(ACCOUNT, NOVEMBER))));
      note(steps, 1);
      steps.add(usage());
      return new History(terms(), steps);
    }

    private void note(List<List<AccountInput>> steps, long bill) {
      if (random.nextInt(2) == 0) {
        // Some are more than is left of the bill, and refused.
        for (int digits = 0; digits < 3; digits++) {
          BigDecimal amount = amount().movePointLeft(digits);
          steps.add(List.of(order(new Order.NoteCredit(ACCOUNT, bill, amount))));
        }
      }
    }

    /** Up to a basis that the writer cannot check, so that the difference may be anything. */
    private void reRate(List<List<AccountInput>> steps, YearMonth period) {
      if (random.nextInt(2) == 0) {
        BigDecimal amount = amount().movePointLeft(random.nextInt(3));
        BigDecimal difference = random.nextInt(3) == 0 ? amount : amount.negate();
        steps.add(
            List.of(order(new Order.ReRate(ACCOUNT, period, 0, 1, BigDecimal.ZERO, difference))));
      }
    }

    private AccountTerms terms() {
      PriceSchedule tiers =
          new PriceSchedule.Graduated(
              List.of(
                  new PriceSchedule.Tier(5_000L, new BigDecimal("100")),
                  new PriceSchedule.Tier(null, new BigDecimal("33.333333"))));
      PriceEntry tiered =
          new PriceEntry("b", "t-*", Instant.EPOCH, 1, Map.of(TokenClass.INPUT, tiers));
      PriceSchedule falls =
          new PriceSchedule.Volume(
              List.of(
                  new PriceSchedule.Tier(6_000L, new BigDecimal("150")),
                  new PriceSchedule.Tier(null, new BigDecimal("20"))));
      PriceEntry volume =
          new PriceEntry("b", "v-*", Instant.EPOCH, 1, Map.of(TokenClass.INPUT, falls));
      PriceEntry flat =
          new PriceEntry(
              "b",
              "*",
              Instant.EPOCH,
              1,
              Map.of(TokenClass.INPUT, new PriceSchedule.Flat(new BigDecimal("12.5"))));
      List<Credit> credits = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        // Known before the usage, hence to the millisecond.
        credits.add(
            new Credit("credit-" + i, ACCOUNT, amount(), random.nextBoolean() ? instant() : null));
      }
      return new AccountTerms(
          new Account(ACCOUNT, "A", "USD", ZONE, "p"),
          1,
          new Plan("p", "b", new BigDecimal("0.0001"), 1),
          List.of(tiered, volume, flat),
          credits,
          List.of());
    }

    private BigDecimal amount() {
      return BigDecimal.valueOf(1 + random.nextInt(3_000_000), 6);
    }

    private Instant instant() {
      return FIRST.plusMillis(random.nextLong(Duration.between(FIRST, LAST).toMillis()));
    }

    /** Among usage that may have come already: full quarters. */
    private AccountInput grant() {
      Instant from = random.nextBoolean() ? SpendHistory.quarterOf(instant()) : null;
      Instant to =
          random.nextBoolean() ? SpendHistory.quarterOf(instant()).plus(7, ChronoUnit.DAYS) : null;
      boolean ordered = from == null || to == null || from.isBefore(to);
      return order(
          new Order.GrantCredit(
              ACCOUNT,
              random.nextBoolean() ? CreditKind.GRANT : CreditKind.TOP_UP,
              amount(),
              random.nextInt(3),
              ordered ? from : null,
              to));
    }

    private AccountInput order(Order order) {
      return new AccountInput.OrderInput(
          new Instruction("c-" + commands++, "ann", "r", NOW, 1, List.of(), order, null));
    }

    private List<AccountInput> usage() {
      List<AccountInput> usage = new ArrayList<>();
      for (int i = random.nextInt(25); i > 0; i--) {
        usage.add(usage(random.nextInt(8) == 0 ? edge() : instant()));
      }
      return usage;
    }

    private AccountInput usage(Instant completion) {
      return new AccountInput.UsageInput(
          new Usage(
              "%032x".formatted(lines++),
              Fate.BILLED,
              "k",
              null,
              null,
              List.of("t-", "v-", "m-").get(random.nextInt(3)) + random.nextInt(3),
              new TokenCounts(random.nextInt(4_000), 0, 0, 0, 0),
              completion,
              completion,
              NOW,
              new LineSource("h", "p"),
              0,
              "s",
              List.of(),
              null));
    }

    private Instant edge() {
      return OCTOBER.atDay(1).atStartOfDay(ZONE).toInstant().plusMillis(random.nextInt(3) - 1);
    }
  }

  /** Runs a history. A commit, a sweep or a crash may come between any two inputs. */
  private static Outcome run(History history, long seed) {
    Random random = new Random(seed);
    List<byte[]> postings = new ArrayList<>();
    List<byte[]> bills = new ArrayList<>();
    AccountAssembly assembly = new AccountAssembly();
    AccountState[] state = new AccountState[1];
    MockProcessorContext<byte[], byte[]> context = context();
    List<StateStore> stores = stores(context);
    Machine machine = new Machine(context);
    machine.process(new AccountInput.TermsInput(history.terms()));
    for (List<AccountInput> step : history.steps()) {
      List<AccountInput> shuffled = new ArrayList<>(step);
      Collections.shuffle(shuffled, random);
      for (AccountInput input : shuffled) {
        machine.process(input);
        if (random.nextInt(10) == 0) {
          machine.sweep();
        }
        if (random.nextInt(5) == 0) {
          machine.commit();
        }
      }
      if (random.nextInt(4) == 0) {
        // What was committed is all that a successor has.
        machine.commit();
        MockProcessorContext<byte[], byte[]> next = context();
        stores.forEach(next::addStateStore);
        machine = machine.successor(next);
      }
    }
    machine.sweep();
    machine.emit();
    machine.commit();
    for (CapturedForward<? extends byte[], ? extends byte[]> sent : machine.sent()) {
      byte[] value = sent.record().value();
      switch (sent.childName().orElse("")) {
        case "ledger-entries" -> postings.add(value);
        case "bills" -> bills.add(value);
        case "account-states" -> {
          AccountState whole = assembly.accept(Json.MAPPER.readValue(value, AccountRecord.class));
          state[0] = whole == null ? state[0] : whole;
        }
        default -> {}
      }
    }
    return new Outcome(
        bills.stream().map(bytes -> Json.MAPPER.readValue(bytes, FinalBill.class)).toList(),
        postings.stream().map(bytes -> Json.MAPPER.readValue(bytes, LedgerPosting.class)).toList(),
        state[0]);
  }

  private static MockProcessorContext<byte[], byte[]> context() {
    MockProcessorContext<byte[], byte[]> context =
        new MockProcessorContext<>(new Properties(), new TaskId(0, 0), new File("unused"));
    context.setCurrentSystemTimeMs(NOW.toEpochMilli());
    context.setRecordMetadata("account.inputs.v1", 0, 0);
    return context;
  }

  private static List<StateStore> stores(MockProcessorContext<byte[], byte[]> context) {
    List<StateStore> stores = new ArrayList<>();
    for (String name :
        List.of(
            AccountProcessor.HEADS,
            AccountProcessor.BILL_LINES,
            AccountProcessor.COUNTS,
            AccountProcessor.PENDING,
            MoneyDesk.SPENDING,
            QuotaDesk.QUOTAS)) {
      stores.add(InMemory.store(context, name, Serdes.String(), Serdes.ByteArray()));
    }
    stores.add(json(context, AccountProcessor.TERMS, AccountTerms.class));
    stores.add(json(context, AccountProcessor.HELD, Usage.class));
    stores.add(json(context, MoneyDesk.COMMANDS, MoneyDesk.Decided.class));
    stores.add(json(context, MoneyDesk.BILLS, MoneyDecision.StoredBill.class));
    stores.add(json(context, MoneyDesk.BILLED_LINES, AccountBooks.BilledLines.class));
    stores.add(json(context, Clearing.KEYS, Holdings.Holding.class));
    stores.add(json(context, Clearing.UNCLAIMED, Usage.class));
    stores.add(json(context, Clearing.SUSPENSE, SuspenseItem.class));
    stores.add(InMemory.build(context, CommitHook.builder(AccountProcessor.COMMIT)));
    return stores;
  }

  private static <T> StateStore json(
      MockProcessorContext<byte[], byte[]> context, String name, Class<T> type) {
    return InMemory.store(context, name, Serdes.String(), Json.serde(type));
  }

  /** A processor, and what its predecessors and it have sent. */
  private static final class Machine {
    private final MockProcessorContext<byte[], byte[]> context;
    private final AccountProcessor processor;
    private final List<CapturedForward<? extends byte[], ? extends byte[]>> before =
        new ArrayList<>();

    Machine(MockProcessorContext<byte[], byte[]> context) {
      this.context = context;
      this.processor =
          new AccountProcessor(Duration.ofHours(2), new BillingSettings(Duration.ofDays(3_000)));
      processor.init(context);
    }

    Machine successor(MockProcessorContext<byte[], byte[]> next) {
      Machine machine = new Machine(next);
      machine.before.addAll(sent());
      return machine;
    }

    void process(AccountInput input) {
      processor.process(new Record<>(ACCOUNT, input, NOW.toEpochMilli()));
    }

    void commit() {
      context.<CommitHook>getStateStore(AccountProcessor.COMMIT).flushCache();
    }

    void sweep() {
      punctuate(AccountProcessor.SWEEP_INTERVAL);
    }

    void emit() {
      punctuate(Duration.ofMillis(50));
    }

    private void punctuate(Duration interval) {
      context.scheduledPunctuators().stream()
          .filter(scheduled -> !scheduled.cancelled())
          .filter(scheduled -> scheduled.getInterval().equals(interval))
          .toList()
          .forEach(scheduled -> scheduled.getPunctuator().punctuate(NOW.toEpochMilli()));
    }

    List<CapturedForward<? extends byte[], ? extends byte[]>> sent() {
      List<CapturedForward<? extends byte[], ? extends byte[]>> all = new ArrayList<>(before);
      all.addAll(context.forwarded());
      return all;
    }
  }

  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void billsDoNotDependOnTheOrderOfArrival(@ForAll @LongRange(min = 0, max = 1L << 40) long seed) {
    History history = new Generator(seed).history();
    Outcome one = run(history, seed);
    Outcome other = run(history, seed + 1);
    assertThat(one.bills()).isNotEmpty();
    assertThat(Json.MAPPER.writeValueAsString(other.bills()))
        .isEqualTo(Json.MAPPER.writeValueAsString(one.bills()));
    assertThat(other.state().credits()).isEqualTo(one.state().credits());
    agree(one);
    agree(other);
    givesBackNoMoreThanItCost(one);
    owesNothingThatWasGiven(one);
  }

  /**
   * As long as no month costs less than 0, all bills together are never owed to the account, credit
   * notes included: else what was given for nothing would have become money, or something would
   * have been given back twice.
   */
  private static void owesNothingThatWasGiven(Outcome outcome) {
    Map<Long, FinalBill> counting = new TreeMap<>();
    for (FinalBill bill : outcome.bills()) {
      if (bill.status() == FinalBill.Status.FINAL) {
        counting.put(bill.number(), bill);
      } else {
        counting.remove(bill.number());
      }
      Map<YearMonth, BigDecimal> costs = new HashMap<>();
      BigDecimal due = BigDecimal.ZERO;
      BigDecimal rounded = BigDecimal.ZERO;
      for (FinalBill each : counting.values()) {
        FinalBill.Content content = each.content();
        costs.merge(content.period(), content.exactTotal(), BigDecimal::add);
        content
            .lateLines()
            .forEach(late -> costs.merge(late.period(), late.line().amount(), BigDecimal::add));
        content.charges().stream()
            // What notes had given back is charged besides, whatever the month costs.
            .filter(charge -> charge.kind() == LedgerPosting.Kind.RE_RATING)
            .forEach(charge -> costs.merge(month(charge), charge.amount(), BigDecimal::add));
        due = due.add(content.exactDue());
        due = due.subtract(content.amountDue()).add(each.leftDue());
        rounded = rounded.add(content.exactDue().subtract(content.amountDue()).abs());
      }
      if (costs.values().stream().anyMatch(cost -> cost.signum() < 0)) {
        return;
      }
      assertThat(due.add(rounded)).isNotNegative();
    }
  }

  /**
   * Notes on a bill are never more than what its months cost in the end, whatever came when. Random
   * re-ratings may leave a month below 0; there nothing but the notes is kept.
   */
  private static void givesBackNoMoreThanItCost(Outcome outcome) {
    Map<Long, FinalBill> counting = new TreeMap<>();
    outcome.bills().forEach(bill -> counting.put(bill.number(), bill));
    counting.values().removeIf(bill -> bill.status() != FinalBill.Status.FINAL);
    Map<YearMonth, BigDecimal> costs = new HashMap<>();
    List<AccountState.Charge> charges = new ArrayList<>();
    for (AccountState.Period period : outcome.state().periods()) {
      costs.merge(period.period(), sum(period.lines()), BigDecimal::add);
      charges.addAll(period.billing().charges());
    }
    counting.values().forEach(bill -> charges.addAll(bill.content().charges()));
    Map<YearMonth, BigDecimal> asked = new HashMap<>(costs);
    for (AccountState.Charge charge : charges) {
      costs.merge(month(charge), charge.amount(), BigDecimal::add);
      if (charge.kind() == LedgerPosting.Kind.RE_RATING) {
        asked.merge(month(charge), charge.amount(), BigDecimal::add);
      }
    }
    for (FinalBill bill : counting.values()) {
      Set<YearMonth> months = new TreeSet<>(Set.of(bill.period()));
      bill.content().lateLines().forEach(late -> months.add(late.period()));
      bill.content().charges().forEach(charge -> months.add(month(charge)));
      if (months.stream().allMatch(month -> asked.get(month).signum() >= 0)) {
        BigDecimal cost = months.stream().map(costs::get).reduce(BigDecimal.ZERO, BigDecimal::add);
        BigDecimal rounding = bill.content().amountDue().subtract(bill.content().exactDue()).abs();
        assertThat(bill.notedTotal()).isLessThanOrEqualTo(cost.add(rounding));
      }
    }
  }

  private static YearMonth month(AccountState.Charge charge) {
    YearMonth period = charge.period();
    return period == null ? YearMonth.from(charge.at().atZone(ZONE)) : period;
  }

  /** One number everywhere. */
  private static void agree(Outcome outcome) {
    AccountState state = outcome.state();
    Map<LedgerPosting.LedgerAccount, BigDecimal> sums = new HashMap<>();
    long number = 0;
    BigDecimal reRated = BigDecimal.ZERO;
    BigDecimal kept = BigDecimal.ZERO;
    for (LedgerPosting posting : outcome.postings()) {
      assertThat(posting.number()).isEqualTo(++number);
      for (LedgerPosting.Entry entry : posting.entries()) {
        sums.merge(entry.ledger(), entry.amount(), BigDecimal::add);
        boolean unbilled = entry.ledger() == LedgerPosting.LedgerAccount.UNBILLED;
        if (unbilled && posting.kind() == LedgerPosting.Kind.RE_RATING) {
          reRated = reRated.add(entry.amount());
        } else if (unbilled && posting.kind() == LedgerPosting.Kind.ADJUSTMENT) {
          kept = kept.add(entry.amount());
        }
      }
    }
    assertThat(sums.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add)).isZero();
    BigDecimal owed =
        List.of(
                LedgerPosting.LedgerAccount.CREDITS,
                LedgerPosting.LedgerAccount.UNBILLED,
                LedgerPosting.LedgerAccount.RECEIVABLE,
                LedgerPosting.LedgerAccount.ROUNDING)
            .stream()
            .map(ledger -> sums.getOrDefault(ledger, BigDecimal.ZERO))
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    assertThat(owed.negate()).isEqualByComparingTo(state.granted(NOW).subtract(state.spent()));
    assertThat(sums.getOrDefault(LedgerPosting.LedgerAccount.USAGE, BigDecimal.ZERO).negate())
        .isEqualByComparingTo(state.spent().add(reRated));
    assertThat(reRated.add(kept)).isEqualByComparingTo(state.books().charged());
    assertThat(kept).isNotNegative();
    BigDecimal billed = BigDecimal.ZERO;
    Map<String, BigDecimal> applied = new HashMap<>();
    Map<Long, FinalBill> latest = new HashMap<>();
    outcome.bills().forEach(bill -> latest.put(bill.number(), bill));
    for (FinalBill bill : latest.values()) {
      assertThat(bill.contentHash()).isEqualTo(bill.content().hash());
      if (bill.status() == FinalBill.Status.FINAL) {
        billed = billed.add(bill.content().exactTotal()).add(bill.content().lateTotal());
        bill.content()
            .creditsApplied()
            .forEach(use -> applied.merge(use.credit(), use.amount(), BigDecimal::add));
        bill.notes().stream()
            .flatMap(note -> note.returned().stream())
            .forEach(use -> applied.merge(use.credit(), use.amount().negate(), BigDecimal::add));
        assertThat(bill.leftDue())
            .isGreaterThanOrEqualTo(bill.content().amountDue().min(BigDecimal.ZERO));
      }
    }
    BigDecimal unbilled = BigDecimal.ZERO;
    for (AccountState.Period period : state.periods()) {
      unbilled = unbilled.add(sum(period.billing().bill() == 0 ? period.lines() : period.late()));
    }
    assertThat(billed.add(unbilled)).isEqualByComparingTo(state.spent());
    for (CreditState credit : state.credits()) {
      assertThat(credit.applied()).isLessThanOrEqualTo(credit.amount());
      assertThat(credit.drawn()).isNotNegative().isLessThanOrEqualTo(credit.amount());
      assertThat(credit.applied())
          .isEqualByComparingTo(applied.getOrDefault(credit.id(), BigDecimal.ZERO));
    }
  }

  private static BigDecimal sum(List<AccountState.BillLine> lines) {
    return lines.stream()
        .map(AccountState.BillLine::amount)
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }
}
