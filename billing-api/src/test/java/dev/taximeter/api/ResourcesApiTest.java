package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.catalog.Team;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What can be written can be read, changed by nobody else meanwhile, and sent again. */
class ResourcesApiTest extends ApiTest {
  private static final String BOOK =
      """
      {"currency":"USD","prices":[
        {"model":"qwen-*","effectiveFrom":"2026-01-01T00:00:00Z","perRequest":"0.001",
         "perMillion":{"output":"1.2"},
         "graduated":{"input":[{"upTo":1000,"perMillion":"0.5"},{"perMillion":"0.4"}]},
         "package":{"cacheWrite":{"tokens":1000000,"price":"5"}},
         "volume":{"reasoning":[{"upTo":10,"perMillion":"2"},{"perMillion":"1"}]},
         "free":{"input":100}},
        {"model":"gpt-4o","effectiveFrom":"2026-01-01T00:00:00Z","perMillion":{"input":"2.5"},
         "contextTiers":[{"above":128000,"perMillion":{"input":"5"}}]}]}
      """;

  private static Answer send(String method, String path, String json, String... headers) {
    HttpRequest.Builder request =
        withToken(request(path)).header("Content-Type", "application/json");
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return send(request.method(method, HttpRequest.BodyPublishers.ofString(json)).build());
  }

  private static Answer getIfNoneMatch(String path, String tag) {
    return send(withToken(request(path)).header("If-None-Match", tag).GET().build());
  }

