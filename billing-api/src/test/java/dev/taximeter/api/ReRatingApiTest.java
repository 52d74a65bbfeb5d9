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
import dev.taximeter.contract.event.AccountState.Books;
import dev.taximeter.contract.event.AccountState.PeriodBilling;
import dev.taximeter.contract.event.AccountState.ReRated;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.CommandResult.Refusal;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageEvent.Charge;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A month priced again, and bills as they were known. */
class ReRatingApiTest extends ApiTest {
  private static final YearMonth OCTOBER = YearMonth.of(2026, 10);
  private static final Instant JANUARY = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant MIDDLE = Instant.parse("2026-10-15T00:00:00Z");
  private static final Instant SETTLED = Instant.parse("2026-11-01T12:00:00Z");
  private static final String PATH = "/v1/accounts/acme/bills/2026-10/re-rating";

  private static PriceSchedule flat(String price) {
    return new PriceSchedule.Flat(new BigDecimal(price));
  }

  private static PriceEntry entry(String model, long since, PriceSchedule price) {
    return new PriceEntry("list", model, JANUARY, since, Map.of(TokenClass.INPUT, price));
  }

  private static Catalog prices(PriceEntry... entries) {
    return new Catalog(
        List.of(),
        List.of(),
        List.of(new PriceBook("list", "USD", List.of(entries))),
        List.of(new Plan("standard", "list", new BigDecimal("0.001"), 2)),
        List.of(),
        List.of());
  }

  private void land(long sequence, String model, Instant completion, long tokens, Charge charge) {
    Usage usage =
        new Usage(
            "%032x".formatted(sequence),
            Fate.BILLED,
            "k",
            null,
            null,
            model,
            new TokenCounts(tokens, 0, 0, 0, 0),
            completion,
            completion,
            completion,
            new LineSource("h", "p"),
            0,
            "s",
            List.of(),
            null);
    landed.events.add(
        new UsageEvent(
            "acme",
            sequence,
            usage,
            "USD",
            charge.amount(),
            false,
            List.of(charge),
            null,
            SETTLED.plusSeconds(sequence)));
  }

  private static Charge charge(String model, String version, long quantity, String amount) {
    return new Charge(TokenClass.INPUT, model, version, quantity, new BigDecimal(amount));
  }

  private AccountState state(long sequence, long bill, ReRated reRated) {
    return new AccountState(
        "acme",
        sequence,
        catalog.snapshot().termsVersion("acme"),
        "USD",
        "Europe/Berlin",
        new BigDecimal("21"),
        sequence,
        List.of(),
        List.of(
            new AccountState.Period(
                OCTOBER,
                4,
                0,
                List.of(new BillLine("m", TokenClass.INPUT, "v", 1, new BigDecimal("21"))),
                new PeriodBilling(bill, 0, List.of(), List.of(), null, null, reRated),
                List.of())),
        SETTLED,
        new Books(JANUARY, 9, bill, BigDecimal.ZERO, BigDecimal.ZERO));
  }

  @BeforeEach
  void octoberWasRatedAtOldPrices() throws Exception {
    PriceSchedule graduated =
        new PriceSchedule.Graduated(
            List.of(
                new Tier(1_000_000L, new BigDecimal("10")), new Tier(null, new BigDecimal("5"))));
    load(prices(entry("flat", 2, flat("4")), entry("grad-*", 2, graduated)));
    land(
        1,
        "flat",
        MIDDLE.minusMillis(1),
        1_000_000,
        charge("flat", "list:flat:2026-01-01T00:00:00Z:v2", 1_000_000, "4"));
    land(
        2,
        "flat",
        MIDDLE,
        1_000_000,
        charge("flat", "list:flat:2026-01-01T00:00:00Z:v2", 1_000_000, "4"));
    land(
        3,
        "grad-1",
        MIDDLE,
        1_500_000,
        charge("grad-*", "list:grad-*:2026-01-01T00:00:00Z:v2", 1_500_000, "12.5"));
    land(
        4,
        "grad-2",
        MIDDLE,
        100_000,
        charge("grad-*", "list:grad-*:2026-01-01T00:00:00Z:v2", 100_000, "0.5"));
    PriceEntry fromTheMiddle =
        new PriceEntry(
            "list",
            "flat",
            MIDDLE,
            3,
            Map.of(TokenClass.INPUT, flat("1")),
            List.of(new ContextTier(999_999, Map.of(TokenClass.INPUT, flat("2")))));
    load(prices(entry("flat", 2, flat("4")), fromTheMiddle, entry("grad-*", 2, graduated)));
    states.put(state(4, 0, null));
  }

