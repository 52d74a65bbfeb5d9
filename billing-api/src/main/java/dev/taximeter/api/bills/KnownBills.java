package dev.taximeter.api.bills;

import dev.taximeter.api.web.AsOf;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.FinalBill;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
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
    FinalBill finalThen = finalThen(state.account(), month, knownAt);
    if (finalThen != null) {
      return explanations.explain(Bills.of(finalThen, asOf).knownAt(knownAt, null, asOf));
    }
    pricing.awaitLanding(state);
    pricing.await(
        () -> money.isComplete(state.account(), state.books().postings()),
        "Not all of the %d postings of account %s have landed in ClickHouse yet."
            .formatted(state.books().postings(), state.account()));
    LandedUsage.Known known = known(state, month, knownAt);
    AccountState then = stateThen(state, month, known, knownAt);
    return explanations.explain(
        Bills.preview(then, month, knownAt, freshness).knownAt(knownAt, known.sequence(), asOf));
  }

  private LandedUsage.Known known(AccountState state, YearMonth month, Instant knownAt) {
    ZoneId zone = ZoneId.of(state.zone());
    return landed.known(
        state.account(), start(month, zone), start(month.plusMonths(1), zone), knownAt);
  }

  private static Instant start(YearMonth month, ZoneId zone) {
    return month.atDay(1).atStartOfDay(zone).toInstant();
  }

  /** As much of the account's state of then as a preview of the month reads. */
  private AccountState stateThen(
      AccountState state, YearMonth month, LandedUsage.Known ofMonth, Instant knownAt) {
    LandedMoney.Known unbilled =
        money.known(state.account(), ZoneId.of(state.zone()), ofMonth.sequence(), knownAt);
    TreeSet<YearMonth> months = new TreeSet<>(unbilled.charges().keySet());
    state.periods().forEach(period -> months.add(period.period()));
    List<AccountState.Period> periods = new ArrayList<>();
    for (YearMonth earlier : months.headSet(month)) {
      AccountState.Period period =
          earlier(state, earlier, known(state, earlier, knownAt), unbilled, knownAt);
      boolean was =
          period.requests() > 0
              || period.billing().bill() != 0
              || !period.billing().charges().isEmpty();
      if (was) {
        periods.add(period);
      }
    }
    periods.add(
        new AccountState.Period(
            month,
            ofMonth.requests(),
            ofMonth.unpriced(),
            lines(slice(state, month, 0, ofMonth.sequence())),
            billing(0, month, unbilled, null),
            List.of(),
            merged(state, month)));
    return new AccountState(
        state.account(),
        ofMonth.sequence(),
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

  /** How many of then were merged is not known; of a month that is not full now, none were. */
  private static long merged(AccountState state, YearMonth month) {
    boolean full =
        state.periods().stream()
            .anyMatch(period -> period.period().equals(month) && period.merged() > 0);
    return full ? -1 : 0;
  }

  /** An earlier month; if it had a final bill, with what had come after that. */
  private AccountState.Period earlier(
      AccountState state,
      YearMonth month,
      LandedUsage.Known known,
      LandedMoney.Known unbilled,
      Instant knownAt) {
    FinalBill bill = finalThen(state.account(), month, knownAt);
    if (bill == null) {
      return new AccountState.Period(
          month,
          known.requests(),
          known.unpriced(),
          List.of(),
          billing(0, month, unbilled, null),
          List.of());
    }
    LandedUsage.Slice since =
        slice(state, month, billedTo(state.account(), month, knownAt), known.sequence());
    return new AccountState.Period(
        month,
        known.requests(),
        known.unpriced(),
        List.of(),
        billing(bill.number(), month, unbilled, landed.span(since)),
        lines(since));
  }

  /** Every bill takes what came late for months before its own that had one. */
  private long billedTo(String account, YearMonth month, Instant knownAt) {
    return finals.of(account).stream()
        .filter(bill -> !bill.period().isBefore(month) && counted(bill, knownAt))
        .mapToLong(bill -> bill.content().covers().sequenceTo())
        .max()
        .orElse(0);
  }

  private static AccountState.PeriodBilling billing(
      long bill, YearMonth month, LandedMoney.Known unbilled, LandedUsage.@Nullable Span late) {
    return new AccountState.PeriodBilling(
        bill,
        0,
        unbilled.uses().getOrDefault(month, List.of()),
        unbilled.charges().getOrDefault(month, List.of()),
        late == null ? null : late.from(),
        late == null ? null : late.to());
  }

  private static LandedUsage.Slice slice(
      AccountState state, YearMonth month, long after, long sequence) {
    ZoneId zone = ZoneId.of(state.zone());
    return new LandedUsage.Slice(
        state.account(), start(month, zone), start(month.plusMonths(1), zone), after, sequence);
  }

  private List<BillLine> lines(LandedUsage.Slice slice) {
    return MonthPricing.bounded(landed.charged(slice, MOST_LINES + 1), MOST_LINES, "lines").stream()
        .filter(line -> line.quantity() != 0 || line.amount().signum() != 0)
        .toList();
  }

  /** The month's bill that counted then, as it was. */
  private @Nullable FinalBill finalThen(String account, YearMonth month, Instant knownAt) {
    return finals.of(account).stream()
        .filter(bill -> bill.period().equals(month) && counted(bill, knownAt))
        .max(Comparator.comparingLong(FinalBill::number))
        .map(
            bill ->
                new FinalBill(
                    FinalBill.Status.FINAL,
                    bill.content(),
                    bill.finalizedAt(),
                    bill.finalizedBy(),
                    bill.contentHash(),
                    bill.notes().stream().filter(note -> !note.at().isAfter(knownAt)).toList(),
                    null))
        .orElse(null);
  }

  private static boolean counted(FinalBill bill, Instant knownAt) {
    FinalBill.Voided voided = bill.voided();
    return !bill.finalizedAt().isAfter(knownAt) && (voided == null || voided.at().isAfter(knownAt));
  }
}
