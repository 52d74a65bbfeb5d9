package dev.taximeter.api.bills.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.TokenClass;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class BillPageTest {
  private static String page(BillDocument bill, BillLanguage language) {
    return new String(BillDocuments.html(bill, language), StandardCharsets.UTF_8);
  }

  /** Only what is well-formed gets through. */
  private static Document parsed(String page) throws Exception {
    DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    return builder.parse(new InputSource(new StringReader(page)));
  }

  private static String text(String page) throws Exception {
    return parsed(page)
        .getElementsByTagName("body")
        .item(0)
        .getTextContent()
        .replaceAll("\\s+", " ");
  }

  @ParameterizedTest
  @EnumSource(BillLanguage.class)
  void everythingThatTheBillHasIsOnThePage(BillLanguage language) throws Exception {
    String text = text(page(Samples.full(), language));

    assertThat(text)
        .contains(
            Samples.NAME,
            "Europe/Berlin",
            "2026-11-01 00:00 (+01:00)",
            "2026-12-01 00:00 (+01:00)",
            "2026-12-03 00:00:00 UTC",
            "claude-sonnet-*",
            "96,410,022",
            "28.9230066",
            "list:gpt-4o-2024-08-06:2026-01-01T00:00:00Z:v1",
            "0.000109200001",
            "2026-10",
            "Support, November",
            "USD 211.449600950001",
            "USD 0.000399049999",
            "\u2212100.000000000000",
            "USD 101.45",
            // A note of 5: 3.50 less due, 1.50 back to the top-up.
            "\u22123.50",
            "USD 97.95",
            "\u22125 USD",
            "outage of 11-12",
            "48,213",
            "2026-11-24 09:30:00 UTC",
            "2026-11-24 09:29:57 UTC",
            "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0")
        .contains(
            language == BillLanguage.ENGLISH
                ? new String[] {
                  "Bill Final",
                  "November 2026",
                  "0.95 per million",
                  "Amount due",
                  "Grant welcome: =start-up, 启动",
                  "Top-up ledger:12",
                  "Due after credit notes",
                  // What came before the bill before may be of this month, too.
                  "all of the month up to 52,924, and late usage of earlier months that no bill had",
                  "1.5 of it back to Top-up ledger:12",
                }
                : new String[] {
                  "账单 已定稿",
                  "2026年11月",
                  "0.95 每百万",
                  "应付金额",
                  "赠送额度 welcome: =start-up, 启动",
                  "充值额度 ledger:12",
                  "扣除贷项通知后应付",
                  "本月截至序号 52,924 的全部用量，以及此前未出账的早期月份迟到用量",
                  "1.5 退回至 充值额度 ledger:12"
                });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "100 free + 10 × 2 / 1,000,000 | 100 免费 + 10 × 2 / 1,000,000",
        "1 package of 1,000 × 0.02 | 1 个 1,000 的包 × 0.02",
        "1,000 free + 3 packages of 1,000 × 0.02 (-12.5% included)"
            + " | 1,000 免费 + 3 个 1,000 的包 × 0.02（含 -12.5%）",
      })
  void aFormulaIsInTheLanguageOfItsBill(String formula, String chinese) throws Exception {
    BillDocument bill =
        Samples.preview(
            "Acme", List.of(Samples.line("free-*", TokenClass.INPUT, 110, "1", formula)));

    assertThat(text(page(bill, BillLanguage.ENGLISH))).contains(formula);
    assertThat(text(page(bill, BillLanguage.SIMPLIFIED_CHINESE)))
        .contains(chinese)
        .doesNotContain(formula);
  }

  @Test
  void whatABillDoesNotKnowHasNoPlaceOnIt() throws Exception {
    String text = text(page(Samples.preview("Acme", Samples.usual()), BillLanguage.ENGLISH));

    assertThat(text)
        .contains("Preview", "none yet: the bill is not final", "further usage will change")
        .doesNotContain("Unit price", "Amount due", "Credit", "SHA-256", "null");
    assertThat(text(page(Samples.preview("Acme", List.of()), BillLanguage.ENGLISH)))
        .contains("No usage in this period.", "USD 0.00")
        .doesNotContain("Quantity");
  }

  @Test
  void wordsOfOthersAreNothingButWords() throws Exception {
    String evil = "<script>alert(1)</script>&amp;\"'{{account}}\u0000\ud800</td>";
    String page =
        page(
            Samples.preview(evil, List.of(Samples.line(evil, TokenClass.INPUT, 1, "1"))),
            BillLanguage.ENGLISH);

    assertThat(page).doesNotContain("<script").contains("&lt;script&gt;");
    String shown = "<script>alert(1)</script>&amp;\"'{{account}}\ufffd\ufffd</td>";
    assertThat(text(page)).contains(shown);
    assertThat(parsed(page).getElementsByTagName("script").getLength()).isZero();
  }

  @ParameterizedTest
  @EnumSource(BillLanguage.class)
  void thePolicyAllowsThisStyleAndNothingElse(BillLanguage language) throws Exception {
    String page = page(Samples.full(), language);
    String style = page.substring(page.indexOf("<style>") + 7, page.indexOf("</style>"));
    String hash =
        Base64.getEncoder()
            .encodeToString(
                MessageDigest.getInstance("SHA-256")
                    .digest(style.getBytes(StandardCharsets.UTF_8)));

    assertThat(BillDocuments.policy(language))
        .isEqualTo(
            "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none';"
                    .formatted(hash)
                + " frame-ancestors 'none'");
    assertThat(page).doesNotContain("<script", "style=", "href=", "src=", "url(", "@import");
    assertThat(page.split("<style>")).hasSize(2);
  }
}
