package dev.taximeter.api.bills;

import dev.taximeter.api.bills.document.BillDocument;
import dev.taximeter.contract.catalog.Account;
import java.time.YearMonth;
import java.util.List;
import java.util.Locale;

/** Says of a bill what its documents show. What the bill does not know yet stays open. */
final class DocumentOfBill {
  private DocumentOfBill() {}

  static BillDocument of(Bills.Bill bill, Account account) {
    return new BillDocument(
        bill.account(),
        account.name(),
        YearMonth.parse(bill.period()),
        account.timezone(),
        bill.from(),
        bill.to(),
        bill.currency(),
        BillDocument.Status.valueOf(bill.status().name().toUpperCase(Locale.ROOT)),
        null,
        null,
        bill.lines().stream().map(DocumentOfBill::line).toList(),
        new BillDocument.Totals(bill.exactTotal(), bill.rounding(), bill.total()),
        null,
        List.of(),
        new BillDocument.Coverage(
            bill.requests(),
            bill.unpriced(),
            null,
            bill.asOf().sequence(),
            bill.asOf().time(),
            bill.asOf().completeness().through()),
        null);
  }

  private static BillDocument.Line line(Bills.Line line) {
    return new BillDocument.Line(
        BillDocument.Kind.USAGE,
        line.model(),
        line.tokenClass(),
        null,
        line.quantity(),
        null,
        List.of(),
        line.priceVersion(),
        line.amount());
  }
}
