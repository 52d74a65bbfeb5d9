package dev.taximeter.api.ledger;

import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.money.Decimals;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A ledger as CSV (RFC 4180), a row for each entry. */
final class LedgerCsv {
  static final String MEDIA_TYPE = "text/csv";

  private static final String HEAD =
      "account,posting,at,kind,ledger,period,credit,amount,currency,sequence,bill,author,reason";
  private static final String END = "\r\n";

  /** The wide ones are taken for the others where Chinese or Japanese is written. */
  private static final String STARTS_FORMULA = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20";

  private LedgerCsv() {}

  static String of(List<LedgerPosting> postings) {
    StringBuilder csv = new StringBuilder(HEAD).append(END);
    for (LedgerPosting posting : postings) {
      for (LedgerPosting.Entry entry : posting.entries()) {
        csv.append(String.join(",", row(posting, entry))).append(END);
      }
    }
    return csv.toString();
  }

  private static List<String> row(LedgerPosting posting, LedgerPosting.Entry entry) {
    List<String> row = new ArrayList<>();
    row.add(text(posting.account()));
    row.add(Long.toString(posting.number()));
    row.add(posting.at().toString());
    row.add(posting.kind().code());
    row.add(entry.ledger().code());
    row.add(entry.period() == null ? "" : entry.period().toString());
    row.add(text(entry.credit()));
    row.add(Decimals.plain(entry.amount()));
    row.add(posting.currency());
    row.add(Long.toString(posting.sequence()));
    row.add(posting.bill() == 0 ? "" : Long.toString(posting.bill()));
    row.add(text(posting.author()));
    row.add(text(posting.reason()));
    return row;
  }

  /** What people wrote must not become a formula of a spreadsheet. */
  private static String text(@Nullable String value) {
    if (value == null || value.isEmpty()) {
      return "";
    }
    String seen = value.stripLeading();
    boolean formula =
        STARTS_FORMULA.indexOf(value.charAt(0)) >= 0
            || (!seen.isEmpty() && STARTS_FORMULA.indexOf(seen.charAt(0)) >= 0);
    String plain = formula ? "'" + value : value;
    boolean quoted = plain.chars().anyMatch(c -> c == '"' || c == ',' || c == '\n' || c == '\r');
    return quoted ? '"' + plain.replace("\"", "\"\"") + '"' : plain;
  }
}
