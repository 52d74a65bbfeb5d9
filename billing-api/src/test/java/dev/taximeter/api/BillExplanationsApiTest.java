package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceEntry.ContextTier;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.PriceSchedule.Tier;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.AccountState.PeriodBilling;
import dev.taximeter.contract.event.FinalBill;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Every line of a bill says how its amount comes about. */
class BillExplanationsApiTest extends ApiTest {
  private static final YearMonth OCTOBER = YearMonth.of(2026, 10);
  private static final YearMonth NOVEMBER = YearMonth.of(2026, 11);
  private static final Instant FROM = Instant.parse("2026-01-01T00:00:00Z");
  private static final String VERSION = ":2026-01-01T00:00:00Z:v1";

  private static PriceSchedule flat(String price) {
    return new PriceSchedule.Flat(new BigDecimal(price));
  }

  private static Tier tier(Long upTo, String price) {
    return new Tier(upTo, new BigDecimal(price));
  }

  private static PriceEntry entry(String model, PriceSchedule input) {
    return new PriceEntry("prices", model, FROM, 1, Map.of(TokenClass.INPUT, input));
  }

  private static PriceBook book(String flatPrice, long since) {
    return new PriceBook(
        "prices",
        "USD",
        List.of(
            new PriceEntry(
                "prices",
                "flat",
                FROM,
                since,
                Map.of(
                    TokenClass.INPUT, flat(flatPrice),
                    TokenClass.REQUEST, flat("10000")),
                List.of(
                    new ContextTier(
                        200,
                        Map.of(
                            TokenClass.INPUT, flat("0.8"),
                            TokenClass.REQUEST, flat("10000"))))),
            entry(
                "grad-*",
                new PriceSchedule.Graduated(List.of(tier(1_000_000L, "1"), tier(null, "0.8")))),
            entry(
                "vol-*",
                new PriceSchedule.Volume(List.of(tier(1_000_000L, "1"), tier(null, "0.8")))),
            entry("pack-*", new PriceSchedule.Package(1_000, new BigDecimal("0.02"))),
            entry("free-*", new PriceSchedule.Allowance(100, flat("2")))));
  }

  private static BillLine line(
      String model, TokenClass tokenClass, String version, long quantity, String amount) {
    return new BillLine(model, tokenClass, version, quantity, new BigDecimal(amount));
  }

  private static BillLine input(String model, long quantity, String amount) {
    return line(model, TokenClass.INPUT, "prices:" + model + VERSION, quantity, amount);
  }

  private static List<BillLine> usage() {
    return List.of(
        line("*", TokenClass.REQUEST, "plan:own:v1", 50, "0.005"),
        input("flat", 123_456, "0.0493824"),
        line("flat", TokenClass.INPUT, "prices:flat" + VERSION + ":-12.5%", 1_000, "0.00035"),
        line("flat", TokenClass.INPUT, "prices:flat" + VERSION + ":above-200", 1_000, "0.0008"),
        line("flat", TokenClass.REQUEST, "prices:flat" + VERSION, 3, "0.03"),
        input("free-*", 110, "0.00002"),
        input("grad-*", 1_000_234, "1.0001872"),
        input("pack-*", 2_001, "0.06"),
        input("vol-*", 1_200_000, "0.96"),
        // Of an amount that does not follow from it, nothing is said.
        line("flat", TokenClass.OUTPUT, "prices:flat" + VERSION, 5, "1"),
        line("odd", TokenClass.INPUT, "prices:flat" + VERSION, 1_000, "0.5"),
        line("gone", TokenClass.INPUT, "gone:x:2026-01-01T00:00:00Z:v9", 7, "1"));
  }

  private static AccountState state(long octobersBill, List<BillLine> late) {
    return new AccountState(
        "acme",
        42,
        1,
        "USD",
        "Europe/Berlin",
        new BigDecimal("10"),
        42,
        List.of(),
        List.of(
            new AccountState.Period(
                OCTOBER,
                5,
                0,
                List.of(input("grad-*", 1_000_010, "1.000008"), input("vol-*", 1_200_000, "0.96")),
                new PeriodBilling(
                    octobersBill,
                    1,
                    List.of(),
                    List.of(),
                    Instant.parse("2026-10-05T00:00:00Z"),
                    Instant.parse("2026-10-06T00:00:00Z")),
                late),
            new AccountState.Period(NOVEMBER, 37, 0, usage())),
        FROM);
  }

