package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.usage.LandedEvent;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.AccountState.CreditState;
import dev.taximeter.contract.event.TokenCounts;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** It is 24 November 2026, 09:30 UTC: 10:30 in Berlin and 15:00 in Kolkata. */
class OverviewApiTest extends ApiTest {
  @BeforeEach
  void someUsage() {
    // Kolkata's 1 November begins at 18:30 UTC on 31 October, Berlin's at 23:00.
    add("initech", 1, "k", "gpt-4o", "2026-10-31T18:29:59.999Z", "100");
    add("initech", 2, "k", "gpt-4o", "2026-10-31T18:30:00Z", "5");
    add("initech", 3, "k", "gpt-4o", "2026-10-10T00:00:00Z", "60");
    add("acme", 1, "prod", "qwen-max", "2026-10-31T22:59:59.999Z", "50");
    add("acme", 2, "prod", "qwen-max", "2026-10-31T23:00:00Z", "0.000000000001");
    add("acme", 3, "dev", "gpt-4o", "2026-11-24T08:00:00Z", "2");
    add("globex", 1, "main", "gpt-4o", "2026-11-24T09:00:00Z", "4");
    // The month before, after the time of month that it is now.
    add("globex", 2, "main", "gpt-4o", "2026-10-24T09:30:00Z", "1000");
    add("globex", 3, "main", "gpt-4o", "2026-10-24T09:29:59Z", "8");
    add("not-in-the-catalogue", 1, "k", "gpt-4o", "2026-11-24T09:00:00Z", "7");
  }

  @Test
  void aMonthIsThatOfEachAccountsZone() {
    JsonNode answer = get("/v1/overview?span=month").json();

    assertThat(answer.path("total").path("requests").asLong()).isEqualTo(4);
    assertThat(cost(answer.path("total"))).isEqualTo("11.000000000001");
    assertThat(answer.path("currency").asString()).isEqualTo("USD");
    assertThat(answer.path("bars").size()).isEqualTo(2);
    assertThat(answer.path("bars").get(0).path("at").asString()).isEqualTo("2026-11-01");
    assertThat(cost(answer.path("bars").get(0).path("sum"))).isEqualTo("5.000000000001");
    assertThat(answer.path("bars").get(1).path("at").asString()).isEqualTo("2026-11-24");
    assertThat(answer.path("asOf").path("exact").asBoolean()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-24T22:59:59Z, 2026-11-24, 2026-11-24T22:00:00Z",
    "2026-11-24T23:00:00Z, 2026-11-25, 2026-11-24T23:00:00Z"
  })
  void theLastBarIsTodayInTheAccountsZone(String now, String day, String hour) {
    clock.set(now);
    assertThat(get("/v1/overview?account=acme&span=7d").json().path("lastBar").asString())
        .isEqualTo(day);
    assertThat(get("/v1/overview?account=acme&span=24h").json().path("lastBar").asString())
        .isEqualTo(hour);
  }

  @Test
  void theMonthBeforeEndsAtTheSamePoint() {
    JsonNode before = get("/v1/overview?span=month").json().path("before");

    assertThat(before.path("requests").asLong()).isEqualTo(2);
    assertThat(cost(before)).isEqualTo("68");
  }

  @Test
  void groupsAreTheLargestAndTheOthers() {
    JsonNode answer = get("/v1/overview?span=month&measure=cost&limit=1").json();

    assertThat(answer.path("groups").size()).isEqualTo(1);
    JsonNode first = answer.path("groups").get(0);
    assertThat(first.path("account").asString()).isEqualTo("initech");
    assertThat(first.path("name").asString()).isEqualTo("INITECH");
    assertThat(first.path("from").asString()).isEqualTo("2026-10-31T18:30:00Z");
    assertThat(cost(first.path("before"))).isEqualTo("60");
    assertThat(answer.path("others").path("groups").asInt()).isEqualTo(2);
    assertThat(cost(answer.path("others").path("sum"))).isEqualTo("6.000000000001");
  }

  @ParameterizedTest
  @ValueSource(strings = {"account", "key", "model", "team"})
  void groupsAddUpToTheTotal(String by) {
    JsonNode answer = get("/v1/overview?span=30d&groupBy=" + by).json();

    BigDecimal sum = BigDecimal.ZERO;
    BigDecimal before = BigDecimal.ZERO;
    for (JsonNode group : answer.path("groups")) {
      sum = sum.add(new BigDecimal(cost(group.path("sum"))));
      before = before.add(new BigDecimal(cost(group.path("before"))));
    }
    assertThat(sum).isEqualByComparingTo(cost(answer.path("total")));
    assertThat(before).isEqualByComparingTo(cost(answer.path("before")));
    assertThat(answer.has("others")).isFalse();
  }

  @Test
  void hoursAreThoseOfUtc() {
    JsonNode bars = get("/v1/overview?span=24h&account=acme").json().path("bars");

    assertThat(bars.size()).isEqualTo(1);
    assertThat(bars.get(0).path("at").asString()).isEqualTo("2026-11-24T08:00:00Z");
  }

