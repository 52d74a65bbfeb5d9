package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.AccountState.Books;
import dev.taximeter.contract.event.AccountState.Charge;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.AccountState.CreditState;
import dev.taximeter.contract.event.AccountState.CreditUse;
import dev.taximeter.contract.event.AccountState.Period;
import dev.taximeter.contract.event.AccountState.PeriodBilling;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.CommandResult.Refusal;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LedgerPosting.Entry;
import dev.taximeter.contract.event.LedgerPosting.Kind;
import dev.taximeter.contract.event.LedgerPosting.LedgerAccount;
import dev.taximeter.contract.event.Order;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Credits, ledger and the life of bills, over HTTP. */
class LedgerApiTest extends ApiTest {
  private static final YearMonth OCTOBER = YearMonth.of(2026, 10);
  private static final YearMonth NOVEMBER = YearMonth.of(2026, 11);
  private static final Instant AT = Instant.parse("2026-11-24T09:00:00Z");

  @BeforeEach
  void acmeHasABillAndLateUsage() {
    finals.put(bill(FinalBill.Status.FINAL));
    states.put(state(7, 1));
    AccountState acme = state(7, 0);
    states.put(
        new AccountState(
            "globex",
            acme.sequence(),
            acme.termsVersion(),
            acme.currency(),
            acme.zone(),
            acme.spent(),
            acme.requests(),
            acme.credits(),
            List.of(),
            acme.lastCompletion(),
            acme.books()));
  }

  private static BillLine line(long quantity, String amount) {
    return new BillLine("qwen-max", TokenClass.INPUT, "v1", quantity, new BigDecimal(amount));
  }

  static AccountState state(long postings, long bill) {
    return new AccountState(
        "acme",
        42,
        1,
        "USD",
        "Europe/Berlin",
        new BigDecimal("3.6"),
        42,
        List.of(
            new CreditState(
                "ledger:1",
                CreditKind.TOP_UP,
                50,
                new BigDecimal("10"),
                null,
                Instant.parse("2026-12-01T00:00:00Z"),
                new BigDecimal("0.5"),
                new BigDecimal("2"),
                "paid by card")),
        List.of(
            new Period(
                OCTOBER,
                5,
                0,
                List.of(line(300, "2.6")),
                new PeriodBilling(
                    bill,
                    1,
                    List.of(new CreditUse("ledger:1", new BigDecimal("0.6"))),
                    List.of(),
                    Instant.parse("2026-10-05T00:00:00Z"),
                    Instant.parse("2026-10-06T00:00:00Z")),
                List.of(line(100, "0.6"))),
            new Period(
                NOVEMBER,
                37,
                0,
                List.of(line(100, "1")),
                new PeriodBilling(
                    0,
                    0,
                    List.of(new CreditUse("ledger:1", new BigDecimal("0.9"))),
                    List.of(new Charge("ledger:5", Kind.DEBIT, AT, new BigDecimal("2.5"), "seat")),
                    null,
                    null),
                List.of())),
        AT,
        new Books(
            Instant.parse("2026-10-02T00:00:00Z"),
            postings,
            bill,
            new BigDecimal("2.5"),
            BigDecimal.ZERO));
  }

