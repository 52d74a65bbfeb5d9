package dev.taximeter.streams.account;

import static dev.taximeter.streams.account.RandomHistory.NOW;
import static dev.taximeter.streams.account.RandomHistory.ZONE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.bills.ShownBill;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.CreditState;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.json.Json;
import dev.taximeter.streams.account.RandomHistory.History;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.statistics.Statistics;
import org.jspecify.annotations.Nullable;

/** Random histories of an account: order does not matter, and nothing is lost or made. */
class MoneyPropertyTest {
  /** What came out of a history. */
  private record Outcome(List<FinalBill> bills, List<LedgerPosting> postings, AccountState state) {}

  /** Runs a history. A commit, a sweep or a crash may come between any two inputs. */
  private static Outcome run(History history, long seed) {
    Random random = new Random(seed);
    MoneyMachine machine = new MoneyMachine();
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
        machine.crash();
      }
    }
    machine.sweep();
    machine.emit();
    machine.commit();
    AccountState state = machine.state();
    return new Outcome(machine.bills, machine.postings, state);
  }

  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void billsDoNotDependOnTheOrderOfArrival(@ForAll @LongRange(min = 0, max = 1L << 40) long seed) {
    History history = new RandomHistory(seed).history();
    Outcome one = run(history, seed);
    Outcome other = run(history, seed + 1);
    assertThat(one.bills()).isNotEmpty();
    assertThat(Json.MAPPER.writeValueAsString(other.bills()))
        .isEqualTo(Json.MAPPER.writeValueAsString(one.bills()));
    haveEqualCredits(one, other);
    agree(one);
    agree(other);
    givesBackNoMoreThanItCost(one);
    owesNothingThatWasGiven(one);
  }

  /** Late usage of a month keeps a credit in the state if it comes before the sweep, not behind. */
  @Example
  void creditsLeaveTheStateInAnyOrder() {
    billsDoNotDependOnTheOrderOfArrival(2_859_754);
  }

  /** Where a credit that is over lies depends on which months were open when a sweep looked. */
  private static void haveEqualCredits(Outcome one, Outcome other) {
    Map<String, AccountState.CreditState> credits = new TreeMap<>();
    one.state().credits().forEach(credit -> credits.put(credit.id(), credit));
    for (AccountState.CreditState credit : other.state().credits()) {
      AccountState.CreditState twin = credits.remove(credit.id());
      if (twin == null) {
        isOver(credit);
      } else {
        assertThat(credit).isEqualTo(twin);
      }
    }
    credits.values().forEach(MoneyPropertyTest::isOver);
  }

  private static void isOver(AccountState.CreditState credit) {
    assertThat(credit.drawn()).isEqualByComparingTo(credit.applied());
    if (credit.expiresAt() == null || credit.expiresAt().isAfter(NOW)) {
      assertThat(credit.applied()).isEqualByComparingTo(credit.amount());
    }
  }

  /** Whatever came before: what is shown of a month that has ended is what its bill says then. */
  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void aPreviewIsTheBillThatIsMadeThen(@ForAll @LongRange(min = 0, max = 1L << 40) long seed) {
    MoneyMachine machine = new MoneyMachine();
    Random random = new Random(seed);
    for (AccountInput input : new RandomHistory(seed).eventful()) {
      YearMonth month = finalised(input);
      String preview = month == null ? "" : preview(machine, month);
      int made = machine.bills.size();
      machine.process(input);
      machine.collect();
      if (month != null && machine.bills.size() > made) {
        FinalBill bill = machine.bills.get(machine.bills.size() - 1);
        assertThat(ShownBill.of(bill, NOW)).isEqualTo(preview);
        FinalBill.Content content = bill.content();
        Statistics.label("due").collect(content.amountDue().signum());
        Statistics.label("late").collect(!content.lateLines().isEmpty());
        Statistics.label("charged").collect(!content.charges().isEmpty());
        Statistics.label("paid").collect(!content.creditsApplied().isEmpty());
      }
      if (random.nextInt(10) == 0) {
        machine.sweep();
      }
      if (random.nextInt(20) == 0) {
        machine.crash();
      }
    }
    Statistics.label("due")
        .coverage(
            coverage -> {
              coverage.check(-1).count(count -> count > 0);
              coverage.check(0).count(count -> count > 0);
              coverage.check(1).count(count -> count > 0);
            });
    for (String kind : List.of("late", "charged", "paid")) {
      Statistics.label(kind).coverage(coverage -> coverage.check(true).count(count -> count > 5));
    }
  }

  private static @Nullable YearMonth finalised(AccountInput input) {
    return input instanceof AccountInput.OrderInput order
            && order.instruction().order() instanceof Order.FinalizeBill bill
        ? bill.period()
        : null;
  }

  private static String preview(MoneyMachine machine, YearMonth month) {
    machine.emit();
    return ShownBill.preview(machine.state(), month, NOW);
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
    everyBillHasItsPlace(outcome);
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

  /** In the ledger, whatever is due; so has every void. */
  private static void everyBillHasItsPlace(Outcome outcome) {
    List<Long> posted = new ArrayList<>();
    List<Long> undone = new ArrayList<>();
    for (LedgerPosting posting : outcome.postings()) {
      if (posting.kind() == LedgerPosting.Kind.BILL) {
        posted.add(posting.bill());
      } else if (posting.kind() == LedgerPosting.Kind.VOID) {
        undone.add(posting.bill());
      }
    }
    Set<Long> made = new TreeSet<>();
    Set<Long> voided = new TreeSet<>();
    for (FinalBill bill : outcome.bills()) {
      made.add(bill.number());
      if (bill.status() == FinalBill.Status.VOID) {
        voided.add(bill.number());
      }
    }
    assertThat(posted).containsExactlyElementsOf(made);
    assertThat(undone).containsExactlyElementsOf(voided);
  }

  private static BigDecimal sum(List<AccountState.BillLine> lines) {
    return lines.stream()
        .map(AccountState.BillLine::amount)
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }
}
