package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.AccountState.CreditKind;
import dev.taximeter.contract.event.AccountState.CreditState;
import dev.taximeter.contract.event.AccountState.Period;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Figures are explained down to the lines of the log. */
class ExplainApiTest extends ApiTest {
  @BeforeEach
  void fill() {
    land(1, "2026-11-02T10:00:00Z", "main", "0.5");
    land(2, "2026-11-03T10:00:00Z", "batch", "0.25");
    land(3, "2026-10-31T22:59:59.999Z", "main", "2");
    states.put(
        new AccountState(
            "acme",
            3,
            1,
            "USD",
            "Europe/Berlin",
            new BigDecimal("2.75"),
            3,
            List.of(
                new CreditState(
                    "ledger:1",
                    CreditKind.TOP_UP,
                    100,
                    new BigDecimal("10"),
                    null,
                    null,
                    BigDecimal.ZERO,
                    BigDecimal.ZERO)),
            List.of(
                new Period(YearMonth.of(2026, 10), 1, 0, List.of(line("2"))),
                new Period(YearMonth.of(2026, 11), 2, 0, List.of(line("0.75")))),
            null));
  }

  private static BillLine line(String amount) {
    return new BillLine("qwen-max", TokenClass.INPUT, "v1", 100, new BigDecimal(amount));
  }

  private void land(long sequence, String completion, String key, String cost) {
    Instant at = Instant.parse(completion);
    landed.events.add(
        new UsageEvent(
            "acme",
            sequence,
            new Usage(
                "%032x".formatted(sequence),
                Fate.BILLED,
                key,
                "1".repeat(64),
                "9f3A",
                "qwen-max",
                new TokenCounts(100, 20, 3, 50, 7),
                at,
                at.minusSeconds(1),
                at,
                new LineSource("gateway-1", "/a.log"),
                4096 * sequence,
                "s",
                List.of(),
                null),
            "USD",
            new BigDecimal(cost),
            false,
            List.of(
                new UsageEvent.Charge(
                    TokenClass.INPUT, "qwen-max", "v1", 100, new BigDecimal(cost)))));
  }

  private static JsonNode explain(String query) {
    Answer answer = get("/v1/explain?account=acme&" + query);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json();
  }

  @Test
  void aBalanceIsExplained() {
    JsonNode explained = explain("figure=balance");
    assertThat(explained.path("value").asString())
        .isEqualTo(get("/v1/accounts/acme/balance").json().path("balance").asString())
        .isEqualTo("7.25");
    assertThat(explained.path("formula").asString()).isEqualTo("granted 10 - spent 2.75 = 7.25");
    BigDecimal sum = BigDecimal.ZERO;
    for (JsonNode term : explained.path("terms")) {
      sum = sum.add(new BigDecimal(term.path("amount").asString()));
    }
    assertThat(sum).isEqualByComparingTo("7.25");
    assertThat(explained.path("agrees").asBoolean()).isTrue();
    assertThat(explained.path("sequence").asLong()).isEqualTo(3);
    assertThat(explained.path("sql").asString()).isEqualTo("SELECT acme 10");
    assertThat(explained.path("lines").path(0).path("quantity").asLong()).isEqualTo(300);
  }

  @Test
  void aBillIsExplainedInTheAccountsMonth() {
    JsonNode october = explain("figure=bill&month=2026-10");
    assertThat(october.path("value").asString())
        .isEqualTo(get("/v1/accounts/acme/bills/2026-10").json().path("exactTotal").asString())
        .isEqualTo("2");
    assertThat(october.path("formula").asString())
        .isEqualTo(
            "sum of the amounts of 1 lines = 2; rounded half-even to the minor unit of USD: 2.00");
    assertThat(october.path("from").asString()).isEqualTo("2026-09-30T22:00:00Z");
    assertThat(october.path("evidence").path("items").size()).isEqualTo(1);
    assertThat(explain("figure=bill&month=2026-11").path("value").asString()).isEqualTo("0.75");
  }

  @Test
  void usageIsExplainedLineByLine() {
    JsonNode first = explain("figure=usage&limit=1");
    assertThat(first.path("value").asString()).isEqualTo("0.75");
    JsonNode line = first.path("evidence").path("items").path(0);
    assertThat(line.path("sequence").asLong()).isEqualTo(1);
    assertThat(line.path("masked").asString()).isEqualTo("…9f3A");
    assertThat(line.path("inputTokens").asLong()).isEqualTo(123);
    assertThat(line.path("offset").asLong()).isEqualTo(4096);
    assertThat(first.toString()).doesNotContain("1".repeat(64));
    JsonNode second =
        explain("figure=usage&limit=1&cursor=" + first.path("evidence").path("next").asString());
    assertThat(second.path("evidence").path("items").path(0).path("sequence").asLong())
        .isEqualTo(2);
    assertThat(second.path("evidence").has("next")).isFalse();
    assertThat(explain("figure=usage&key=batch").path("value").asString()).isEqualTo("0.25");
    assertThat(explain("figure=usage&model=other").path("value").asString()).isEqualTo("0");
  }

  @Test
  void whatDoesNotAgreeIsSaid() {
    landed.events.set(0, landed.events.get(1));
    landed.events.set(
        1,
        new UsageEvent(
            "acme", 1, landed.events.get(1).usage(), "USD", BigDecimal.ONE, false, List.of()));
    assertThat(explain("figure=balance").path("agrees").asBoolean()).isFalse();
  }

  @Test
  void whatDoesNotFitIsRefused() {
    for (String wrong :
        List.of(
            "figure=price&account=acme",
            "figure=bill&account=acme",
            "figure=balance&account=acme&month=2026-10",
            "figure=balance&account=acme&key=main",
            "figure=bill&account=acme&month=2026-13",
            "figure=usage&account=acme&cursor=%21",
            "figure=usage&account=acme&from=2026-12-01T00:00:00Z",
            "figure=usage")) {
      assertThat(get("/v1/explain?" + wrong).status()).as(wrong).isEqualTo(400);
    }
    assertThat(get("/v1/explain?figure=balance&account=nobody").status()).isEqualTo(404);
    landed.events.remove(0);
    assertThat(get("/v1/explain?figure=balance&account=acme").status()).isEqualTo(503);
  }
}