  private static Answer postWith(String key, String body) {
    HttpRequest.Builder request =
        withToken(request(PATH)).header("Content-Type", "application/json");
    return send(
        (key == null ? request : request.header("Idempotency-Key", key))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  @Test
  void aDryRunComparesLineByLineAndChangesNothing() {
    JsonNode found = get(PATH).json();

    assertThat(found.path("charged").asString()).isEqualTo("21");
    // 4 + 2 (a long prompt) + 13 + four requests of 0.001.
    assertThat(found.path("reRated").asString()).isEqualTo("19.004");
    assertThat(found.path("alreadyPosted").asString()).isEqualTo("0");
    assertThat(found.path("difference").asString()).isEqualTo("-1.996");
    assertThat(found.path("basisSequence").asLong()).isEqualTo(4);
    assertThat(found.path("catalogVersion").asLong())
        .isEqualTo(catalog.snapshot().termsVersion("acme"));
    assertThat(found.path("asOf").path("sequence").asLong()).isEqualTo(4);
    List<String> lines = new ArrayList<>();
    for (JsonNode line : found.path("lines")) {
      lines.add(
          "%s %s %d/%d %s -> %s (%s)"
              .formatted(
                  line.path("model").asString(),
                  line.path("priceVersion").asString(),
                  line.path("chargedQuantity").asLong(),
                  line.path("quantity").asLong(),
                  line.path("charged").asString(),
                  line.path("reRated").asString(),
                  line.path("difference").asString()));
    }
    assertThat(lines)
        .containsExactly(
            "* plan:standard:v2 0/4 0 -> 0.004 (0.004)",
            "flat list:flat:2026-01-01T00:00:00Z:v2 2000000/1000000 8 -> 4 (-4)",
            "flat list:flat:2026-10-15T00:00:00Z:v3:above-999999 0/1000000 0 -> 2 (2)",
            "grad-* list:grad-*:2026-01-01T00:00:00Z:v2 1600000/1600000 13 -> 13 (0)");
    assertThat(catalog.commands()).hasSize(3);
  }

  @Test
  void whatWasPostedIsTakenOff() {
    states.put(state(4, 0, new ReRated(new BigDecimal("-1.996"), 4, 3)));

    JsonNode found = get(PATH).json();

    assertThat(found.path("alreadyPosted").asString()).isEqualTo("-1.996");
    assertThat(found.path("difference").asString()).isEqualTo("0");
  }

  @Test
  void postingAsksTheAccountsWriter() {
    LedgerPosting posting =
        new LedgerPosting(
            "acme",
            9,
            LedgerPosting.Kind.RE_RATING,
            SETTLED,
            4,
            "USD",
            "c",
            "admin",
            "contract",
            0,
            List.of(
                new LedgerPosting.Entry(
                    LedgerPosting.LedgerAccount.UNBILLED, OCTOBER, null, new BigDecimal("-1.996")),
                new LedgerPosting.Entry(
                    LedgerPosting.LedgerAccount.USAGE, OCTOBER, null, new BigDecimal("1.996"))));
    catalog.onMoney(
        command ->
            new CommandResult(command.id(), true, 1, List.of(), List.of(), null, posting, null));

    Answer answer = postWith("key", "{\"reason\":\"contract\"}");

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.json().path("posted").asString()).isEqualTo("-1.996");
    assertThat(answer.json().path("posting").asLong()).isEqualTo(9);
    Command command = catalog.commands().get(3);
    assertThat(command.reason()).isEqualTo("contract");
    assertThat(command.orders())
        .containsExactly(
            new Order.ReRate(
                "acme",
                OCTOBER,
                4,
                catalog.snapshot().termsVersion("acme"),
                new BigDecimal("21"),
                new BigDecimal("19.004")));
    catalog.onMoney(
        decided ->
            new CommandResult(decided.id(), true, 1, List.of(), List.of(), null, null, null));
    JsonNode nothing = postWith("other", "{\"reason\":\"again\"}").json();
    assertThat(nothing.path("posted").asString()).isEqualTo("0");
    assertThat(nothing.has("posting")).isFalse();
  }

  @Test
  void whatIsMissingOrWrongIsSaid() {
    assertThat(postWith(null, "{\"reason\":\"r\"}").json().path("type").asString())
        .isEqualTo("urn:taximeter:problem:invalid-idempotency-key");
    assertThat(postWith("k", "{\"reason\":\" \"}").status()).isEqualTo(400);
    assertThat(get("/v1/accounts/acme/bills/2026-13/re-rating").status()).isEqualTo(400);
    assertThat(get("/v1/accounts/nobody/bills/2026-10/re-rating").status()).isEqualTo(404);
    assertThat(get(PATH + "?dry=1").status()).isEqualTo(400);
    assertThat(send(request(PATH).GET().build()).status()).isEqualTo(401);
    catalog.onMoney(
        command ->
            new CommandResult(
                command.id(),
                false,
                1,
                List.of(),
                List.of("run it again"),
                Refusal.NOT_POSSIBLE,
                null,
                null));
    Answer refused = postWith("k2", "{\"reason\":\"r\"}");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.json().path("detail").asString()).isEqualTo("run it again");
  }

