package dev.taximeter.api.bills;

import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.PriceVersions;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.rating.Explanation;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says how the lines of a bill come about, from the prices that they name. A line whose price is
 * not known here, or whose amount does not follow from it to the last digit, is left without an
 * explanation: none is better than a wrong one.
 */
final class Explanations {
  private final CatalogView catalog;
  private final FinalBills finals;

  Explanations(CatalogView catalog, FinalBills finals) {
    this.catalog = catalog;
    this.finals = finals;
  }

  private record LineKey(
      YearMonth period, String model, TokenClass tokenClass, String priceVersion) {}

  Bills.Bill explain(Bills.Bill bill) {
    return bill.lateLines().isEmpty()
        ? explain(bill, List.of())
        : explain(
            bill,
            finals.of(bill.account()).stream()
                .filter(earlier -> countedBefore(earlier, bill))
                .toList());
  }

  /**
   * @param before bills that counted when it was made
   */
  Bills.Bill explain(Bills.Bill bill, List<FinalBill> before) {
    Map<LineKey, Long> billed = billed(before);
    return bill.withLines(
        bill.lines().stream().map(this::explain).toList(),
        bill.lateLines().stream().map(late -> explain(late, billed)).toList());
  }

  Bills.Line explain(Bills.Line line) {
    Explanation found =
        find(line.tokenClass(), line.priceVersion(), 0, line.quantity(), line.amount());
    return found == null ? line : line.with(Bills.Reckoning.of(found));
  }

  private Bills.LateLine explain(Bills.LateLine late, Map<LineKey, Long> billed) {
    LineKey key =
        new LineKey(
            YearMonth.parse(late.period()), late.model(), late.tokenClass(), late.priceVersion());
    Explanation found =
        find(
            late.tokenClass(),
            late.priceVersion(),
            billed.getOrDefault(key, 0L),
            late.quantity(),
            late.amount());
    return found == null ? late : late.with(Bills.Reckoning.of(found));
  }

  /**
   * @return how the line comes about; null if it is not known
   */
  @Nullable Explanation find(
      TokenClass tokenClass, String priceVersion, long before, long quantity, BigDecimal amount) {
    PriceVersions.Found found = catalog.priceVersions().find(priceVersion, tokenClass);
    if (found == null || before < 0 || quantity < 0) {
      return null;
    }
    Explanation explanation = explanation(found, tokenClass, before, quantity);
    boolean exact =
        !explanation.formula().isEmpty()
            && explanation.amount(quantity).compareTo(amount) == 0
            && (explanation.unitPrice() != null || quantityOf(explanation) == quantity);
    return exact ? explanation : null;
  }

  private static Explanation explanation(
      PriceVersions.Found found, TokenClass tokenClass, long before, long quantity) {
    PriceSchedule schedule = found.schedule();
    BigDecimal perRequest =
        tokenClass == TokenClass.REQUEST && schedule instanceof PriceSchedule.Flat flat
            ? flat.perMillion().movePointLeft(6)
            : found.perRequest();
    if (perRequest == null && schedule == null) {
      throw new IllegalStateException("a price version without a price");
    }
    Explanation plain =
        perRequest == null && schedule != null
            ? Explanation.of(schedule, before, quantity)
            : Explanation.ofRequests(perRequest == null ? BigDecimal.ZERO : perRequest, quantity);
    String percent = found.percent();
    return percent == null ? plain : plain.including(percent);
  }

  private static long quantityOf(Explanation explanation) {
    return explanation.parts().stream().mapToLong(Explanation.Part::quantity).sum();
  }

  /** What bills have of each line: late usage begins behind it. */
  private static Map<LineKey, Long> billed(List<FinalBill> bills) {
    Map<LineKey, Long> billed = new HashMap<>();
    for (FinalBill earlier : bills) {
      FinalBill.Content content = earlier.content();
      content.lines().forEach(line -> add(billed, content.period(), line));
      content.lateLines().forEach(late -> add(billed, late.period(), late.line()));
    }
    return billed;
  }

  /**
   * No bill is voided while a later one counts. So what is void now did not count when a bill was
   * made that counts still, whatever the instants say: those of commands that waited are of before.
   */
  private static boolean countedBefore(FinalBill earlier, Bills.Bill bill) {
    Long number = bill.number();
    Instant finalizedAt = bill.finalizedAt();
    FinalBill.Voided voided = earlier.voided();
    boolean before = number == null || earlier.number() < number;
    boolean wasVoidedLater =
        bill.status() == Bills.Status.VOID
            && voided != null
            && finalizedAt != null
            && voided.at().isAfter(finalizedAt);
    return before && (voided == null || wasVoidedLater);
  }

  private static void add(Map<LineKey, Long> billed, YearMonth period, BillLine line) {
    billed.merge(
        new LineKey(period, line.model(), line.tokenClass(), line.priceVersion()),
        line.quantity(),
        Long::sum);
  }
}
