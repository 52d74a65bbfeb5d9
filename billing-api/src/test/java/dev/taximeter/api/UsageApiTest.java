package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.usage.LandedEvent;
import dev.taximeter.contract.event.TokenCounts;
import java.math.BigDecimal;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class UsageApiTest extends ApiTest {
  private static final String UNATTRIBUTED = "unattributed:0123456789abcdef";

  @BeforeEach
  void someUsage() {
    // Berlin's 1 November begins at 23:00 UTC on 31 October.
    add("acme", 1, "prod", "qwen-max", "2026-10-31T22:59:59.999Z", "1");
    add("acme", 2, "prod", "qwen-max", "2026-10-31T23:00:00Z", "0.000000000001");
    add("acme", 3, "dev", "qwen-max", "2026-11-01T22:59:59.999Z", "2");
    add("acme", 4, "prod", "gpt-4o", "2026-11-01T23:00:00Z", "3.50");
    add("globex", 1, "main", "gpt-4o", "2026-11-01T00:00:00Z", "4");
    add("initech", 1, "k", "gpt-4o", "2026-11-01T18:30:00Z", "5");
    add(UNATTRIBUTED, 1, "0123456789ab", "gpt-4o", "2026-11-01T00:00:00Z", "0");
    add("not-in-the-catalogue", 1, "k", "gpt-4o", "2026-11-01T00:00:00Z", "0");
  }

  @Test
  void sumsByDayInTheAccountsZone() {
    Answer answer =
        get(
            "/v1/usage?account=acme&granularity=day&from=2026-10-31T23:00:00Z&to=2026-11-30T23:00:00Z");

    assertThat(answer.status()).isEqualTo(200);
    JsonNode rows = answer.json().path("rows");
    assertThat(rows.size()).isEqualTo(2);
    JsonNode first = rows.get(0);
    assertThat(first.path("start").asString()).isEqualTo("2026-10-31T23:00:00Z");
    assertThat(first.path("account").asString()).isEqualTo("acme");
    assertThat(first.has("key")).isFalse();
    assertThat(first.has("model")).isFalse();
    assertThat(first.path("requests").asInt()).isEqualTo(2);
    assertThat(first.path("inputTokens").asLong()).isEqualTo(2 * (100 + 20 + 3));
    assertThat(first.path("cachedInputTokens").asLong()).isEqualTo(40);
    assertThat(first.path("cacheWriteTokens").asLong()).isEqualTo(6);
    assertThat(first.path("outputTokens").asLong()).isEqualTo(2 * (50 + 7));
    assertThat(first.path("reasoningTokens").asLong()).isEqualTo(14);
    assertThat(first.path("cost").isString()).isTrue();
    assertThat(first.path("cost").asString()).isEqualTo("2.000000000001");
    assertThat(first.path("currency").asString()).isEqualTo("USD");
    assertThat(rows.get(1).path("cost").asString()).isEqualTo("3.5");
    assertThat(answer.json().path("asOf").path("sequence").asLong()).isEqualTo(4);
    assertThat(answer.json().path("asOf").path("time").asString())
        .isEqualTo("2026-11-24T09:30:00Z");
    assertThat(answer.json().path("asOf").path("exact").asBoolean()).isTrue();
  }

  @Test
  void theDefaultIsTheCurrentMonthOfTheAccount() {
    JsonNode rows = get("/v1/usage?account=acme").json().path("rows");

    assertThat(rows.size()).isEqualTo(1);
    assertThat(rows.get(0).path("start").asString()).isEqualTo("2026-10-31T23:00:00Z");
    assertThat(rows.get(0).path("requests").asInt()).isEqualTo(3);
  }

  /** As the balance has it; a gateway's clock may be ahead. */
  @ParameterizedTest
  @ValueSource(strings = {"", "&granularity=minute", "&granularity=hour", "&granularity=day"})
  void withoutAnEndAllSoFarIsInIt(String granularity) {
    add("acme", 5, "ahead", "qwen-max", "2026-11-24T09:39:59Z", "7");
    String question = "/v1/usage?account=acme&key=ahead&from=2026-11-24T09:00:00Z" + granularity;
    assertThat(get(question).json().path("rows").get(0).path("cost").asString()).isEqualTo("7");
    assertThat(get(question + "&to=2026-11-24T09:30:00Z").json().path("rows").size()).isZero();
  }

  @Test
  void clippedBucketsKeepTheirCalendarStart() {
    JsonNode rows =
        get("/v1/usage?account=acme&granularity=month&from=2026-11-01T12:00:00Z&to=2026-11-01T23:00:00Z")
            .json()
            .path("rows");

    assertThat(rows.size()).isEqualTo(1);
    assertThat(rows.get(0).path("start").asString()).isEqualTo("2026-10-31T23:00:00Z");
    assertThat(rows.get(0).path("requests").asInt()).isEqualTo(1);
  }

  @Test
  void groupsByKeyAndModel() {
    JsonNode rows = get("/v1/usage?account=acme&groupBy=key,model").json().path("rows");

    assertThat(rows.size()).isEqualTo(3);
    assertThat(rows.get(0).path("key").asString()).isEqualTo("dev");
    assertThat(rows.get(1).path("key").asString()).isEqualTo("prod");
    assertThat(rows.get(1).path("model").asString()).isEqualTo("gpt-4o");
    assertThat(rows.get(2).path("model").asString()).isEqualTo("qwen-max");
  }

  @Test
  void filters() {
    assertThat(
            get("/v1/usage?account=acme&key=dev")
                .json()
                .path("rows")
                .get(0)
                .path("cost")
                .asString())
        .isEqualTo("2");
    assertThat(get("/v1/usage?account=acme&model=none").json().path("rows").size()).isZero();
  }

  @Test
  void teamsAreThoseThatHaveTheKeysNow() {
    put("/v1/accounts/acme/teams/research", "application/json", "{\"name\":\"Research\"}");
    post("/v1/accounts/acme/keys", "{\"name\":\"prod\",\"secret\":\"sk-existing-00042\"}");
    assertThat(get("/v1/usage?account=acme&team=research").json().path("rows").size()).isZero();
    patch("/v1/accounts/acme/keys/prod", "{\"team\":\"research\"}", null);

    JsonNode rows = get("/v1/usage?account=acme&groupBy=team").json().path("rows");
    assertThat(rows.size()).isEqualTo(2);
    assertThat(rows.get(0).has("team")).isFalse();
    assertThat(rows.get(0).path("cost").asString()).isEqualTo("2");
    assertThat(rows.get(1).path("team").asString()).isEqualTo("research");
    assertThat(rows.get(1).has("key")).isFalse();
    assertThat(rows.get(1).path("requests").asInt()).isEqualTo(2);
    assertThat(rows.get(1).path("inputTokens").asLong()).isEqualTo(2 * (100 + 20 + 3));
    assertThat(rows.get(1).path("cost").asString()).isEqualTo("3.500000000001");

    JsonNode models = get("/v1/usage?account=acme&team=research&groupBy=model").json().path("rows");
    assertThat(models.size()).isEqualTo(2);
    assertThat(models.get(0).path("model").asString()).isEqualTo("gpt-4o");
    assertThat(models.get(0).has("team")).isFalse();
  }

  @Test
  void withoutAnAccountEveryAccountHasItsOwnDays() {
    Answer answer =
        get("/v1/usage?granularity=day&from=2026-10-31T12:00:00Z&to=2026-11-03T00:00:00Z");
    JsonNode rows = answer.json().path("rows");

    assertThat(
            rows.valueStream()
                .map(row -> row.path("start").asString() + " " + row.path("account").asString()))
        .containsExactly(
            "2026-10-30T23:00:00Z acme",
            "2026-10-31T23:00:00Z acme",
            "2026-11-01T00:00:00Z globex",
            "2026-11-01T18:30:00Z initech",
            "2026-11-01T23:00:00Z acme");
    assertThat(answer.json().path("asOf").path("sequence").asLong()).isEqualTo(6);
  }

  @Test
  void unknownKeysUsageIsShownOnlyByName() {
    assertThat(get("/v1/usage").body()).doesNotContain("unattributed").doesNotContain("not-in");

    assertThat(get("/v1/usage?account=" + UNATTRIBUTED).status()).isEqualTo(404);
    states.put(open(account(UNATTRIBUTED, "UTC"), 0));
    JsonNode row = get("/v1/usage?account=" + UNATTRIBUTED).json().path("rows").get(0);
    assertThat(row.path("requests").asInt()).isEqualTo(1);
  }

  @Test
  void anUnescapedPlusIsUnderstood() {
    assertThat(
            get("/v1/usage?account=acme&from=2026-11-01T00:00:00+01:00&to=2026-11-02T00:00:00%2B01:00")
                .json()
                .path("rows")
                .get(0)
                .path("start")
                .asString())
        .isEqualTo("2026-10-31T23:00:00Z");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "granularity=week|400|granularity|minute, hour, day, month",
        "granularity=DAY|400|granularity|minute, hour, day, month",
        "from=yesterday|400|from|RFC 3339",
        "from=2026-11-01|400|from|RFC 3339",
        "to=2026-11-01T00:00:00|400|to|RFC 3339",
        "from=2026-11-02T00:00:00Z&to=2026-11-02T00:00:00Z|400|from|before to",
        "from=2027-01-01T00:00:00Z|400|from|before to",
        "to=1960-01-01T00:00:00Z|400|from|overlap",
        "team=nobody|400|team|id of a team",
        "groupBy=keys|400|groupBy|may hold key, team and model",
        "acount=acme|400|acount|takes account, cursor, from, granularity",
        "account=acme&account=globex|400|account|more than once"
      })
  void mistakesAreNamed(String query, int status, String where, String fix) {
    Answer answer = get("/v1/usage?" + query);

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    JsonNode problem = answer.json();
    assertThat(problem.path("type").asString())
        .isEqualTo("urn:taximeter:problem:invalid-parameter");
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("detail").asString()).startsWith(where).contains(fix);
    assertThat(problem.path("errors").get(0).path("where").asString()).isEqualTo(where);
  }

  @Test
  void anUnknownAccountIsNotFound() {
    Answer answer = get("/v1/usage?account=nobody");

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.json().path("type").asString()).isEqualTo("urn:taximeter:problem:not-found");
  }

  @Test
  void tooMuchIsRefusedBeforeItIsRead() {
    Answer answer =
        get(
            "/v1/usage?account=acme&granularity=minute&from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z");

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.json().path("type").asString())
        .isEqualTo("urn:taximeter:problem:too-many-rows");
  }

  @Test
  void withoutHistoryOnlyHistoryIsMissing() {
    history.setDown(true);

    Answer answer = get("/v1/usage?account=acme");
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.header("Retry-After")).isEqualTo("5");
    assertThat(answer.json().path("type").asString())
        .isEqualTo("urn:taximeter:problem:history-unavailable");
    assertThat(get("/v1/accounts/acme/balance").status()).isEqualTo(200);
    assertThat(get("/v1/accounts/acme/bills/2026-11").status()).isEqualTo(200);
  }

  private static final String NOVEMBER =
      "/v1/usage?from=2026-10-01T00:00:00Z&to=2026-11-20T00:00:00Z&groupBy=key,model";

  private static java.util.List<String> costs(JsonNode report) {
    return report.path("rows").valueStream().map(row -> row.path("cost").asString()).toList();
  }

  @Test
  void rowsAreSortedByWhatIsAsked() {
    assertThat(costs(get(NOVEMBER + "&sort=cost&order=desc").json()))
        .containsExactly("5", "4", "3.5", "2", "1.000000000001");
    assertThat(costs(get(NOVEMBER + "&sort=cost").json()))
        .containsExactly("1.000000000001", "2", "3.5", "4", "5");
    assertThat(
            get(NOVEMBER + "&sort=requests&order=desc").json().path("rows").get(0).path("requests"))
        .hasToString("2");
    assertThat(costs(get(NOVEMBER + "&order=desc").json()))
        .isEqualTo(reversed(costs(get(NOVEMBER).json())));
  }

  private static java.util.List<String> reversed(java.util.List<String> all) {
    java.util.List<String> turned = new java.util.ArrayList<>(all);
    java.util.Collections.reverse(turned);
    return turned;
  }

  @ParameterizedTest
  @CsvSource({"start,asc", "start,desc", "cost,desc", "requests,asc", "tokens,desc"})
  void pagesPutTogetherAreTheWhole(String sort, String order) {
    String query = NOVEMBER + "&sort=" + sort + "&order=" + order;
    java.util.List<String> whole = costs(get(query).json());
    java.util.List<String> read = new java.util.ArrayList<>();
    String cursor = "";
    int pages = 0;
    do {
      JsonNode page = get(query + "&limit=2" + cursor).json();
      read.addAll(costs(page));
      cursor = page.has("next") ? "&cursor=" + page.path("next").asString() : "";
      pages++;
    } while (!cursor.isEmpty());
    assertThat(read).isEqualTo(whole).hasSize(5);
    assertThat(pages).isEqualTo(3);
    assertThat(get(query).json().has("next")).isFalse();
  }

  @Test
  void csvHasPagesToo() {
    String query = NOVEMBER + "&sort=cost&order=desc&limit=3";
    Answer first = csv(query);
    assertThat(first.body().lines()).hasSize(4);
    assertThat(first.body().lines().skip(1).findFirst().orElseThrow()).contains(",5,USD");
    Answer second = csv(query + "&cursor=" + first.header("X-Next-Cursor"));
    assertThat(second.body().lines()).hasSize(3);
    assertThat(second.header("X-Next-Cursor")).isNull();
  }

  @Test
  void metersAreReadAsOpenMeterHasThem() {
    String query = "/v1/meters/cost/query?from=2026-10-31T00:00:00Z&to=2026-11-20T00:00:00Z";
    JsonNode report = get(query + "&windowSize=DAY&groupBy=subject,model").json();
    assertThat(report.path("windowSize").asString()).isEqualTo("DAY");
    JsonNode first = report.path("data").get(0);
    // UTC's days, not those of Berlin.
    assertThat(first.path("windowStart").asString()).isEqualTo("2026-10-31T00:00:00Z");
    assertThat(first.path("windowEnd").asString()).isEqualTo("2026-11-01T00:00:00Z");
    assertThat(first.path("subject").asString()).isEqualTo("acme");
    assertThat(first.path("groupBy").path("model").asString()).isEqualTo("qwen-max");
    assertThat(first.path("value").isNumber()).isTrue();
    assertThat(first.path("value").decimalValue()).isEqualByComparingTo("1.000000000001");
    assertThat(report.path("data").size()).isEqualTo(5);

    JsonNode whole = get(query).json().path("data");
    assertThat(whole.size()).isEqualTo(1);
    assertThat(whole.get(0).path("value").decimalValue()).isEqualByComparingTo("15.500000000001");
    assertThat(whole.get(0).path("windowEnd").asString()).isEqualTo("2026-11-20T00:00:00Z");
    assertThat(whole.get(0).has("subject")).isFalse();

    assertThat(
            get("/api" + query + "&subject=acme&filterGroupBy%5Bmodel%5D=gpt-4o")
                .json()
                .path("data")
                .get(0)
                .path("value")
                .decimalValue())
        .isEqualByComparingTo("3.5");
    assertThat(get(query + "&windowSize=MONTH&windowTimeZone=Europe/Berlin").json().path("data"))
        .hasSize(2);
    assertThat(get(query.replace("cost", "requests")).json().path("data").get(0).path("value"))
        .hasToString("6");
    assertThat(csv(query + "&groupBy=subject").body().lines().toList())
        .hasSize(4)
        .contains("2026-10-31T00:00:00Z,2026-11-20T00:00:00Z,globex,,,4");
  }

  @ParameterizedTest
  @CsvSource({
    "sums/query, 404",
    "cost/query?windowSize=WEEK, 400",
    "cost/query?windowTimeZone=Mars, 400",
    "cost/query?groupBy=team, 400",
    "cost/query?subject=nobody, 404",
    "cost/query?filterGroupBy=x, 400",
  })
  void metersThatAreNotThereAreRefused(String query, int status) {
    assertThat(get("/v1/meters/" + query).status()).isEqualTo(status);
  }

  private static Answer csv(String path) {
    return send(withToken(request(path)).header("Accept", "text/csv").GET().build());
  }

  @ParameterizedTest
  @CsvSource({
    "sort=price",
    "order=up",
    "limit=0",
    "limit=1001",
    "cursor=bnVsbA",
    "limit=2&cursor=bnVsbA",
    "limit=2&cursor=e30",
    "limit=2&cursor=%21",
  })
  void wrongOrdersAndPagesAreRefused(String query) {
    assertThat(get("/v1/usage?" + query).status()).isEqualTo(400);
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
            new TokenCounts(100, 20, 3, 50, 7),
            account.startsWith("unattributed:") ? "" : "USD",
            new BigDecimal(cost)));
  }
}