  @Test
  void usageThatHasNotLandedIsWaitedFor() {
    landed.events.remove(1);

    Answer answer = get(PATH);

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.json().path("detail").asString())
        .isEqualTo("Not all of the 4 events of account acme have landed in ClickHouse yet.");
    assertThat(answer.header("Retry-After")).isEqualTo("2");
  }

  @Test
  void pricesThatMeteringDoesNotHaveYetAreWaitedFor() {
    AccountState state = states.find("acme");
    states.put(
        new AccountState(
            "acme",
            4,
            1,
            "USD",
            state.zone(),
            state.spent(),
            4,
            List.of(),
            state.periods(),
            SETTLED));
    assertThat(get(PATH).json().path("type").asString())
        .isEqualTo("urn:taximeter:problem:not-ready");
  }

  @Test
  void aBillIsShownAsItWasKnown() {
    // Until the third event was settled, October had cost 20.5 at the prices of the time.
    JsonNode bill = get("/v1/accounts/acme/bills/2026-10?knownAt=2026-11-01T12:00:03Z").json();

    assertThat(bill.path("status").asString()).isEqualTo("open");
    assertThat(bill.path("knownAt").asString()).isEqualTo("2026-11-01T12:00:03Z");
    assertThat(bill.path("knownSequence").asLong()).isEqualTo(3);
    assertThat(bill.path("requests").asLong()).isEqualTo(3);
    assertThat(bill.path("exactTotal").asString()).isEqualTo("20.5");
    assertThat(bill.path("total").asString()).isEqualTo("20.50");
    assertThat(bill.path("lines").size()).isEqualTo(2);
    assertThat(bill.path("lines").get(0).path("formula").asString())
        .isEqualTo("2,000,000 × 4 / 1,000,000");
    assertThat(bill.path("lines").get(1).path("formula").asString())
        .isEqualTo("1,000,000 × 10 / 1,000,000 + 500,000 × 5 / 1,000,000");
    JsonNode before = get("/v1/accounts/acme/bills/2026-10?knownAt=2026-10-31T22:59:59Z").json();
    assertThat(before.path("status").asString()).isEqualTo("preview");
    assertThat(before.path("lines").size()).isZero();
    assertThat(before.path("exactTotal").asString()).isEqualTo("0");
  }

  /** Since then it was used up by final bills, and has left the account's state. */
  @Test
  void aCreditIsShownAsItWasKnown() {
    landedMoney.uses.put(
        OCTOBER,
        List.of(
            new AccountState.CreditUse(
                "ledger:spent", new BigDecimal("1.5"), AccountState.CreditKind.TOP_UP, "prepaid")));
    JsonNode bill = get("/v1/accounts/acme/bills/2026-10?knownAt=2026-11-01T12:00:03Z").json();
    JsonNode use = bill.path("creditsApplied").get(0);
    assertThat(use.path("credit").asString()).isEqualTo("ledger:spent");
    assertThat(use.path("amount").asString()).isEqualTo("1.5");
    assertThat(use.path("kind").asString("")).isEqualTo("top-up");
    assertThat(use.path("reason").asString("")).isEqualTo("prepaid");
  }

  @Test
  void aFinalBillIsShownAsItStoodThen() {
    FinalBill bill = finalBill(Instant.parse("2026-11-04T00:00:00Z"));
    FinalBill noted =
        bill.withNote(
            new FinalBill.CreditNote(
                1, BigDecimal.ONE, Instant.parse("2026-11-06T00:00:00Z"), "ann", "outage"));
    finals.put(
        noted.voided(new FinalBill.Voided(Instant.parse("2026-11-10T00:00:00Z"), "ann", "wrong")));
    states.put(state(4, 0, null));

    assertThat(known("2026-11-03T23:59:59Z").path("status").asString()).isEqualTo("open");
    landedMoney.bills.put(1L, 0);
    JsonNode then = known("2026-11-05T00:00:00Z");
    assertThat(then.path("status").asString()).isEqualTo("final");
    assertThat(then.path("number").asLong()).isEqualTo(1);
    assertThat(then.path("knownAt").asString()).isEqualTo("2026-11-05T00:00:00Z");
    assertThat(then.path("notes").size()).isZero();
    landedMoney.bills.put(1L, 1);
    assertThat(known("2026-11-06T00:00:00Z").path("notes").size()).isEqualTo(1);
    landedMoney.bills.clear();
    assertThat(known("2026-11-10T00:00:00Z").path("status").asString()).isEqualTo("open");
  }

  /** The ledger says that a bill was made, and what it says is not here. */
  @Test
  void aBillThatHasNotLandedIsAskedForAgain() {
    states.put(state(4, 0, null));
    landedMoney.bills.put(1L, 0);
    for (boolean complete : new boolean[] {true, false}) {
      landedMoney.complete = complete;
      Answer answer = get("/v1/accounts/acme/bills/2026-10?knownAt=2026-11-05T00:00:00Z");
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.header("Retry-After")).isNotBlank();
      assertThat(answer.json().path("type").asString()).endsWith("not-ready");
    }
  }

  private static JsonNode known(String at) {
    return get("/v1/accounts/acme/bills/2026-10?knownAt=" + at).json();
  }

  private static FinalBill finalBill(Instant at) {
    FinalBill.Content content =
        new FinalBill.Content(
            "acme",
            1,
            OCTOBER,
            "USD",
            "Europe/Berlin",
            Instant.parse("2026-09-30T22:00:00Z"),
            Instant.parse("2026-10-31T23:00:00Z"),
            4,
            0,
            List.of(),
            BigDecimal.ZERO,
            BigDecimal.ZERO,
            List.of(),
            BigDecimal.ZERO,
            List.of(),
            BigDecimal.ZERO,
            List.of(),
            BigDecimal.ZERO,
            BigDecimal.ZERO,
            BigDecimal.ZERO,
            new FinalBill.Covers(1, 4, 0, 4));
    return new FinalBill(
        FinalBill.Status.FINAL, content, at, "ann", content.hash(), List.of(), null);
  }

  @Test
  void knownAtIsForJsonAndThePast() {
    for (String query :
        List.of(
            "?knownAt=2026-11-24T09:30:01Z",
            "?knownAt=yesterday",
            ".csv?knownAt=2026-11-02T00:00:00Z",
            "?number=1&knownAt=2026-11-02T00:00:00Z")) {
      Answer answer = get("/v1/accounts/acme/bills/2026-10" + query);
      assertThat(answer.status()).as(query).isEqualTo(400);
      assertThat(answer.json().path("detail").asString()).startsWith("knownAt ");
    }
  }
}
