package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class MoneyApiTest extends ApiTest {
  private static final String PRICE = "list:qwen-*:2026-01-01T00:00:00Z:v1";

  private void acmeHasSpent() {
    states.put(
        new AccountState(
            "acme",
            42,
            1,
            "USD",
            "Europe/Berlin",
            new BigDecimal("3.005000000001"),
            42,
            List.of(
                new AccountState.CreditState(
                    "old",
                    new BigDecimal("10"),
                    Instant.parse("2026-11-10T00:00:00Z"),
                    new BigDecimal("2")),
                new AccountState.CreditState(
                    "new", new BigDecimal("5"), null, new BigDecimal("3.005000000001"))),
            List.of(
                new AccountState.Period(
                    YearMonth.of(2026, 10),
                    2,
                    0,
                    List.of(line("qwen-max", TokenClass.INPUT, 7, "2"))),
                new AccountState.Period(
                    YearMonth.of(2026, 11),
                    40,
                    1,
                    List.of(
                        line("qwen-max", TokenClass.OUTPUT, 5, "1.000000000001"),
                        line("qwen-max", TokenClass.INPUT, 1_000, "0.005")))),
            Instant.parse("2026-11-24T09:29:59Z")));
  }

  private static AccountState.BillLine line(
      String model, TokenClass tokenClass, long quantity, String amount) {
    return new AccountState.BillLine(model, tokenClass, PRICE, quantity, new BigDecimal(amount));
  }

  @Test
  void theBalanceIsGrantedLessSpent() {
    acmeHasSpent();

    JsonNode balance = get("/v1/accounts/acme/balance").json();

    // The expired grant counts with the 2 that it paid for.
    assertThat(balance.path("granted").asString()).isEqualTo("7");
    assertThat(balance.path("spent").asString()).isEqualTo("3.005000000001");
    assertThat(balance.path("balance").asString()).isEqualTo("3.994999999999");
    assertThat(balance.path("currency").asString()).isEqualTo("USD");
    assertThat(balance.path("account").asString()).isEqualTo("acme");
    assertThat(balance.path("asOf").path("sequence").asLong()).isEqualTo(42);
    assertThat(balance.path("asOf").path("time").asString()).isEqualTo("2026-11-24T09:30:00Z");
  }

  @Test
  void aBillIsThePeriodsLines() {
    acmeHasSpent();

    JsonNode bill = get("/v1/accounts/acme/bills/2026-11").json();

    assertThat(bill.path("status").asString()).isEqualTo("preview");
    assertThat(bill.path("period").asString()).isEqualTo("2026-11");
    assertThat(bill.path("from").asString()).isEqualTo("2026-10-31T23:00:00Z");
    assertThat(bill.path("to").asString()).isEqualTo("2026-11-30T23:00:00Z");
    assertThat(bill.path("requests").asLong()).isEqualTo(40);
    assertThat(bill.path("unpriced").asLong()).isEqualTo(1);
    assertThat(bill.path("lines").size()).isEqualTo(2);
    JsonNode first = bill.path("lines").get(0);
    assertThat(first.path("tokenClass").asString()).isEqualTo("input");
    assertThat(first.path("model").asString()).isEqualTo("qwen-max");
    assertThat(first.path("quantity").asLong()).isEqualTo(1_000);
    assertThat(first.path("amount").asString()).isEqualTo("0.005");
    assertThat(first.path("priceVersion").asString()).isEqualTo(PRICE);
    assertThat(bill.path("exactTotal").asString()).isEqualTo("1.005000000001");
    assertThat(bill.path("total").asString()).isEqualTo("1.01");
    assertThat(bill.path("rounding").asString()).isEqualTo("0.004999999999");
    assertThat(bill.path("asOf").path("sequence").asLong()).isEqualTo(42);
  }

  @Test
  void roundingIsHalfEven() {
    acmeHasSpent();
    AccountState state = states.find("acme");
    states.put(
        new AccountState(
            state.account(),
            43,
            1,
            "USD",
            state.zone(),
            new BigDecimal("0.125"),
            1,
            List.of(),
            List.of(
                new AccountState.Period(
                    YearMonth.of(2026, 11),
                    1,
                    0,
                    List.of(line("m", TokenClass.INPUT, 1, "0.125")))),
            null));

    assertThat(get("/v1/accounts/acme/bills/2026-11").json().path("total").asString())
        .isEqualTo("0.12");
  }

  @Test
  void aMonthEndsInTheAccountsZone() {
    acmeHasSpent();

    clock.set("2026-11-30T22:59:59.999Z");
    assertThat(status("2026-11")).isEqualTo("preview");
    clock.set("2026-11-30T23:00:00Z");
    assertThat(status("2026-11")).isEqualTo("open");
    assertThat(status("2026-12")).isEqualTo("preview");
  }

  private static String status(String month) {
    return get("/v1/accounts/acme/bills/" + month).json().path("status").asString();
  }

  @Test
  void aMonthWithoutUsageHasNoLines() {
    acmeHasSpent();

    JsonNode bill = get("/v1/accounts/acme/bills/2026-01").json();

    assertThat(bill.path("lines").isArray()).isTrue();
    assertThat(bill.path("lines").size()).isZero();
    assertThat(bill.path("exactTotal").asString()).isEqualTo("0");
    // What is rounded has the currency's digits; what is exact has no zeros that say nothing.
    assertThat(bill.path("total").asString()).isEqualTo("0.00");
    assertThat(bill.path("amountDue").asString()).isEqualTo("0.00");
    assertThat(bill.path("leftDue").asString()).isEqualTo("0.00");
  }

  @Test
  void aMonthThatHasNotBegunHasNoBill() {
    acmeHasSpent();
    clock.set("2026-11-30T22:59:59.999Z");
    Answer answer = get("/v1/accounts/acme/bills/2026-12");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.json().path("detail").asString())
        .isEqualTo(
            "2026-12 begins at 2026-11-30T23:00:00Z for account acme (Europe/Berlin); until then it"
                + " has no bill, and nothing to preview.");
    assertThat(get("/v1/accounts/acme/bills/2030-01.pdf").status()).isEqualTo(404);
    clock.set("2026-11-30T23:00:00Z");
    assertThat(get("/v1/accounts/acme/bills/2026-12").status()).isEqualTo(200);
  }

  @Test
  void aCreditThatHasNotBegunCannotBeSpent() {
    acmeHasSpent();
    AccountState state = states.find("acme");
    AccountState.CreditState later =
        new AccountState.CreditState(
            "ledger:later",
            AccountState.CreditKind.TOP_UP,
            100,
            new BigDecimal("30"),
            Instant.parse("2026-12-01T00:00:00Z"),
            null,
            BigDecimal.ZERO,
            BigDecimal.ZERO);
    JsonNode before = get("/v1/accounts/acme/balance").json();
    List<AccountState.CreditState> credits = new ArrayList<>(state.credits());
    credits.add(later);
    states.put(
        new AccountState(
            state.account(),
            state.sequence(),
            state.termsVersion(),
            state.currency(),
            state.zone(),
            state.spent(),
            state.requests(),
            credits,
            state.periods(),
            state.lastCompletion(),
            state.books()));

    JsonNode now = get("/v1/accounts/acme/balance").json();
    assertThat(now.path("balance")).isEqualTo(before.path("balance"));
    assertThat(now.path("granted")).isEqualTo(before.path("granted"));
    assertThat(now.path("upcoming").asString()).isEqualTo("30");
    clock.set("2026-12-01T00:00:00Z");
    JsonNode then = get("/v1/accounts/acme/balance").json();
    assertThat(new BigDecimal(then.path("balance").asString()))
        .isEqualByComparingTo(
            new BigDecimal(before.path("balance").asString()).add(new BigDecimal("30")));
    assertThat(then.path("upcoming").asString()).isEqualTo("0");
  }

  @Test
  void billsAreListedNewestFirstWithTheCurrentOne() {
    acmeHasSpent();
    clock.set("2026-12-01T00:00:00Z");

    JsonNode items = get("/v1/accounts/acme/bills").json().path("items");

    assertThat(items.valueStream().map(item -> item.path("period").asString()))
        .containsExactly("2026-12", "2026-11", "2026-10");
    assertThat(items.get(1).path("exactTotal").asString()).isEqualTo("1.005000000001");
    assertThat(items.get(1).path("status").asString()).isEqualTo("open");
  }

  @Test
  void mistakesAreNamed() {
    assertThat(get("/v1/accounts/acme/bills/2026-13").status()).isEqualTo(400);
    assertThat(get("/v1/accounts/acme/bills/november").json().path("detail").asString())
        .contains("YYYY-MM");
    assertThat(get("/v1/accounts/acme/bills/0000-01").status()).isEqualTo(400);
    assertThat(get("/v1/accounts/nobody/bills/2026-11").status()).isEqualTo(404);
    assertThat(get("/v1/accounts/nobody/balance").status()).isEqualTo(404);
    assertThat(get("/v1/accounts/unattributed:none/balance").json().path("detail").asString())
        .contains("Nobody has claimed");
  }

  @Test
  void anAccountThatMeteringHasNotOpenedIsNotReady() {
    states.clear();

    Answer answer = get("/v1/accounts/acme/balance");

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.header("Retry-After")).isEqualTo("1");
    assertThat(answer.json().path("type").asString()).isEqualTo("urn:taximeter:problem:not-ready");
  }
}
