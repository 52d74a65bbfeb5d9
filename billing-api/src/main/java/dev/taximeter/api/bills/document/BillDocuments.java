package dev.taximeter.api.bills.document;

import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import java.nio.charset.StandardCharsets;

/** Makes the documents of a bill. */
public final class BillDocuments {
  /** Lines of a PDF: some 90 pages, which take ten seconds of one core. */
  static final int MOST_PDF_LINES = 2_000;

  private BillDocuments() {}

  /** A table, in UTF-8; its words are English and never change. */
  public static byte[] csv(BillDocument bill) {
    return BillCsv.of(bill).getBytes(StandardCharsets.UTF_8);
  }

  /** A page with all that it needs, in UTF-8. */
  public static byte[] html(BillDocument bill, BillLanguage language) {
    return BillPage.of(bill, language).getBytes(StandardCharsets.UTF_8);
  }

  /** {@return the content security policy that the page of this language needs} */
  public static String policy(BillLanguage language) {
    return BillPage.policy(language);
  }

  /**
   * The same page, to keep and to send.
   *
   * @throws ProblemException if the bill has too many lines, or too many ask at once
   */
  public static byte[] pdf(BillDocument bill, BillLanguage language) {
    if (bill.lines().size() > MOST_PDF_LINES) {
      throw ProblemException.of(
          ProblemType.TOO_MANY_ROWS,
          "This bill has %,d lines and a PDF at most %,d; ?format=csv and ?format=html have them all."
              .formatted(bill.lines().size(), MOST_PDF_LINES));
    }
    return BillPdf.of(BillPage.paged(bill, language));
  }
}