  @Test
  void oneKeyAndModelOfAnAccount() {
    JsonNode answer =
        get("/v1/overview?span=month&account=acme&key=dev&model=gpt-4o&groupBy=model").json();

    assertThat(answer.path("from").asString()).isEqualTo("2026-10-31T23:00:00Z");
    assertThat(answer.path("to").asString()).isEqualTo("2026-11-24T09:30:00Z");
    assertThat(cost(answer.path("total"))).isEqualTo("2");
    assertThat(answer.path("groups").get(0).path("id").asString()).isEqualTo("gpt-4o");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"span=1y", "groupBy=colour", "measure=weight", "limit=0", "team=nobody", "x=1"})
  void wrongParametersAreRefused(String parameter) {
    assertThat(get("/v1/overview?" + parameter).status()).isEqualTo(400);
  }

  @Test
  void anUnknownAccountIsNotFound() {
    assertThat(get("/v1/overview?account=nobody").status()).isEqualTo(404);
    assertThat(get("/v1/standing/balances?account=nobody").status()).isEqualTo(404);
    assertThat(get("/v1/standing/quotas?account=nobody").status()).isEqualTo(404);
  }

  @Test
  void whoRunsOutFirstIsFirst() {
    add("acme", 4, "dev", "gpt-4o", "2026-11-23T08:00:00Z", "5");
    states.put(funded("acme", "20", "7"));
    states.put(funded("globex", "5", "12"));

    JsonNode items = get("/v1/standing/balances").json().path("items");

    assertThat(items.get(0).path("account").asString()).isEqualTo("globex");
    assertThat(items.get(0).path("balance").asString()).isEqualTo("-7");
    assertThat(items.get(0).path("runwayDays").asLong(-1)).isZero();
    assertThat(items.get(1).path("account").asString()).isEqualTo("acme");
    assertThat(items.get(1).path("balance").asString()).isEqualTo("13");
    assertThat(items.get(1).path("spentLately").asString()).isEqualTo("7");
    assertThat(items.get(1).path("runwayDays").asLong(-1)).isEqualTo(13);
    assertThat(items.get(2).has("runwayDays")).isFalse();
  }

  @Test
  void whoSpendsNextToNothingLastsForALifetime() {
    add("initech", 4, "dev", "gpt-4o", "2026-11-23T08:00:00Z", "0.000000000001");
    states.put(funded("initech", "1000000000000000", "1"));

    JsonNode standing = get("/v1/standing/balances?account=initech").json().path("items").get(0);

    assertThat(standing.path("runwayDays").asLong(-1)).isEqualTo(36_500);
  }

  @Test
  void quotasAreCountedInTheirOwnWindow() throws Exception {
    load(
        new Catalog(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(
                quota("month", null, null, Quota.Metric.COST, Quota.Window.MONTH, "4"),
                quota("day-dev", "dev", null, Quota.Metric.REQUESTS, Quota.Window.DAY, "10"),
                quota("qwen", null, "qwen-*", Quota.Metric.COST, Quota.Window.MONTH, "1"),
                quota("hour", null, null, Quota.Metric.COST, Quota.Window.HOUR, "1")),
            List.of()));

    JsonNode items = get("/v1/standing/quotas").json().path("items");

    assertThat(items.get(0).path("id").asString()).isEqualTo("month");
    assertThat(items.get(0).path("used").asString()).isEqualTo("2.000000000001");
    assertThat(items.get(0).path("percent").asLong()).isEqualTo(50);
    assertThat(items.get(0).path("from").asString()).isEqualTo("2026-10-31T23:00:00Z");
    assertThat(items.get(1).path("id").asString()).isEqualTo("day-dev");
    assertThat(items.get(1).path("percent").asLong()).isEqualTo(10);
    assertThat(items.get(2).path("used").asString()).isEqualTo("0");
    assertThat(items.get(3).path("used").asString()).isEqualTo("0.000000000001");
  }

  private static String cost(JsonNode sum) {
    return sum.path("costs").isEmpty() ? "0" : sum.path("costs").get(0).path("amount").asString();
  }

  private static Quota quota(
      String id, String key, String model, Quota.Metric metric, Quota.Window window, String limit) {
    return new Quota(id, "acme", key, model, metric, window, new BigDecimal(limit), List.of(100));
  }

  private static AccountState funded(String account, String granted, String spent) {
    return new AccountState(
        account,
        1,
        1,
        "USD",
        "UTC",
        new BigDecimal(spent),
        1,
        List.of(new CreditState("c", new BigDecimal(granted), null, BigDecimal.ZERO)),
        List.of(),
        null);
  }

  private void add(
      String account, long sequence, String key, String model, String completion, String cost) {
    history.add(
        new LandedEvent(
            account,
            sequence,
            key,
            model,
            Instant.parse(completion),
            new TokenCounts(100, 0, 0, 50, 0),
            "USD",
            new BigDecimal(cost)));
  }
}
