package dev.taximeter.api.ledger;

import dev.taximeter.api.web.Csv;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.money.Decimals;
import java.util.ArrayList;
import java.util.List;

/** A ledger as CSV (RFC 4180), a row for each entry. */
final class LedgerCsv {
  private static final List<String> HEAD =
      List.of(
          "account",
          "posting",
          "at",
          "kind",
          "ledger",
          "period",
          "credit",
          "amount",
          "currency",
          "sequence",
          "bill",
          "author",
          "reason");

  private LedgerCsv() {}

  static String of(List<LedgerPosting> postings) {
    StringBuilder csv = new StringBuilder(Csv.row(HEAD));
    for (LedgerPosting posting : postings) {
      for (LedgerPosting.Entry entry : posting.entries()) {
        csv.append(Csv.row(row(posting, entry)));
      }
    }
    return csv.toString();
  }

  private static List<String> row(LedgerPosting posting, LedgerPosting.Entry entry) {
    List<String> row = new ArrayList<>();
    row.add(Csv.text(posting.account()));
    row.add(Long.toString(posting.number()));
    row.add(posting.at().toString());
    row.add(posting.kind().code());
    row.add(entry.ledger().code());
    row.add(entry.period() == null ? "" : entry.period().toString());
    row.add(Csv.text(entry.credit()));
    row.add(Decimals.plain(entry.amount()));
    row.add(posting.currency());
    row.add(Long.toString(posting.sequence()));
    row.add(posting.bill() == 0 ? "" : Long.toString(posting.bill()));
    row.add(Csv.text(posting.author()));
    row.add(Csv.text(posting.reason()));
    return row;
  }
}