  private static void assertProblem(Answer answer, int status, String type) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.json().path("type").asString()).isEqualTo("urn:taximeter:problem:" + type);
  }

  @Test
  void aBookThatWasReadCanBeWrittenAgain() {
    Answer made = send("PUT", "/v1/price-books/contract", BOOK);
    assertThat(made.status()).as(made.body()).isEqualTo(201);
    Answer read = get("/v1/price-books/contract");
    assertThat(read.body()).isEqualTo(made.body());
    assertThat(read.header("ETag")).isEqualTo(made.header("ETag"));
    JsonNode entry = read.json().path("prices").path(0);
    assertThat(entry.path("graduated").path("input").path(0).path("upTo").asLong()).isEqualTo(1000);
    assertThat(entry.path("package").path("cacheWrite").path("price").asString()).isEqualTo("5");
    assertThat(entry.path("free").path("input").asLong()).isEqualTo(100);
    assertThat(entry.path("perRequest").asString()).isEqualTo("0.001");
    assertThat(entry.path("priceVersion").asString()).startsWith("contract:qwen-*:2026-01-01");
    assertThat(
            read.json().path("prices").path(1).path("contextTiers").path(0).path("above").asLong())
        .isEqualTo(128_000);

    Answer again =
        send("PUT", "/v1/price-books/contract", read.body(), "If-Match", read.header("ETag"));
    assertThat(again.status()).as(again.body()).isEqualTo(200);
    assertThat(again.header("ETag")).isEqualTo(read.header("ETag"));
    assertThat(again.body()).isEqualTo(read.body());
    assertThat(getIfNoneMatch("/v1/price-books/contract", read.header("ETag")).status())
        .isEqualTo(304);

    Answer changed = send("PUT", "/v1/price-books/contract", BOOK.replace("2.5", "3"));
    assertThat(changed.header("ETag")).isNotEqualTo(read.header("ETag"));
    assertProblem(
        send("PUT", "/v1/price-books/contract", BOOK, "If-Match", read.header("ETag")),
        412,
        "outdated");
    assertThat(get("/v1/catalog/history?id=priceBook/contract").json().path("items").size())
        .isEqualTo(2);
  }

  @Test
  void whatIsWrongWithABookIsSaidAsOfTheFile() {
    Answer wrong =
        send("PUT", "/v1/price-books/contract", BOOK.replace("\"upTo\":1000", "\"upTo\":-1"));
    assertProblem(wrong, 422, "invalid-catalog");
    assertThat(wrong.json().path("detail").asString()).contains("upTo");
    assertProblem(send("PUT", "/v1/price-books/contract", "[]"), 400, "invalid-body");
    assertProblem(send("PUT", "/v1/price-books/A", BOOK), 400, "invalid-parameter");
    assertProblem(
        send("PUT", "/v1/price-books/contract", "{\"id\":\"other\"}"), 400, "invalid-body");
    assertProblem(send("PUT", "/v1/cost-books/list", BOOK), 409, "conflict");
    assertProblem(get("/v1/cost-books/list"), 404, "not-found");
    assertProblem(get("/v1/price-books/none"), 404, "not-found");
  }

  @Test
  void plansAndCostBooksAreReadAndWritten() {
    assertThat(
            send("PUT", "/v1/cost-books/provider", "{\"currency\":\"USD\",\"prices\":[]}").status())
        .isEqualTo(201);
    Answer plan =
        send(
            "PUT",
            "/v1/plans/partner",
            "{\"priceBook\":\"list\",\"discountPercent\":\"10\",\"perRequest\":\"0.01\",\"costBook\":\"provider\"}");
    assertThat(plan.status()).as(plan.body()).isEqualTo(201);
    JsonNode read = get("/v1/plans/partner").json();
    assertThat(read.path("discountPercent").asString()).isEqualTo("10");
    assertThat(read.path("perRequest").asString()).isEqualTo("0.01");
    assertThat(read.path("costBook").asString()).isEqualTo("provider");
    assertThat(send("PUT", "/v1/plans/partner", read.toString()).header("ETag"))
        .isEqualTo(plan.header("ETag"));
    assertThat(read.has("versions")).isFalse();
    assertProblem(
        send("PUT", "/v1/plans/partner", "{\"priceBook\":\"none\"}"), 422, "invalid-catalog");

    JsonNode page = get("/v1/plans?limit=1&order=desc").json();
    assertThat(page.path("items").path(0).path("id").asString()).isEqualTo("standard");
    page = get("/v1/plans?limit=1&order=desc&cursor=" + page.path("next").asString()).json();
    assertThat(page.path("items").path(0).path("id").asString()).isEqualTo("partner");
    assertThat(page.has("next")).isFalse();
    assertThat(get("/v1/cost-books").json().path("items").size()).isEqualTo(1);
    assertThat(get("/v1/price-books?currency=EUR").json().path("items").size()).isZero();
  }

  @Test
  void aPlanShowsTheTermsOfNowAndAllOfThem() throws Exception {
    Plan first = new Plan("grown", "list", BigDecimal.ZERO, 1);
    Plan second =
        new Plan("grown", "list", new BigDecimal("0.02"), 2)
            .withEffectiveFrom(clock.instant().minusSeconds(60));
    Plan third =
        new Plan("grown", "list", new BigDecimal("0.05"), 3)
            .withEffectiveFrom(clock.instant().plusSeconds(60));
    load(
        new Catalog(
            List.of(),
            List.of(),
            List.of(),
            List.of(first.withLater(List.of(second, third))),
            List.of(),
            List.of()));

    JsonNode plan = get("/v1/plans/grown").json();
    assertThat(plan.path("perRequest").asString()).isEqualTo("0.02");
    assertThat(plan.has("effectiveFrom")).isFalse();
    assertThat(plan.path("versions").size()).isEqualTo(3);
    assertThat(plan.path("versions").path(0).has("effectiveFrom")).isFalse();
    assertThat(plan.path("versions").path(2).path("perRequest").asString()).isEqualTo("0.05");
  }

  @Test
  void aKeyThatIsMadeIsMadeOnceForAnIdempotencyKey() {
    String body = "{\"name\":\"made\"}";
    Answer first = send("POST", "/v1/accounts/acme/keys", body, "Idempotency-Key", "k1");
    Answer again = send("POST", "/v1/accounts/acme/keys", body, "Idempotency-Key", "k1");
    assertThat(first.status()).isEqualTo(201);
    assertThat(again.status()).as(again.body()).isEqualTo(200);
    assertThat(again.json()).isEqualTo(first.json());
    assertThat(first.json().path("secret").asString()).startsWith("tmk_");
    // The day's end lies between the two.
    clock.set("2026-11-25T00:10:00Z");
    assertThat(send("POST", "/v1/accounts/acme/keys", body, "Idempotency-Key", "k1").json())
        .isEqualTo(first.json());
    clock.set("2026-11-27T00:10:00Z");
    assertProblem(
        send("POST", "/v1/accounts/acme/keys", body, "Idempotency-Key", "k1"), 409, "conflict");
    assertProblem(
        send("POST", "/v1/accounts/acme/keys", "{\"name\":\"x\"}", "Idempotency-Key", "k1"),
        422,
        "idempotency-key-reused");
    assertThat(
            send("POST", "/v1/accounts/globex/keys", body, "Idempotency-Key", "k1")
                .json()
                .path("secret"))
        .isNotEqualTo(first.json().path("secret"));

    Answer rotated =
        send("POST", "/v1/accounts/acme/keys/made/rotation", "{}", "Idempotency-Key", "r1");
    Answer rotatedAgain =
        send("POST", "/v1/accounts/acme/keys/made/rotation", "{}", "Idempotency-Key", "r1");
    assertThat(rotated.status()).isEqualTo(201);
    assertThat(rotatedAgain.json().path("secret")).isEqualTo(rotated.json().path("secret"));
  }

  /** A key that has leaked must be revocable, whatever it is called. */
  @Test
  void aKeyWithASlashInItsNameIsOneOfItsAccounts() throws Exception {
    load(Catalog.of(new ApiKey("acme", "team/a", "1".repeat(64), "9f3A")));
    assertThat(get("/v1/accounts/acme/keys/team%2Fa").json().path("name").asString())
        .isEqualTo("team/a");
    assertThat(
            send("POST", "/v1/accounts/acme/keys/team%2Fa/revocation", "{}")
                .json()
                .path("expiresAt")
                .asString())
        .isEqualTo("2026-11-24T09:30:00Z");
    assertProblem(get("/v1/accounts/acme%2Fkeys"), 404, "not-found");
  }

  @Test
  void keysAreReadAndRevokedByName() throws Exception {
    load(Catalog.of(new ApiKey("acme", "main", "1".repeat(64), "9f3A")));
    Answer key = get("/v1/accounts/acme/keys/main");
    assertThat(key.json().path("masked").asString()).isEqualTo("…9f3A");
    assertThat(getIfNoneMatch("/v1/accounts/acme/keys/main", key.header("ETag")).status())
        .isEqualTo(304);
    assertProblem(get("/v1/accounts/acme/keys/none"), 404, "not-found");
    assertProblem(get("/v1/accounts/globex/keys/main"), 404, "not-found");

    Answer revoked =
        send(
            "POST",
            "/v1/accounts/acme/keys/main/revocation?reason=leaked",
            "{}",
            "If-Match",
            key.header("ETag"));
    assertThat(revoked.json().path("expiresAt").asString()).isEqualTo("2026-11-24T09:30:00Z");
    clock.set("2026-11-24T10:00:00Z");
    assertThat(
            send("POST", "/v1/accounts/acme/keys/main/revocation", "{}")
                .json()
                .path("expiresAt")
                .asString())
        .isEqualTo("2026-11-24T09:30:00Z");
    assertThat(get("/v1/accounts/acme/keys?state=expired").json().path("items").size())
        .isEqualTo(1);
    assertThat(get("/v1/accounts/acme/keys?state=active").json().path("items").size()).isZero();
  }

  @Test
  void listsArePagedInAStableOrder() throws Exception {
    for (int i = 0; i < 5; i++) {
      load(Catalog.of(new ApiKey("acme", "key-" + i, Integer.toString(i).repeat(64), "9f3A")));
      load(Catalog.of(new Team("team-" + i, "acme", "Team")));
    }
    assertThat(walk("/v1/accounts/acme/keys?limit=2", "name"))
        .containsExactly("key-0", "key-1", "key-2", "key-3", "key-4");
    assertThat(walk("/v1/accounts/acme/keys?limit=2&order=desc", "name"))
        .containsExactly("key-4", "key-3", "key-2", "key-1", "key-0");
    assertThat(walk("/v1/accounts/acme/teams?limit=2", "id"))
        .containsExactly("team-0", "team-1", "team-2", "team-3", "team-4");
    assertThat(walk("/v1/accounts?limit=1&order=desc", "id"))
        .containsExactly("initech", "globex", "acme");
    assertThat(walk("/v1/accounts?status=closed&limit=1", "id")).isEmpty();
    for (String wrong : List.of("order=up", "limit=0", "cursor=%21", "state=x", "sort=name")) {
      assertProblem(get("/v1/accounts/acme/keys?" + wrong), 400, "invalid-parameter");
    }
    Answer team = get("/v1/accounts/acme/teams/team-1");
    assertThat(team.json().path("name").asString()).isEqualTo("Team");
    assertThat(getIfNoneMatch("/v1/accounts/acme/teams/team-1", team.header("ETag")).status())
        .isEqualTo(304);
    assertProblem(get("/v1/accounts/globex/teams/team-1"), 404, "not-found");
  }

  private static List<String> walk(String path, String field) {
    List<String> found = new ArrayList<>();
    String cursor = "";
    for (int pages = 0; pages < 10; pages++) {
      JsonNode page = get(path + cursor).json();
      page.path("items").forEach(item -> found.add(item.path(field).asString()));
      if (!page.has("next")) {
        return found;
      }
      cursor = "&cursor=" + page.path("next").asString();
    }
    throw new AssertionError("the list does not end");
  }

  @Test
  void quotasAreListed() throws Exception {
    load(
        new Catalog(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(
                new Quota(
                    "acme-month",
                    "acme",
                    null,
                    "qwen-max",
                    Quota.Metric.COST,
                    Quota.Window.MONTH,
                    new BigDecimal("100"),
                    List.of(80, 100))),
            List.of()));
    JsonNode quota = get("/v1/accounts/acme/quotas").json().path("items").path(0);
    assertThat(quota.path("metric").asString()).isEqualTo("cost");
    assertThat(quota.path("limit").asString()).isEqualTo("100");
    assertThat(quota.has("key")).isFalse();
    assertThat(get("/v1/accounts/globex/quotas").json().path("items").size()).isZero();
  }

  @Test
  void creditsAndBillsComePageByPageAndById() {
    states.put(LedgerApiTest.state(9, 1));
    finals.put(LedgerApiTest.bill(dev.taximeter.contract.event.FinalBill.Status.FINAL));
    assertThat(get("/v1/accounts/acme/credits/ledger:1").json().path("remaining").asString())
        .isEqualTo("8");
    assertProblem(get("/v1/accounts/acme/credits/ledger:9"), 404, "not-found");
    assertThat(get("/v1/accounts/acme/credits?expired=true").json().path("items").size()).isZero();
    assertThat(get("/v1/accounts/acme/credits?limit=1").json().has("next")).isFalse();
    assertThat(walk("/v1/accounts/acme/bills?limit=1", "period"))
        .containsExactly("2026-11", "2026-10");
    assertThat(walk("/v1/accounts/acme/bills?status=final", "period")).containsExactly("2026-10");
  }

  @Test
  void anAnswerWaitsUntilItIsAsFreshAsWanted() throws Exception {
    states.put(LedgerApiTest.state(9, 1));
    assertThat(get("/v1/accounts/acme/balance?minAsOf=42").status()).isEqualTo(200);
    assertProblem(get("/v1/accounts/acme/balance?minAsOf=-1"), 400, "invalid-parameter");
    Thread arrival =
        new Thread(
            () -> {
              pause();
              states.put(LedgerApiTest.state(9, 1));
            });
    states.put(open(account("acme", "Europe/Berlin"), 1));
    arrival.start();
    Answer waited = get("/v1/accounts/acme/balance?minAsOf=42");
    arrival.join();
    assertThat(waited.json().path("asOf").path("sequence").asLong()).isEqualTo(42);
    long before = System.nanoTime();
    assertProblem(get("/v1/accounts/acme/bills/2026-11?minAsOf=43"), 504, "not-reached");
    assertThat(System.nanoTime() - before).isBetween(9_000_000_000L, 20_000_000_000L);
  }

  private static void pause() {
    try {
      Thread.sleep(300);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void usageComesAsCsv() {
    history.add(
        new dev.taximeter.api.usage.LandedEvent(
            "acme",
            1,
            "=key",
            "qwen-max",
            java.time.Instant.parse("2026-11-20T08:00:00Z"),
            new dev.taximeter.contract.event.TokenCounts(100, 20, 3, 50, 7),
            "USD",
            new BigDecimal("0.25")));
    Answer csv =
        send(
            withToken(request("/v1/usage?account=acme&groupBy=key,model"))
                .header("Accept", "text/csv")
                .GET()
                .build());
    assertThat(csv.header("Content-Type")).startsWith("text/csv");
    assertThat(csv.body())
        .isEqualTo(
            "start,account,key,team,model,requests,inputTokens,cachedInputTokens,cacheWriteTokens,"
                + "outputTokens,reasoningTokens,cost,currency\r\n"
                + "2026-10-31T23:00:00Z,acme,'=key,,qwen-max,1,123,20,3,57,7,0.25,USD\r\n");
    assertThat(csv.header("X-As-Of-Sequence")).isEqualTo("1");
    assertThat(get("/v1/usage?account=acme&minAsOf=1").json().path("rows").size()).isEqualTo(1);
  }

  @Test
  void aPriceFileThatIsTooDeepIsRefused() {
    assertProblem(
        send("POST", "/v1/price-books/list/imports", "[".repeat(5_000)), 400, "invalid-body");
  }

  @Test
  void whatTheServerItselfRefusesIsAProblem() {
    Answer answer = get("/v1/accounts/a%5Cb");
    assertProblem(answer, 400, "invalid-request");
    assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
    assertProblem(
        send(
            withToken(request("/v1/accounts"))
                .header("Content-Type", "*/*")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build()),
        415,
        "unsupported-media-type");
  }
}
