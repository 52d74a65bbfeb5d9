package dev.taximeter.api.bills;

import dev.taximeter.api.web.Freshness;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bills as they were known at an earlier instant: from landed usage that was settled by then, at
 * the prices that it was rated with. Prices that were learned later do not appear, because an event
 * keeps the price it was rated with.
 */
final class KnownBills {
  private static final int MOST_LINES = 10_000;

  private final FinalBills finals;
  private final LandedUsage landed;
  private final MonthPricing pricing;
  private final Explanations explanations;
  private final Freshness freshness;

  KnownBills(
      FinalBills finals,
      LandedUsage landed,
      MonthPricing pricing,
      Explanations explanations,
      Freshness freshness) {
    this.finals = finals;
    this.landed = landed;
    this.pricing = pricing;
    this.explanations = explanations;
    this.freshness = freshness;
  }

  /**
   * @return a {@link Bills.Bill} if one was final then, else a {@link Bills.KnownBill}
   */
  Object at(AccountState state, YearMonth month, Instant knownAt, Instant now) {
    FinalBill finalThen = finalThen(state.account(), month, knownAt);
    if (finalThen != null) {
      return explanations.explain(
          Bills.of(finalThen, freshness.of(state.sequence(), now)).knownAt(knownAt));
    }
    pricing.awaitLanding(state);
    ZoneId zone = ZoneId.of(state.zone());
    Instant from = month.atDay(1).atStartOfDay(zone).toInstant();
    Instant to = month.plusMonths(1).atDay(1).atStartOfDay(zone).toInstant();
    LandedUsage.Known known = landed.known(state.account(), from, to, knownAt);
    List<BillLine> charged =
        MonthPricing.bounded(
            landed.charged(
                new LandedUsage.Slice(state.account(), from, to, known.sequence()), MOST_LINES + 1),
            MOST_LINES,
            "lines");
    BigDecimal exact =
        charged.stream().map(BillLine::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
    BigDecimal total = Decimals.rounded(exact, state.currency());
    return new Bills.KnownBill(
        state.account(),
        month.toString(),
        knownAt.isBefore(to) ? Bills.Status.preview : Bills.Status.open,
        knownAt,
        known.sequence(),
        state.currency(),
        state.zone(),
        from,
        to,
        known.requests(),
        known.unpriced(),
        charged.stream()
            .sorted(Bills.ORDER)
            .map(Bills.Line::of)
            .map(explanations::explain)
            .toList(),
        exact,
        total,
        total.subtract(exact),
        freshness.of(state.sequence(), now));
  }

  /** The month's bill that counted then, as it was. */
  private @Nullable FinalBill finalThen(String account, YearMonth month, Instant knownAt) {
    return finals.of(account).stream()
        .filter(bill -> bill.period().equals(month) && !bill.finalizedAt().isAfter(knownAt))
        .filter(bill -> bill.voided() == null || bill.voided().at().isAfter(knownAt))
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
}
