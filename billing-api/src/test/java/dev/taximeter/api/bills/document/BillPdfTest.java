package dev.taximeter.api.bills.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.api.web.ProblemException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.Test;

class BillPdfTest {
  /** The text of each page. */
  private static List<String> pages(byte[] pdf) throws IOException {
    List<String> pages = new ArrayList<>();
    try (PDDocument document = Loader.loadPDF(pdf)) {
      for (int page = 1; page <= document.getNumberOfPages(); page++) {
        PDFTextStripper stripper = new PDFTextStripper();
        stripper.setSortByPosition(true);
        stripper.setStartPage(page);
        stripper.setEndPage(page);
        pages.add(stripper.getText(document).replaceAll("[ \\t]+", " "));
      }
    }
    return pages;
  }

  @Test
  void chineseIsEmbeddedAndCanBeSearched() throws IOException {
    byte[] pdf = BillDocuments.pdf(Samples.full(), BillLanguage.SIMPLIFIED_CHINESE);

    assertThat(String.join("\n", pages(pdf)))
        .contains(
            Samples.NAME,
            "账单",
            "已定稿",
            "2026年11月",
            "缓存命中输入",
            "应付金额",
            "赠送额度 welcome: =start-up",
            "USD 101.45",
            "第 1 / 2 页",
            "52,924 的全部用量");
    // Glyphs of what is used, not 20 MB of fonts.
    assertThat(pdf.length).isLessThan(200_000);
    try (PDDocument document = Loader.loadPDF(pdf)) {
      List<String> fonts = new ArrayList<>();
      for (PDPage page : document.getPages()) {
        for (COSName name : page.getResources().getFontNames()) {
          PDFont font = page.getResources().getFont(name);
          assertThat(font.isEmbedded()).as(font.getName()).isTrue();
          fonts.add(font.getName());
        }
      }
      assertThat(fonts)
          .isNotEmpty()
          .allSatisfy(font -> assertThat(font).matches("[A-Z]{6}\\+NotoSansSC.*"));
      assertThat(new String(document.getDocumentCatalog().getMetadata().toByteArray()))
          .contains("pdfaid:part")
          .contains(">2<")
          .contains(">U<");
    }
  }

  @Test
  void aThousandLinesRepeatTheirHeadAndNumberTheirPages() throws IOException {
    List<String> pages =
        pages(
            BillDocuments.pdf(
                Samples.preview(Samples.NAME, Samples.many(1_000)), BillLanguage.ENGLISH));

    int last = pages.size();
    assertThat(last).isBetween(30, 60);
    for (int i = 0; i < last; i++) {
      assertThat(pages.get(i))
          .contains("Page %d of %d".formatted(i + 1, last), "Bill | acme | 2026-11 | Preview");
      if (pages.get(i).contains("list:model-")) {
        assertThat(pages.get(i)).contains("Quantity", "Amount (USD)");
      }
    }
    String all = String.join("\n", pages);
    assertThat(all.split("list:model-", -1)).hasSize(1_001);
    assertThat(all).contains("1,999 0.001000", "Exact total USD 0.500500", "Total USD 0.50");
  }

  @Test
  void aBillWithoutLinesIsOnePage() throws IOException {
    List<String> pages =
        pages(
            BillDocuments.pdf(
                Samples.preview("<script>alert(1)</script> =cmd()", List.of()),
                BillLanguage.ENGLISH));

    assertThat(pages).hasSize(1);
    assertThat(pages.get(0))
        .contains(
            "<script>alert(1)</script> =cmd()",
            "No usage in this period.",
            "Total USD 0.00",
            "Page 1 of 1");
  }

  @Test
  void moreLinesThanAPdfTakesAreRefused() {
    BillDocument bill = Samples.preview("Acme", Samples.many(BillDocuments.MOST_PDF_LINES + 1));

    assertThatThrownBy(() -> BillDocuments.pdf(bill, BillLanguage.ENGLISH))
        .isInstanceOf(ProblemException.class)
        .hasMessage(
            "This bill has 2,001 lines and a PDF at most 2,000; ?format=csv and ?format=html have"
                + " them all.");
  }
}
