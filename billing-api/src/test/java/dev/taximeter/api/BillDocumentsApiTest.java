package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.money.Decimals;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

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

  /** Rows that are called like a field of the bill have its amount, and the others add up to it. */
  @ParameterizedTest
  @CsvSource({
    "USD, 0.3000004, 1.2, 0.005, 0",
    "USD, 10.005, -3.5, 2.25, 1.005",
    "JPY, 12.5, 0.25, 1, 3",
    "KWD, 1.0005, 0, 0.0015, 0.5",
  })
  void theTableHasTheTotalsOfTheBill(
      String currency, BigDecimal usage, BigDecimal late, BigDecimal charge, BigDecimal credit) {
    FinalBill bill = finalBill(currency, usage, late, charge, credit);
    finals.put(bill);
    states.put(
        new AccountState(
            "acme",
            42,
            1,
            currency,
            "Asia/Shanghai",
            usage.add(late),
            42,
            List.of(),
            List.of(
                open(YearMonth.of(2026, 12), usage, 0),
                open(YearMonth.of(2026, 11), usage, bill.number())),
            Instant.parse("2026-11-24T09:29:59Z")));
    for (String path : List.of(BILL, BILL.replace("11", "12"))) {
      compare(get(path).json(), get(path + ".csv").body());
    }
  }

  private static AccountState.Period open(YearMonth month, BigDecimal usage, long bill) {
    return new AccountState.Period(
        month,
        1,
        0,
        List.of(new AccountState.BillLine("m", TokenClass.INPUT, "v", 1, usage)),
        new AccountState.PeriodBilling(bill, 0, List.of(), List.of(), null, null),
        List.of());
  }

  private static FinalBill finalBill(
      String currency, BigDecimal usage, BigDecimal late, BigDecimal charge, BigDecimal credit) {
    YearMonth october = YearMonth.of(2026, 10);
    BigDecimal due = usage.add(late).add(charge).subtract(credit);
    AccountState.BillLine line = new AccountState.BillLine("m", TokenClass.INPUT, "v", 1, usage);
    FinalBill.Content content =
        new FinalBill.Content(
            "acme",
            1,
            YearMonth.of(2026, 11),
            currency,
            "Asia/Shanghai",
            Instant.parse("2026-10-31T16:00:00Z"),
            Instant.parse("2026-11-30T16:00:00Z"),
            1,
            0,
            List.of(line),
            usage,
            Decimals.rounded(usage, currency),
            List.of(
                new FinalBill.LateLine(
                    october,
                    Instant.parse("2026-10-02T00:00:00Z"),
                    Instant.parse("2026-10-03T00:00:00Z"),
                    new AccountState.BillLine("m", TokenClass.INPUT, "v", 1, late))),
            late,
            List.of(
                new AccountState.Charge(
                    "ledger:seat",
                    LedgerPosting.Kind.DEBIT,
                    Instant.parse("2026-11-02T00:00:00Z"),
                    charge,
                    "seat")),
            charge,
            credit.signum() == 0
                ? List.of()
                : List.of(new AccountState.CreditUse("ledger:gift", credit)),
            credit,
            due,
            Decimals.rounded(due, currency),
            new FinalBill.Covers(1, 42, 2, 2));
    return new FinalBill(
            FinalBill.Status.FINAL,
            content,
            Instant.parse("2026-12-02T00:00:00Z"),
            "ann",
            content.hash(),
            List.of(),
            null)
        .withNote(
            new FinalBill.CreditNote(
                1,
                BigDecimal.ONE.add(credit),
                Instant.parse("2026-12-03T00:00:00Z"),
                "ann",
                "outage",
                List.of(new AccountState.CreditUse("ledger:gift", credit))));
  }

  private static void compare(JsonNode bill, String table) {
    List<String> named = new ArrayList<>();
    Map<String, BigDecimal> sums = new HashMap<>();
    for (String row : table.split("\r\n")) {
      String[] cells = row.split(",", -1);
      if (!cells[6].equals("record")) {
        BigDecimal amount = new BigDecimal(cells[14]);
        sums.merge(cells[6], amount, BigDecimal::add);
        if (bill.path(cells[6]).isString()) {
          assertThat(amount).as(cells[6]).isEqualByComparingTo(bill.path(cells[6]).asString());
          named.add(cells[6]);
        }
      }
    }
    assertThat(named).contains("exactDue", "dueRounding", "amountDue");
    assertThat(named.contains("leftDue")).isEqualTo(bill.path("notes").size() > 0);
    Map.of(
            "line", "exactTotal",
            "late", "lateTotal",
            "charge", "chargesTotal")
        .forEach(
            (record, total) ->
                assertThat(sums.getOrDefault(record, BigDecimal.ZERO))
                    .as(total)
                    .isEqualByComparingTo(bill.path(total).asString()));
    assertThat(sums.getOrDefault("credit", BigDecimal.ZERO).negate())
        .isEqualByComparingTo(bill.path("creditsTotal").asString());
    BigDecimal noted =
        sums.getOrDefault("creditReturned", BigDecimal.ZERO)
            .subtract(sums.getOrDefault("creditNote", BigDecimal.ZERO));
    assertThat(noted).isEqualByComparingTo(bill.path("notesTotal").asString());
    assertThat(sums.get("exactSum"))
        .isEqualByComparingTo(
            new BigDecimal(bill.path("exactTotal").asString())
                .add(new BigDecimal(bill.path("lateTotal").asString()))
                .add(new BigDecimal(bill.path("chargesTotal").asString())));
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
