package dev.taximeter.api.bills;

import dev.taximeter.api.web.AsOf;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.BillLines;
import dev.taximeter.contract.event.FinalBill;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Bills as they were known at an earlier instant: the one that was final then, or the preview that
 * would have been made then. Usage is what was settled by then, at the prices that it was rated
 * with; charges and credits are what the ledger had by then, and which credits pay for what is
 * derived once more.
 */
final class KnownBills {
  private static final int MOST_LINES = 10_000;

  private final FinalBills finals;
  private final LandedUsage landed;
  private final LandedMoney money;
  private final MonthPricing pricing;
  private final Explanations explanations;
  private final Freshness freshness;

  KnownBills(
      FinalBills finals,
      LandedUsage landed,
      LandedMoney money,
      MonthPricing pricing,
      Explanations explanations,
      Freshness freshness) {
    this.finals = finals;
    this.landed = landed;
    this.money = money;
    this.pricing = pricing;
    this.explanations = explanations;
    this.freshness = freshness;
  }

  Bills.Bill at(AccountState state, YearMonth month, Instant knownAt, Instant now) {
    AsOf asOf = freshness.of(state.sequence(), now);
    pricing.awaitLanding(state);
    AccountState.Books books = state.books();
    pricing.await(
        () -> money.isComplete(state.account(), books),
        "Not all of the %d postings and %d bills of account %s have landed in ClickHouse yet."
            .formatted(books.postings(), books.bills(), state.account()));
    LandedMoney.Moment moment =
        money.moment(state.account(), landed.settledBy(state.account(), knownAt), knownAt);
    LandedMoney.Known known = money.known(state.account(), ZoneId.of(state.zone()), moment);
    Then then = new Then(state, moment.sequence(), known, bills(state.account(), known));
    FinalBill finalThen = then.billOf(month);
    if (finalThen != null) {
      // No bill is voided while a later one counts: those before it are as when it was made.
      return explanations.explain(
          Bills.of(finalThen, asOf).knownAt(knownAt, null, asOf),
          then.bills().stream().filter(bill -> bill.number() < finalThen.number()).toList());
    }
    // Which bills counted is the ledger's to say: commands may have waited.
    return explanations.explain(
        Bills.preview(stateOf(then, month), month, knownAt, freshness)
            .knownAt(knownAt, moment.sequence(), asOf),
        then.bills());
  }

  /**
   * An earlier moment.
   *
   * @param state the account's of now
   * @param sequence the account's of then
   * @param bills those that counted, as they were, by number
   */
  private record Then(
      AccountState state, long sequence, LandedMoney.Known money, List<FinalBill> bills) {
    @Nullable FinalBill billOf(YearMonth month) {
      FinalBill newest = null;
      for (FinalBill bill : bills) {
        newest = bill.period().equals(month) ? bill : newest;
      }
      return newest;
    }

    /** Every bill takes what came late for months before its own that had one. */
    long billedTo(YearMonth month) {
      return bills.stream()
          .filter(bill -> !bill.period().isBefore(month))
          .mapToLong(bill -> bill.content().covers().sequenceTo())
          .max()
          .orElse(0);
    }

    LandedUsage.Slice slice(YearMonth month, long after) {
      ZoneId zone = ZoneId.of(state.zone());
      return new LandedUsage.Slice(
          state.account(), start(month, zone), start(month.plusMonths(1), zone), after, sequence);
    }

    private static Instant start(YearMonth month, ZoneId zone) {
      return month.atDay(1).atStartOfDay(zone).toInstant();
    }
  }

  private List<FinalBill> bills(String account, LandedMoney.Known known) {
    pricing.await(
        () ->
            known.bills().keySet().stream()
                .allMatch(number -> finals.find(account, number) != null),
        "Not all bills of account %s have arrived here yet.".formatted(account));
    return finals.of(account).stream()
        .filter(bill -> known.bills().containsKey(bill.number()))
        .map(bill -> asItWas(bill, known.bills().getOrDefault(bill.number(), 0)))
        .toList();
  }

  private static FinalBill asItWas(FinalBill bill, int notes) {
    return new FinalBill(
        FinalBill.Status.FINAL,
        bill.content(),
        bill.finalizedAt(),
        bill.finalizedBy(),
        bill.contentHash(),
        bill.notes().stream().limit(notes).toList(),
        null);
  }

  /** As much of the account's state of then as a preview of the month reads. */
  private AccountState stateOf(Then then, YearMonth month) {
    AccountState state = then.state;
    TreeSet<YearMonth> months = new TreeSet<>(then.money.charges().keySet());
    state.periods().forEach(period -> months.add(period.period()));
    List<AccountState.Period> periods = new ArrayList<>();
    for (YearMonth earlier : months.headSet(month)) {
      AccountState.Period period = earlier(then, earlier);
      boolean was =
          period.requests() > 0
              || period.billing().bill() != 0
              || !period.billing().charges().isEmpty();
      if (was) {
        periods.add(period);
      }
    }
    LandedUsage.Counts counts = landed.counts(then.slice(month, 0));
    periods.add(
        new AccountState.Period(
            month,
            counts.requests(),
            counts.unpriced(),
            lines(then.slice(month, 0)),
            billing(0, month, then.money, null),
            List.of()));
    return new AccountState(
        state.account(),
        then.sequence,
        state.termsVersion(),
        state.currency(),
        state.zone(),
        state.spent(),
        state.requests(),
        state.credits(),
        periods,
        null,
        state.books());
  }

  /** An earlier month; if it had a final bill, with what had come after that. */
  private AccountState.Period earlier(Then then, YearMonth month) {
    LandedUsage.Counts counts = landed.counts(then.slice(month, 0));
    FinalBill bill = then.billOf(month);
    if (bill == null) {
      return new AccountState.Period(
          month,
          counts.requests(),
          counts.unpriced(),
          List.of(),
          billing(0, month, then.money, null),
          List.of());
    }
    LandedUsage.Slice since = then.slice(month, then.billedTo(month));
    return new AccountState.Period(
        month,
        counts.requests(),
        counts.unpriced(),
        List.of(),
        billing(bill.number(), month, then.money, landed.span(since)),
        isFull(then, month) ? BillLines.ofEntries(lines(since)) : lines(since));
  }

  /** What has room now had room then. */
  private boolean isFull(Then then, YearMonth month) {
    return then.state.periods().stream()
            .anyMatch(period -> period.period().equals(month) && BillLines.areFull(period.lines()))
        && BillLines.areFull(lines(then.slice(month, 0)));
  }

  private static AccountState.PeriodBilling billing(
      long bill, YearMonth month, LandedMoney.Known money, LandedUsage.@Nullable Span late) {
    return new AccountState.PeriodBilling(
        bill,
        0,
        money.uses().getOrDefault(month, List.of()),
        money.charges().getOrDefault(month, List.of()),
        late == null ? null : late.from(),
        late == null ? null : late.to());
  }

  private List<BillLine> lines(LandedUsage.Slice slice) {
    return MonthPricing.bounded(landed.charged(slice, MOST_LINES + 1), MOST_LINES, "lines").stream()
        .filter(line -> line.quantity() != 0 || line.amount().signum() != 0)
        .toList();
  }
}
