package dev.taximeter.api.bills;

import dev.taximeter.api.bills.document.BillDocument;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says of a bill what its documents show. What the bill does not know yet stays open. */
final class DocumentOfBill {
  private DocumentOfBill() {}

  static BillDocument of(Bills.Bill bill, Account account) {
    return new BillDocument(
        bill.account(),
        account.name(),
        YearMonth.parse(bill.period()),
        ZoneId.of(bill.zone()),
        bill.from(),
        bill.to(),
        bill.currency(),
        BillDocument.Status.valueOf(bill.status().name().toUpperCase(Locale.ROOT)),
        bill.number() == null ? null : bill.number().toString(),
        bill.finalizedAt(),
        lines(bill),
        totals(bill),
        new BillDocument.Settlement(
            bill.creditsApplied().stream().map(DocumentOfBill::credit).toList(),
            bill.exactDue(),
            bill.dueRounding(),
            // With all digits of the minor unit; a final bill keeps none that say nothing.
            Decimals.rounded(bill.amountDue(), bill.currency())),
        bill.notes().stream()
            .map(
                note ->
                    new BillDocument.Note(
                        Long.toString(note.number()),
                        note.at(),
                        note.amount(),
                        note.lessDue(),
                        note.returned().stream().map(DocumentOfBill::credit).toList(),
                        note.reason()))
            .toList(),
        new BillDocument.Coverage(
            bill.requests(),
            bill.unpriced(),
            bill.merged(),
            bill.covers() == null ? bill.asOf().sequence() : bill.covers().sequenceTo(),
            bill.asOf().time(),
            bill.asOf().completeness().through()),
        bill.contentHash());
  }

  private static List<BillDocument.Line> lines(Bills.Bill bill) {
    List<BillDocument.Line> lines = new ArrayList<>();
    bill.lines().forEach(line -> lines.add(line(line)));
    for (Bills.LateLine late : bill.lateLines()) {
      lines.add(
          new BillDocument.Line(
              BillDocument.Kind.LATE,
              late.model(),
              late.tokenClass(),
              YearMonth.parse(late.period()),
              late.quantity(),
              unitPrice(late.reckoning().unitPrice()),
              tiers(late.reckoning()),
              late.priceVersion(),
              late.amount(),
              late.reckoning().formula()));
    }
    for (Bills.ChargeLine charge : bill.charges()) {
      lines.add(
          new BillDocument.Line(
              BillDocument.Kind.CHARGE,
              charge.reason(),
              null,
              charge.period() == null ? null : YearMonth.parse(charge.period()),
              null,
              null,
              List.of(),
              null,
              charge.amount(),
              null));
    }
    return lines;
  }

  private static BillDocument.Credit credit(Bills.CreditApplied credit) {
    return new BillDocument.Credit(
        credit.credit(), credit.kind(), credit.reason(), credit.amount());
  }

  /** Of all lines: those that came late, and charges, too. */
  private static BillDocument.Totals totals(Bills.Bill bill) {
    BigDecimal exact = bill.exactTotal().add(bill.lateTotal()).add(bill.chargesTotal());
    BigDecimal rounded = Decimals.rounded(exact, bill.currency());
    return new BillDocument.Totals(exact, rounded.subtract(exact), rounded);
  }

  private static BillDocument.Line line(Bills.Line line) {
    return new BillDocument.Line(
        BillDocument.Kind.USAGE,
        line.model(),
        line.tokenClass(),
        null,
        line.quantity(),
        unitPrice(line.reckoning().unitPrice()),
        tiers(line.reckoning()),
        line.priceVersion(),
        line.amount(),
        line.reckoning().formula());
  }

  private static BillDocument.@Nullable UnitPrice unitPrice(Bills.@Nullable UnitPrice price) {
    return price == null ? null : new BillDocument.UnitPrice(price.amount(), price.per());
  }

  private static List<BillDocument.Tier> tiers(Bills.Reckoning reckoning) {
    List<Bills.Tier> tiers = reckoning.tiers();
    return tiers == null
        ? List.of()
        : tiers.stream()
            .map(
                tier ->
                    new BillDocument.Tier(
                        tier.above(),
                        tier.upTo(),
                        tier.quantity(),
                        new BillDocument.UnitPrice(
                            tier.unitPrice().amount(), tier.unitPrice().per()),
                        tier.amount()))
            .toList();
  }
}
