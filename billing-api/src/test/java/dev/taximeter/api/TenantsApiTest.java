package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.usage.LandedEvent;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.catalog.Team;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.TokenCounts;
import java.math.BigDecimal;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Customers do not get at each other, and not into each other's way. */
class TenantsApiTest extends ApiTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String OTHERS = "globex";
  private static final long NEVER_REACHED = 1_000_000;

  private static String token(String name, String role, String account) {
    String scope = account == null ? "" : ",\"account\":\"%s\"".formatted(account);
    Answer made =
        post("/v1/tokens", "{\"name\":\"%s\",\"role\":\"%s\"%s}".formatted(name, role, scope));
    assertThat(made.status()).as(made.body()).isEqualTo(201);
    return made.json().path("secret").asString();
  }

  private static HttpRequest.Builder by(String token, String path) {
    return request(path).header("Authorization", "Bearer " + token);
  }

  private static CompletableFuture<HttpResponse<String>> asked(String token, String path) {
    return CLIENT.sendAsync(by(token, path).GET().build(), HttpResponse.BodyHandlers.ofString());
  }

  private static Answer make(String token, String path, String json, String idempotencyKey) {
    return send(
        by(token, path)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", idempotencyKey)
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build());
  }

  private static AccountState reached(String account) {
    return state(account, NEVER_REACHED, List.of(), List.of());
  }

  /** An account with two credits and two months of usage. */
  static AccountState withCredits(String account) {
    return state(
        account,
        3,
        List.of(credit(account + "-old"), credit(account + "-new")),
        List.of(period(10, account), period(11, account)));
  }

  private static AccountState.CreditState credit(String id) {
    return new AccountState.CreditState(id, BigDecimal.TEN, null, BigDecimal.ONE);
  }

  private static AccountState.Period period(int month, String model) {
    return new AccountState.Period(
        YearMonth.of(2026, month),
        1,
        0,
        List.of(
            new AccountState.BillLine(
                model, TokenClass.INPUT, "list:*:2026-01-01T00:00:00Z:v1", 1_000, BigDecimal.ONE)));
  }

  private static AccountState state(
      String account,
      long sequence,
      List<AccountState.CreditState> credits,
      List<AccountState.Period> periods) {
    return new AccountState(
        account,
        sequence,
        1,
        "USD",
        "UTC",
        BigDecimal.valueOf(2),
        sequence,
        credits,
        periods,
        Instant.parse("2026-11-24T09:29:59Z"));
  }

  @Test
  void whoWaitsForFreshnessLeavesRoomForOthers() throws Exception {
    String acme = token("acme", "viewer", "acme");
    String globex = token("globex", "viewer", OTHERS);
    String late = "/balance?minAsOf=" + NEVER_REACHED;
    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      waiting.add(asked(acme, "/v1/accounts/acme" + late));
    }
    for (int i = 0; i < 6; i++) {
      waiting.add(asked(globex, "/v1/accounts/globex" + late));
    }
    Thread.sleep(1_000);
    assertThat(waiting).noneMatch(CompletableFuture::isDone);

    // One account may not have more than its share of the server.
    HttpResponse<String> more = asked(acme, "/v1/accounts/acme/balance").get();
    assertThat(more.statusCode()).isEqualTo(429);
    assertThat(more.body()).contains("10 requests of this account");
    assertThat(more.headers().firstValue("Retry-After")).hasValue("1");
    // All who wait must not have all of it, either.
    long began = System.nanoTime();
    HttpResponse<String> notHeldBack = asked(globex, "/v1/accounts/globex" + late).get();
    assertThat(notHeldBack.statusCode()).isEqualTo(504);
    assertThat(notHeldBack.body()).contains("wait for fresher answers already");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
    assertThat(asked(globex, "/v1/accounts/globex/balance").get().statusCode()).isEqualTo(200);
    assertThat(get("/v1/accounts").status()).isEqualTo(200);

    states.put(reached("acme"));
    states.put(reached(OTHERS));
    for (CompletableFuture<HttpResponse<String>> answer : waiting) {
      assertThat(answer.get().statusCode()).isEqualTo(200);
    }
    assertThat(asked(acme, "/v1/accounts/acme/balance").get().statusCode()).isEqualTo(200);
  }

  @Test
  void anIdempotencyKeyShowsNoOtherTokensSecret() {
    String ann = token("ann", "billing", "acme");
    String ben = token("ben", "billing", "acme");
    String path = "/v1/accounts/acme/keys";
    Answer made = make(ann, path, "{\"name\":\"ci\"}", "make-ci");
    assertThat(made.status()).as(made.body()).isEqualTo(201);
    String secret = made.json().path("secret").asString();
    assertThat(make(ann, path, "{\"name\":\"ci\"}", "make-ci").json().path("secret").asString())
        .isEqualTo(secret);

    Answer guessed = make(ben, path, "{\"name\":\"ci\"}", "make-ci");

    assertThat(guessed.status()).isEqualTo(409);
    assertThat(guessed.body()).doesNotContain(secret);
  }

  @Test
  void bodiesAreAsLargeAsTheyNeedToBe() {
    String large = "{\"name\":\"%s\"}".formatted("x".repeat(300_000));
    assertThat(post("/v1/accounts/acme/keys", large).status()).isEqualTo(413);
    assertThat(post("/v1/tokens", large).status()).isEqualTo(413);
    String book = "{\"currency\":\"USD\",\"prices\":[]%s}".formatted(" ".repeat(1_000_000));
    Answer read =
        send(
            withToken(request("/v1/price-books/large"))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(book))
                .build());
    assertThat(read.status()).as(read.body()).isEqualTo(201);
  }

  /** A place in somebody else's list is a place in one's own, and nothing more. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/accounts?",
        "/v1/alerts?",
        "/v1/usage?groupBy=key,model&granularity=day&",
        "/v1/accounts/%s/bills?",
        "/v1/accounts/%s/credits?",
        "/v1/accounts/%s/key-states?",
        "/v1/accounts/%s/keys?",
        "/v1/accounts/%s/ledger?",
        "/v1/accounts/%s/quotas?",
        "/v1/accounts/%s/teams?"
      })
  void othersCursorsLeadNowhereElse(String list) throws Exception {
    fill("acme");
    fill(OTHERS);
    String own = list.formatted("acme");
    List<String> cursors = new ArrayList<>();
    for (String order : List.of("asc", "desc")) {
      String all = list.equals(own) ? own : list.formatted(OTHERS);
      JsonNode page = get(all + "limit=1&order=" + order).json();
      cursors.add(page.path("next").asString());
    }
    String token = token("acme-reader", "viewer", "acme");
    for (String cursor : cursors) {
      assertThat(cursor).isNotEmpty();
      for (String order : List.of("asc", "desc")) {
        HttpResponse<String> answer =
            asked(token, own + "limit=10&order=" + order + "&cursor=" + cursor).get();
        assertThat(answer.statusCode()).isIn(200, 400);
        assertThat(answer.body()).doesNotContainIgnoringCase(OTHERS);
      }
    }
  }

  private void fill(String account) throws Exception {
    String digit = account.equals("acme") ? "a" : "b";
    for (int i = 0; i < 3; i++) {
      String name = account + "-" + i;
      load(Catalog.of(new Team(name, account, name)));
      load(Catalog.of(new ApiKey(account, name, (digit + i).repeat(32), "0000")));
      load(
          new Catalog(
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              List.of(
                  new Quota(
                      name,
                      account,
                      null,
                      null,
                      Quota.Metric.COST,
                      Quota.Window.MONTH,
                      BigDecimal.TEN,
                      List.of(80))),
              List.of()));
      alerts.landed.add(AlertsApiTest.alert(account, 80 + i, Quota.Metric.COST, name));
      history.add(
          new LandedEvent(
              account,
              i + 1,
              name,
              "qwen-max",
              Instant.parse("2026-11-20T08:00:00Z").plusSeconds(i),
              new TokenCounts(100, 20, 3, 50, 7),
              "USD",
              new BigDecimal("0.25")));
      ledger.postings.add(
          of(account, LedgerApiTest.posting(i + 1L, LedgerPosting.Kind.TOP_UP, name)));
    }
    states.put(withCredits(account));
  }

  private static LedgerPosting of(String account, LedgerPosting posting) {
    return new LedgerPosting(
        account,
        posting.number(),
        posting.kind(),
        posting.at(),
        posting.sequence(),
        posting.currency(),
        posting.commandId(),
        posting.author(),
        posting.reason(),
        posting.bill(),
        posting.entries());
  }
}