  private static FinalBill october(long number, FinalBill.Voided voided) {
    FinalBill.Content content =
        new FinalBill.Content(
            "acme",
            number,
            OCTOBER,
            "USD",
            "Europe/Berlin",
            Instant.parse("2026-09-30T22:00:00Z"),
            Instant.parse("2026-10-31T23:00:00Z"),
            4,
            0,
            List.of(input("grad-*", 999_990, "0.99999"), input("vol-*", 900_000, "0.9")),
            new BigDecimal("1.89999"),
            new BigDecimal("1.9"),
            List.of(),
            BigDecimal.ZERO,
            List.of(),
            BigDecimal.ZERO,
            List.of(),
            BigDecimal.ZERO,
            new BigDecimal("1.89999"),
            new BigDecimal("1.9"),
            new FinalBill.Covers(1, 4, 2, 4));
    FinalBill bill =
        new FinalBill(
            FinalBill.Status.FINAL,
            content,
            Instant.parse("2026-11-04T00:00:00Z"),
            "",
            content.hash(),
            List.of(),
            null);
    return voided == null ? bill : bill.voided(voided);
  }

  @BeforeEach
  void pricesHaveChangedSince() throws Exception {
    load(catalog(book("0.4", 1), new Plan("own", "prices", new BigDecimal("0.0001"), 1)));
    load(catalog(book("9", 2), new Plan("own", "prices", new BigDecimal("7"), 2)));
    finals.put(october(1, new FinalBill.Voided(Instant.parse("2026-11-05T00:00:00Z"), "a", "b")));
    finals.put(october(2, null));
    states.put(state(2, List.of(input("grad-*", 20, "0.000018"), input("vol-*", 300_000, "0.06"))));
  }

  private static Catalog catalog(PriceBook book, Plan plan) {
    return new Catalog(List.of(), List.of(), List.of(book), List.of(plan), List.of(), List.of());
  }

  private static List<String> formulas(JsonNode lines) {
    List<String> formulas = new ArrayList<>();
    for (JsonNode line : lines) {
      formulas.add(line.path("model").asString() + ": " + line.path("formula").asString("-"));
    }
    return formulas;
  }

  @Test
  void everyPriceModelHasItsFormula() {
    JsonNode bill = get("/v1/accounts/acme/bills/2026-11").json();

    assertThat(formulas(bill.path("lines")))
        .containsExactly(
            "*: 50 × 0.0001",
            "flat: 123,456 × 0.4 / 1,000,000",
            "flat: 1,000 × 0.35 / 1,000,000 (-12.5% included)",
            "flat: 1,000 × 0.8 / 1,000,000",
            "flat: -",
            "flat: 3 × 0.01",
            "free-*: 100 free + 10 × 2 / 1,000,000",
            "gone: -",
            "grad-*: 1,000,000 × 1 / 1,000,000 + 234 × 0.8 / 1,000,000",
            "odd: -",
            "pack-*: 3 packages of 1,000 × 0.02",
            "vol-*: 1,200,000 × 0.8 / 1,000,000");
    JsonNode flat = bill.path("lines").get(1);
    assertThat(flat.path("unitPrice").path("amount").asString()).isEqualTo("0.4");
    assertThat(flat.path("unitPrice").path("per").asLong()).isEqualTo(1_000_000);
    assertThat(flat.has("tiers")).isFalse();
    JsonNode requests = bill.path("lines").get(5);
    assertThat(requests.path("unitPrice").path("amount").asString()).isEqualTo("0.01");
    assertThat(requests.path("unitPrice").path("per").asLong()).isEqualTo(1);
    JsonNode unknown = bill.path("lines").get(7);
    assertThat(unknown.has("unitPrice")).isFalse();
    assertThat(unknown.has("tiers")).isFalse();
    assertThat(unknown.has("formula")).isFalse();
  }

  @Test
  void tiersAddUpToTheirLine() {
    JsonNode lines = get("/v1/accounts/acme/bills/2026-11").json().path("lines");

    int tiered = 0;
    for (JsonNode line : lines) {
      if (line.has("tiers")) {
        tiered++;
        BigDecimal amount = BigDecimal.ZERO;
        long quantity = 0;
        for (JsonNode tier : line.path("tiers")) {
          amount = amount.add(new BigDecimal(tier.path("amount").asString()));
          quantity += tier.path("quantity").asLong();
        }
        assertThat(amount).isEqualByComparingTo(line.path("amount").asString());
        assertThat(quantity).isEqualTo(line.path("quantity").asLong());
        assertThat(line.has("unitPrice")).isFalse();
      }
    }
    assertThat(tiered).isEqualTo(4);
    JsonNode graduated = lines.get(8).path("tiers");
    assertThat(graduated.get(0).path("above").asLong()).isZero();
    assertThat(graduated.get(0).path("upTo").asLong()).isEqualTo(1_000_000);
    assertThat(graduated.get(1).path("above").asLong()).isEqualTo(1_000_000);
    assertThat(graduated.get(1).has("upTo")).isFalse();
    assertThat(graduated.get(1).path("unitPrice").path("amount").asString()).isEqualTo("0.8");
  }