  static FinalBill bill(FinalBill.Status status) {
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
            List.of(line(200, "2")),
            new BigDecimal("2"),
            new BigDecimal("2"),
            List.of(),
            BigDecimal.ZERO,
            List.of(),
            BigDecimal.ZERO,
            List.of(new CreditUse("ledger:1", new BigDecimal("0.5"), CreditKind.TOP_UP, "by card")),
            new BigDecimal("0.5"),
            new BigDecimal("1.5"),
            new BigDecimal("1.5"),
            new FinalBill.Covers(1, 4, 1, 4));
    return new FinalBill(
        status,
        content,
        AT,
        "admin",
        content.hash(),
        List.of(),
        status == FinalBill.Status.VOID ? new FinalBill.Voided(AT, "admin", "wrong") : null);
  }

  static LedgerPosting posting(long number, Kind kind, String reason) {
    return new LedgerPosting(
        "acme",
        number,
        kind,
        AT.plusSeconds(number),
        42,
        "USD",
        "c",
        "admin",
        reason,
        0,
        List.of(
            new Entry(LedgerAccount.CASH, null, "ledger:" + number, new BigDecimal("5.5")),
            new Entry(LedgerAccount.CREDITS, null, "ledger:" + number, new BigDecimal("-5.5"))));
  }

  private static Answer post(String path, String key, String json) {
    return send(
        withToken(request(path))
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", key)
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build());
  }

  private void decide(Refusal refusal, LedgerPosting posting, Long bill) {
    catalog.onMoney(
        command ->
            new CommandResult(
                command.id(),
                refusal == null,
                1,
                List.of(),
                refusal == null ? List.of() : List.of("no: " + refusal.code()),
                refusal,
                posting,
                bill));
  }

  @Test
  void creditsShowWhatIsLeft() {
    JsonNode credits = get("/v1/accounts/acme/credits").json();
    JsonNode credit = credits.path("items").get(0);
    assertThat(credit.path("id").asString()).isEqualTo("ledger:1");
    assertThat(credit.path("kind").asString()).isEqualTo("top-up");
    assertThat(credit.path("remaining").asString()).isEqualTo("8");
    assertThat(credit.path("reason").asString()).isEqualTo("paid by card");
    JsonNode applied = get("/v1/accounts/acme/bills/2026-11").json().path("creditsApplied").get(0);
    assertThat(applied.path("kind").asString()).isEqualTo("top-up");
    assertThat(applied.path("reason").asString()).isEqualTo("paid by card");
    assertThat(credit.path("applied").asString()).isEqualTo("0.5");
    assertThat(credit.path("expired").asBoolean()).isFalse();
    assertThat(credits.path("asOf").path("sequence").asLong()).isEqualTo(42);
    clock.set("2026-12-01T00:00:00Z");
    JsonNode expired = get("/v1/accounts/acme/credits").json().path("items").get(0);
    assertThat(expired.path("remaining").asString()).isEqualTo("0");
    assertThat(expired.path("expired").asBoolean()).isTrue();
    assertThat(get("/v1/accounts/nobody/credits").status()).isEqualTo(404);
  }

  @Test
  void aCreditIsGivenOnce() {
    decide(null, posting(7, Kind.TOP_UP, "paid"), null);
    String body = "{\"kind\":\"top-up\",\"amount\":\"5.50\",\"reason\":\"paid\"}";
    Answer first = post("/v1/accounts/acme/credits", "key-1", body);
    assertThat(first.status()).as(first.body()).isEqualTo(200);
    assertThat(first.json().path("number").asLong()).isEqualTo(7);
    assertThat(first.json().path("entries").get(1).path("amount").asString()).isEqualTo("-5.5");
    assertThat(post("/v1/accounts/acme/credits", "key-1", body).body()).isEqualTo(first.body());
    post("/v1/accounts/acme/credits", "key-2", body);
    post("/v1/accounts/globex/credits", "key-1", body);
    List<Command> commands =
        catalog.commands().stream().filter(command -> !command.orders().isEmpty()).toList();
    assertThat(commands).hasSize(4);
    assertThat(commands.get(0).id())
        .isEqualTo(commands.get(1).id())
        .isNotEqualTo(commands.get(2).id())
        .isNotEqualTo(commands.get(3).id());
    assertThat(commands.get(0).reason()).isEqualTo("paid");
    assertThat(commands.get(0).orders())
        .containsExactly(
            new Order.GrantCredit(
                "acme", CreditKind.TOP_UP, new BigDecimal("5.5"), 100, null, null));
  }

  @Test
  void writesAboutMoneyNeedAKey() {
    String body = "{\"amount\":\"5\",\"reason\":\"r\"}";
    for (String path :
        List.of("/debits", "/adjustments", "/bills/2026-10/void", "/bills/2026-10/credit-notes")) {
      Answer answer =
          post(
              "/v1/accounts/acme" + path,
              body.replace("\"amount\":\"5\",", path.endsWith("void") ? "" : "\"amount\":\"5\","));
      assertThat(answer.status()).as(path + answer.body()).isEqualTo(400);
      assertThat(answer.json().path("type").asString())
          .isEqualTo("urn:taximeter:problem:invalid-idempotency-key");
    }
    assertThat(
            post("/v1/accounts/acme/credits", "k", "{\"kind\":\"gift\",\"amount\":\"1\"}").status())
        .isEqualTo(400);
    assertThat(post("/v1/accounts/acme/debits", "k", "{\"amount\":\"-1\"}").status())
        .isEqualTo(400);
    assertThat(post("/v1/accounts/acme/debits", "k", "{\"amount\":\"0.0000000000001\"}").status())
        .isEqualTo(400);
    assertThat(post("/v1/accounts/acme/adjustments", "k", "{\"amount\":\"1\"}").status())
        .isEqualTo(400);
    assertThat(post("/v1/accounts/nobody/debits", "k", "{\"amount\":\"1\"}").status())
        .isEqualTo(404);
    assertThat(catalog.commands()).hasSize(1);
  }

  @Test
  void refusalsHaveProblemsOfTheirOwn() {
    String body = "{\"amount\":\"5\"}";
    record Expected(Refusal refusal, int status, String type) {}
    for (Expected expected :
        List.of(
            new Expected(Refusal.INSUFFICIENT_BALANCE, 409, "insufficient-balance"),
            new Expected(Refusal.REUSED_KEY, 422, "idempotency-key-reused"),
            new Expected(Refusal.NOT_POSSIBLE, 409, "not-possible"),
            new Expected(Refusal.PERIOD_NOT_ENDED, 409, "period-not-ended"),
            new Expected(Refusal.EARLIER_PERIOD_OPEN, 409, "earlier-period-open"),
            new Expected(Refusal.NO_SUCH_BILL, 404, "not-found"))) {
      decide(expected.refusal(), null, null);
      Answer answer = post("/v1/accounts/acme/debits", "k", body);
      assertThat(answer.status()).isEqualTo(expected.status());
      assertThat(answer.json().path("type").asString())
          .isEqualTo("urn:taximeter:problem:" + expected.type());
      assertThat(answer.json().path("detail").asString())
          .isEqualTo("no: " + expected.refusal().code());
    }
  }

  @Test
  void theSameKeyTwiceAtOnceIsInFlight() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    catalog.onMoney(
        command -> {
          arrived.countDown();
          try {
            assertThat(go.await(10, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return new CommandResult(
              command.id(), true, 1, List.of(), List.of(), null, posting(7, Kind.DEBIT, ""), null);
        });
    Thread slow = new Thread(() -> post("/v1/accounts/acme/debits", "same", "{\"amount\":\"5\"}"));
    slow.start();
    assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
    Answer second = post("/v1/accounts/acme/debits", "same", "{\"amount\":\"5\"}");
    go.countDown();
    slow.join();
    assertThat(second.status()).isEqualTo(409);
    assertThat(second.json().path("type").asString()).isEqualTo("urn:taximeter:problem:in-flight");
  }

  @Test
  void theLedgerIsReadInPages() {
    for (int i = 1; i <= 5; i++) {
      ledger.postings.add(posting(i, i == 3 ? Kind.DEBIT : Kind.TOP_UP, "r"));
    }
    JsonNode first = get("/v1/accounts/acme/ledger?limit=2").json();
    assertThat(first.path("items").size()).isEqualTo(2);
    assertThat(first.path("next").asString()).isEqualTo("2");
    JsonNode last = get("/v1/accounts/acme/ledger?limit=3&cursor=2").json();
    assertThat(last.path("items").get(0).path("number").asLong()).isEqualTo(3);
    assertThat(last.has("next")).isFalse();
    assertThat(get("/v1/accounts/acme/ledger?kind=debit").json().path("items").size()).isEqualTo(1);
    assertThat(
            get("/v1/accounts/acme/ledger?from=2026-11-24T09:00:02Z&to=2026-11-24T09:00:04Z")
                .json()
                .path("items")
                .size())
        .isEqualTo(2);
    assertThat(get("/v1/accounts/acme/ledger?kind=gift").status()).isEqualTo(400);
    assertThat(get("/v1/accounts/acme/ledger?cursor=x").status()).isEqualTo(400);
    assertThat(get("/v1/accounts/acme/ledger?knd=debit").status()).isEqualTo(400);
    assertThat(send(request("/v1/accounts/acme/ledger").GET().build()).status()).isEqualTo(401);
  }

  @Test
  void theLedgerIsReadAsCsv() {
    ledger.postings.add(posting(1, Kind.TOP_UP, "=1+1, \"x\""));
    ledger.postings.add(posting(2, Kind.TOP_UP, ""));
    Answer csv =
        send(
            withToken(request("/v1/accounts/acme/ledger?limit=1"))
                .header("Accept", "text/csv")
                .GET()
                .build());
    assertThat(csv.header("Content-Type")).isEqualTo("text/csv;charset=UTF-8");
    assertThat(csv.header("X-Next-Cursor")).isEqualTo("1");
    assertThat(csv.body().lines().toList())
        .containsExactly(
            "account,posting,at,kind,ledger,period,credit,amount,currency,sequence,bill,author,reason",
            "acme,1,2026-11-24T09:00:01Z,top-up,cash,,ledger:1,5.5,USD,42,,admin,"
                + "\"'=1+1, \"\"x\"\"\"",
            "acme,1,2026-11-24T09:00:01Z,top-up,credits,,ledger:1,-5.5,USD,42,,admin,"
                + "\"'=1+1, \"\"x\"\"\"");
  }

  @Test
  void aNoteSaysWhatIsLessDueAndWhatGoesBackToCredits() {
    FinalBill noted =
        bill(FinalBill.Status.FINAL)
            .withNote(
                new FinalBill.CreditNote(
                    1,
                    new BigDecimal("1.8"),
                    AT,
                    "ann",
                    "outage",
                    List.of(
                        new CreditUse(
                            "ledger:1", new BigDecimal("0.3"), CreditKind.TOP_UP, "by card"))));
    finals.put(noted);

    JsonNode bill = get("/v1/accounts/acme/bills/2026-10").json();

    JsonNode note = bill.path("notes").get(0);
    assertThat(note.path("amount").asString()).isEqualTo("1.8");
    assertThat(note.path("lessDue").asString()).isEqualTo("1.5");
    assertThat(note.path("returned").get(0).path("amount").asString()).isEqualTo("0.3");
    assertThat(note.path("returned").get(0).path("kind").asString()).isEqualTo("top-up");
    assertThat(bill.path("notesTotal").asString()).isEqualTo("1.8");
    assertThat(bill.path("amountDue").asString()).isEqualTo("1.50");
    assertThat(bill.path("leftDue").asString()).isEqualTo("0.00");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "debits | {'amount': 'ten', 'reason': 'r'} | amount must be a decimal without exponent,"
            + " such as \"12.50\".",
        "credits | {'kind': 'grant', 'amount': '1', 'expiresAt': 'soon', 'reason': 'r'} | expiresAt"
            + " must be an RFC 3339 time with a zone, such as 2026-11-01T00:00:00Z.",
        "credits | {'kind': 'grant', 'amount': '1', 'priority': 'high', 'reason': 'r'} | priority"
            + " must be a whole number.",
        "debits | {'amount': '1e400'} | amount must be a decimal above 0 and at most"
            + " 1000000000000000, with at most 12 digits after the point.",
        "debits | {'amount': '-1'} | amount must be a decimal above 0 and at most"
            + " 1000000000000000, with at most 12 digits after the point.",
        "adjustments | {'amount': '12345678901234567890123456789012345678', 'reason': 'r'} | amount"
            + " must be a decimal other than 0, from -1000000000000000 to 1000000000000000, with"
            + " at most 12 digits after the point.",
        "bills/2026-10/credit-notes | {'amount': '1000000000000001', 'reason': 'r'} | amount must be"
            + " a decimal above 0 and at most 1000000000000000, with at most 12 digits after the"
            + " point.",
        "debits | [] | The body must be an object.",
      })
  void whatIsWrongSaysWhatIsValid(String path, String body, String detail) {
    Answer answer =
        send(
            withToken(request("/v1/accounts/acme/" + path))
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", "wrong-" + body.hashCode())
                .POST(HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')))
                .build());
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().path("detail").asString()).isEqualTo(detail);
  }

  @Test
  void aFinalBillIsShownAsItWasMade() {
    JsonNode bill = get("/v1/accounts/acme/bills/2026-10").json();
    assertThat(bill.path("status").asString()).isEqualTo("final");
    assertThat(bill.path("number").asLong()).isEqualTo(1);
    assertThat(bill.path("exactTotal").asString()).isEqualTo("2");
    assertThat(bill.path("creditsApplied").get(0).path("amount").asString()).isEqualTo("0.5");
    assertThat(bill.path("creditsApplied").get(0).path("kind").asString()).isEqualTo("top-up");
    assertThat(bill.path("creditsApplied").get(0).path("reason").asString()).isEqualTo("by card");
    assertThat(bill.path("amountDue").asString()).isEqualTo("1.50");
    assertThat(bill.path("contentHash").asString()).hasSize(64);
    assertThat(bill.path("covers").path("sequenceTo").asLong()).isEqualTo(4);
    assertThat(bill.path("finalizedBy").asString()).isEqualTo("admin");
  }

  @Test
  void thePreviewAfterAFinalBillHasTheLateUsageAndTheCharges() {
    JsonNode bill = get("/v1/accounts/acme/bills/2026-11").json();
    assertThat(bill.path("status").asString()).isEqualTo("preview");
    assertThat(bill.has("number")).isFalse();
    assertThat(bill.path("exactTotal").asString()).isEqualTo("1");
    JsonNode late = bill.path("lateLines").get(0);
    assertThat(late.path("period").asString()).isEqualTo("2026-10");
    assertThat(late.path("from").asString()).isEqualTo("2026-10-05T00:00:00Z");
    assertThat(late.path("quantity").asLong()).isEqualTo(100);
    assertThat(bill.path("lateTotal").asString()).isEqualTo("0.6");
    assertThat(bill.path("charges").get(0).path("reason").asString()).isEqualTo("seat");
    assertThat(bill.path("creditsTotal").asString()).isEqualTo("1.5");
    assertThat(bill.path("exactDue").asString()).isEqualTo("2.6");
    clock.set("2026-12-02T00:00:00Z");
    JsonNode december = get("/v1/accounts/acme/bills/2026-12").json();
    assertThat(december.path("lateLines").size()).isZero();
  }

  /** Months from before the account began wait for a person, and no later bill waits for them. */
  @Test
  void thePreviewTakesWhatTheBillWouldTake() {
    AccountState acme = state(7, 1);
    states.put(
        new AccountState(
            acme.account(),
            acme.sequence(),
            acme.termsVersion(),
            acme.currency(),
            acme.zone(),
            acme.spent(),
            acme.requests(),
            acme.credits(),
            acme.periods(),
            acme.lastCompletion(),
            new Books(
                Instant.parse("2026-12-01T12:00:00Z"),
                acme.books().postings(),
                acme.books().bills(),
                acme.books().charged(),
                acme.books().noted())));
    clock.set("2026-12-02T00:00:00Z");
    // November can be finalised by hand before, and December by itself whether or not it is.
    for (String month : List.of("2026-11", "2026-12")) {
      JsonNode bill = get("/v1/accounts/acme/bills/" + month).json();
      assertThat(bill.path("lateLines").size()).as(month).isEqualTo(1);
      assertThat(bill.path("lateTotal").asString()).as(month).isEqualTo("0.6");
    }
  }

  @Test
  void balanceAndPreviewsAgree() {
    JsonNode balance = get("/v1/accounts/acme/balance").json();
    assertThat(balance.path("granted").asString()).isEqualTo("7.5");
    assertThat(balance.path("spent").asString()).isEqualTo("3.6");
    assertThat(balance.path("balance").asString()).isEqualTo("3.9");
  }

  @Test
  void voidBillsAreListedBehindTheOneThatCounts() {
    finals.put(bill(FinalBill.Status.VOID));
    states.put(state(9, 0));
    JsonNode items = get("/v1/accounts/acme/bills").json().path("items");
    assertThat(
            items
                .valueStream()
                .map(item -> item.path("period").asString() + " " + item.path("status").asString()))
        .containsExactly("2026-11 preview", "2026-10 open", "2026-10 void");
    assertThat(
            get("/v1/accounts/acme/bills/2026-10?number=1")
                .json()
                .path("voided")
                .path("reason")
                .asString())
        .isEqualTo("wrong");
    assertThat(get("/v1/accounts/acme/bills/2026-10?number=2").status()).isEqualTo(404);
    assertThat(get("/v1/accounts/acme/bills/2026-10?number=x").status()).isEqualTo(400);
  }

  @Test
  void finalisingAnswersWithTheBill() {
    decide(null, null, 1L);
    Answer answer =
        send(
            withToken(request("/v1/accounts/acme/bills/2026-10/finalize"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build());
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.json().path("number").asLong()).isEqualTo(1);
    assertThat(catalog.commands().get(1).orders())
        .containsExactly(new Order.FinalizeBill("acme", OCTOBER));
  }

  @Test
  void voidingAndNotesConcernTheMonthsFinalBill() {
    decide(Refusal.NOT_POSSIBLE, null, null);
    post("/v1/accounts/acme/bills/2026-10/void", "k", "{\"reason\":\"wrong\"}");
    post(
        "/v1/accounts/acme/bills/2026-10/credit-notes",
        "k",
        "{\"amount\":\"0.5\",\"reason\":\"outage\"}");
    assertThat(catalog.commands().get(1).orders()).containsExactly(new Order.VoidBill("acme", 1));
    assertThat(catalog.commands().get(2).orders())
        .containsExactly(new Order.NoteCredit("acme", 1, new BigDecimal("0.5")));
    assertThat(post("/v1/accounts/acme/bills/2026-11/void", "k", "{\"reason\":\"r\"}").status())
        .isEqualTo(404);
    assertThat(post("/v1/accounts/acme/bills/2026-10/void", "k", "{\"reason\":\" \"}").status())
        .isEqualTo(400);
  }

  /** The first answer was lost, the month has a new bill, and the request is sent again. */
  @Test
  void aRepeatedRequestDoesNotHitTheNextBillOfTheMonth() {
    finals.put(bill(FinalBill.Status.VOID));
    states.put(state(9, 2));
    for (String key : List.of("the-same", "another")) {
      Answer answer = post("/v1/accounts/acme/bills/2026-10/void", key, "{\"reason\":\"wrong\"}");
      assertThat(answer.status()).as(answer.body()).isEqualTo(400);
      assertThat(answer.json().path("detail").asString())
          .isEqualTo(
              "number is required, because 2026-10 of account acme has had the bills 1, 2; name the"
                  + " one that you mean.");
    }
    Answer note =
        post(
            "/v1/accounts/acme/bills/2026-10/credit-notes",
            "k",
            "{\"amount\":\"0.5\",\"reason\":\"outage\"}");
    assertThat(note.status()).isEqualTo(400);
    assertThat(catalog.commands()).hasSize(1);
    decide(Refusal.NOT_POSSIBLE, null, null);
    post("/v1/accounts/acme/bills/2026-10/void", "k", "{\"reason\":\"wrong\",\"number\":1}");
    post("/v1/accounts/acme/bills/2026-10/void", "k", "{\"reason\":\"wrong\",\"number\":2}");
    assertThat(catalog.commands().get(1).orders()).containsExactly(new Order.VoidBill("acme", 1));
    assertThat(catalog.commands().get(2).orders()).containsExactly(new Order.VoidBill("acme", 2));
    Answer none =
        post("/v1/accounts/acme/bills/2026-10/void", "k", "{\"reason\":\"wrong\",\"number\":3}");
    assertThat(none.json().path("detail").asString())
        .isEqualTo("number is none of 2026-10 of account acme, which has had 1, 2.");
  }
}
