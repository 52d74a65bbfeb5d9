package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BillDocumentsApiTest extends ApiTest {
  private static final String BILL = "/v1/accounts/acme/bills/2026-11";

  @BeforeEach
  void acmeHasSpent() throws Exception {
    load(
        new Catalog(
            List.of(
                new Account("acme", "=智能 <script>", "USD", ZoneId.of("Asia/Shanghai"), "standard")),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of()));
    states.put(
        new AccountState(
            "acme",
            42,
            1,
            "USD",
            "Asia/Shanghai",
            new BigDecimal("1.005000000001"),
            42,
            List.of(),
            List.of(
                new AccountState.Period(
                    YearMonth.of(2026, 11),
                    40,
                    1,
                    List.of(
                        new AccountState.BillLine(
                            "qwen-max",
                            TokenClass.INPUT,
                            "list:qwen-*:2026-01-01T00:00:00Z:v1",
                            1_000,
                            new BigDecimal("1.005000000001"))))),
            Instant.parse("2026-11-24T09:29:59Z")));
  }

  private static Answer accepting(String path, String accept) {
    return send(withToken(request(path)).header("Accept", accept).GET().build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "|*/*|application/json",
        "|application/json|application/json",
        "|text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8|text/html;charset=UTF-8",
        "|text/csv|text/csv;charset=UTF-8",
        "|application/pdf|application/pdf",
        "|text/csv;q=0.5, application/pdf|application/pdf",
        "|text/*|text/csv;charset=UTF-8",
        "?format=csv|text/html|text/csv;charset=UTF-8",
        ".html|application/json|text/html;charset=UTF-8",
        ".json|text/html|application/json",
        ".pdf?lang=zh-CN|*/*|application/pdf",
        ".csv?format=csv|*/*|text/csv;charset=UTF-8",
      })
  void isWhatIsAskedFor(String ending, String accept, String type) {
    Answer answer = accepting(BILL + (ending == null ? "" : ending), accept);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).isEqualTo(type);
    assertThat(String.join(",", answer.headers().allValues("Vary")).toLowerCase(Locale.ROOT))
        .contains("accept,accept-language");
    assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "|image/png|406|Accept must allow application/json",
        "|nonsense|406|Accept is no list",
        "?format=xlsx|*/*|400|format must be json, csv, html or pdf",
        ".csv?format=pdf|*/*|400|format must be left out where the address ends in .csv",
        ".xlsx|*/*|400|month must be a month",
        ".html?lang=fr|*/*|400|lang must be en or zh-CN",
        "?language=en|*/*|400|language is not known; this address takes format, knownAt, lang,"
            + " minAsOf, number",
      })
  void whatCannotBeHadIsOneSentence(String ending, String accept, int status, String sentence) {
    Answer answer = accepting(BILL + (ending == null ? "" : ending), accept);

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.json().path("detail").asString()).startsWith(sentence);
  }

  @Test
  void allNeedAToken() {
    for (String ending : List.of(".csv", ".html", ".pdf")) {
      assertThat(send(request(BILL + ending).GET().build()).status()).isEqualTo(401);
      assertThat(get("/v1/accounts/nobody/bills/2026-11" + ending).status()).isEqualTo(404);
    }
  }

  @Test
  void thePageShowsWhatTheBillSaysAndRunsNothing() {
    Answer page =
        send(
            withToken(request(BILL + ".html"))
                .header("Accept-Language", "zh-CN,zh;q=0.9")
                .GET()
                .build());

    assertThat(page.headers().allValues("Content-Security-Policy"))
        .singleElement()
        .asString()
        .startsWith("default-src 'none'; style-src 'sha256-")
        .doesNotContain("script-src", "unsafe");
    assertThat(page.body())
        .contains("&#x3D;智能 &lt;script&gt;", "账单", "2026-11-01 00:00 (+08:00)", "1.005000000001")
        .doesNotContain("<script");
    assertThat(page.header("Content-Disposition"))
        .isEqualTo("inline; filename=\"bill-acme-2026-11.html\"");
    assertThat(get(BILL + ".html?lang=en").body()).contains(">Bill <", "Asia/Shanghai");
  }

  @Test
  void theTableIsSafeInASpreadsheet() {
    Answer table = get(BILL + ".csv");

    assertThat(table.header("Content-Disposition"))
        .isEqualTo("attachment; filename=\"bill-acme-2026-11.csv\"");
    assertThat(table.body().split("\r\n")).hasSize(8);
    assertThat(table.body())
        .contains(
            "acme,'=智能 <script>,2026-11,Asia/Shanghai,,preview,line,qwen-max,input,,1000,,,"
                + "list:qwen-*:2026-01-01T00:00:00Z:v1,1.005000000001,USD,42,2026-11-24T09:30:00Z");
  }

  @Test
  void thePdfSaysTheSame() throws IOException, InterruptedException {
    HttpResponse<byte[]> answer =
        HttpClient.newHttpClient()
            .send(
                withToken(request(BILL + ".pdf?lang=zh-CN")).GET().build(),
                HttpResponse.BodyHandlers.ofByteArray());

    assertThat(answer.statusCode()).isEqualTo(200);
    try (PDDocument document = Loader.loadPDF(answer.body())) {
      String text = new PDFTextStripper().getText(document);
      assertThat(text).contains("=智能 <script>", "预览", "qwen-max", "1.005000000001", "1.01");
    }
  }
}