  @Test
  void lateLinesBeginBehindWhatFinalBillsHave() {
    JsonNode late = get("/v1/accounts/acme/bills/2026-11").json().path("lateLines");

    assertThat(formulas(late))
        .containsExactly(
            "grad-*: 10 × 1 / 1,000,000 + 10 × 0.8 / 1,000,000",
            "vol-*: 1,200,000 × 0.8 / 1,000,000 - 900,000 × 1 / 1,000,000");
    assertThat(late.get(1).path("tiers").get(1).path("quantity").asLong()).isEqualTo(-900_000);
  }

  /**
   * Commands that waited are of the instant at which they were asked for: this bill was made after
   * the first one of October had been voided, whatever the instants say.
   */
  @Test
  void whichBillsCountedIsNotAMatterOfInstants() {
    List<BillLine> late = List.of(input("grad-*", 20, "0.000018"), input("vol-*", 300_000, "0.06"));
    finals.put(november(3, Instant.parse("2026-11-04T12:00:00Z"), late));
    JsonNode bill = get("/v1/accounts/acme/bills/2026-11?number=3").json();

    assertThat(bill.path("status").asString()).isEqualTo("final");
    assertThat(formulas(bill.path("lateLines")))
        .containsExactly(
            "grad-*: 10 × 1 / 1,000,000 + 10 × 0.8 / 1,000,000",
            "vol-*: 1,200,000 × 0.8 / 1,000,000 - 900,000 × 1 / 1,000,000");
  }

  private static FinalBill november(long number, Instant asked, List<BillLine> late) {
    FinalBill.Content content =
        new FinalBill.Content(
            "acme",
            number,
            NOVEMBER,
            "USD",
            "Europe/Berlin",
            Instant.parse("2026-10-31T23:00:00Z"),
            Instant.parse("2026-11-30T23:00:00Z"),
            0,
            0,
            List.of(),
            BigDecimal.ZERO,
            BigDecimal.ZERO,
            late.stream()
                .map(
                    line ->
                        new FinalBill.LateLine(
                            OCTOBER,
                            Instant.parse("2026-10-05T00:00:00Z"),
                            Instant.parse("2026-10-06T00:00:00Z"),
                            line))
                .toList(),
            new BigDecimal("0.060018"),
            List.of(),
            BigDecimal.ZERO,
            List.of(),
            BigDecimal.ZERO,
            new BigDecimal("0.060018"),
            new BigDecimal("0.06"),
            new FinalBill.Covers(5, 9, 2, 2));
    return new FinalBill(
        FinalBill.Status.FINAL, content, asked, "", content.hash(), List.of(), null);
  }

  @Test
  void finalAndVoidBillsAreExplainedToo() {
    for (String bill : List.of("2026-10", "2026-10?number=1")) {
      assertThat(formulas(get("/v1/accounts/acme/bills/" + bill).json().path("lines")))
          .containsExactly("grad-*: 999,990 × 1 / 1,000,000", "vol-*: 900,000 × 1 / 1,000,000");
    }
  }

  @Test
  void documentsSayTheSame() throws IOException, InterruptedException {
    String csv = get("/v1/accounts/acme/bills/2026-11.csv").body();
    assertThat(csv)
        .contains(
            ",grad-*,input,,1000000,1,1000000,prices:grad-*:2026-01-01T00:00:00Z:v1,1,",
            "\"1,000,000 × 1 / 1,000,000 + 234 × 0.8 / 1,000,000\"",
            ",1000,0.35,1000000,prices:flat:2026-01-01T00:00:00Z:v1:-12.5%,0.00035,");
    assertThat(get("/v1/accounts/acme/bills/2026-11.html").body())
        .contains(
            "123,456 × 0.4 / 1,000,000",
            "3 packages of 1,000 × 0.02",
            "0.02 per 1,000",
            "0.01 each",
            "0.4 per million",
            "above 1,000,000");
    HttpResponse<byte[]> answer =
        HttpClient.newHttpClient()
            .send(
                withToken(request("/v1/accounts/acme/bills/2026-11.pdf?lang=zh-CN")).GET().build(),
                HttpResponse.BodyHandlers.ofByteArray());
    try (PDDocument document = Loader.loadPDF(answer.body())) {
      assertThat(new PDFTextStripper().getText(document).replaceAll("\\s+", " "))
          .contains("123,456 × 0.4 / 1,000,000", "100 免费 + 10 × 2 / 1,000,000", "每百万");
    }
  }
}
