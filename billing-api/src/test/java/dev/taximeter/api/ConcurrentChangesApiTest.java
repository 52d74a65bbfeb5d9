package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountDetails;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.event.Command;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** Two people change the same thing: nobody's change is lost, and who asked is told. */
class ConcurrentChangesApiTest extends ApiTest {
  private static final String FILE =
      """
      accounts:
        - { id: acme, name: By file, currency: USD, timezone: Europe/Berlin, plan: standard }
      """;
  private static final String BOOK = "{\"currency\":\"USD\",\"prices\":[]}";
  private static final Duration LATE = Duration.ofMillis(700);

  private static Answer send(String method, String path, String type, String body, String ifMatch) {
    HttpRequest.Builder request =
        withToken(request(path))
            .header("Content-Type", type)
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    return send((ifMatch == null ? request : request.header("If-Match", ifMatch)).build());
  }

  private static Answer file(String ifMatch) {
    return send("PUT", "/v1/catalog", "application/yaml", FILE, ifMatch);
  }

  private static void tag(String account, String value) {
    Answer changed =
        patch("/v1/accounts/" + account, "{\"tags\":{\"owner\":\"%s\"}}".formatted(value), null);
    assertThat(changed.status()).as(changed.body()).isEqualTo(200);
  }

  /** {@return the catalogue's tag after it} */
  private String tagElsewhere(String account, String value) {
    Account before = catalog.snapshot().account(account);
    AccountDetails details = before.details();
    try {
      return "\"%d\""
          .formatted(
              catalog
                  .decide(
                      new Command(
                          "other",
                          "other",
                          "",
                          Instant.EPOCH,
                          Catalog.of(
                              before.withDetails(
                                  new AccountDetails(
                                      details.planChanges(),
                                      details.costBook(),
                                      details.status(),
                                      details.contacts(),
                                      Map.of("owner", value),
                                      details.billingStart(),
                                      details.closing()))),
                          List.of()),
                      Duration.ZERO)
                  .catalogVersion());
    } catch (TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  private static void expectBoth() {
    String account = get("/v1/accounts/acme").body();
    assertThat(account).contains("By file").contains("\"owner\":\"somebody\"");
  }

  @Test
  void aFileOfATagThatThisProcessHasNotSeenYetKeepsWhatTheTagHas() {
    // Another process has answered with the tag; this one's view is behind.
    catalog.seeLate(LATE);
    String tag = tagElsewhere("acme", "somebody");

    Answer loaded = file(tag);

    assertThat(loaded.status()).as(loaded.body()).isEqualTo(200);
    expectBoth();
  }

  @Test
  void aFileWithoutATagKeepsWhatItDoesNotName() {
    catalog.beforeNextDecision(() -> tag("acme", "somebody"));

    Answer loaded = file(null);

    assertThat(loaded.status()).as(loaded.body()).isEqualTo(200);
    assertThat(loaded.json().path("replaced").path(0).asString()).isEqualTo("account/acme");
    expectBoth();
  }

  @Test
  void aFileWithATagIsRefusedHoweverLateSomebodyElseChanges() {
    String tag = get("/v1/catalog").header("ETag");
    catalog.beforeNextDecision(() -> tag("acme", "somebody"));

    Answer refused = file(tag);

    assertThat(refused.status()).as(refused.body()).isEqualTo(412);
    assertThat(get("/v1/accounts/acme").body()).contains("somebody").doesNotContain("By file");
  }

  @Test
  void whoIsAlwaysSlowerIsToldSo() {
    Runnable[] others = new Runnable[1];
    int[] changes = new int[1];
    others[0] =
        () -> {
          tag("acme", "somebody" + changes[0]++);
          catalog.beforeNextDecision(others[0]);
        };
    catalog.beforeNextDecision(others[0]);

    assertThat(file(null).status()).isEqualTo(503);

    assertThat(changes[0]).isEqualTo(5);
    catalog.beforeNextDecision(() -> {});
    assertThat(file(null).status()).isEqualTo(200);
  }

  @Test
  void aBookOrPlanWithATagIsComparedWhereItIsWritten() {
    for (String path : new String[] {"/v1/price-books/list", "/v1/cost-books/cost"}) {
      send("PUT", path, "application/json", BOOK, null);
      String tag = get(path).header("ETag");
      String other =
          BOOK.replace(
              "[]",
              "[{\"model\":\"*\",\"effectiveFrom\":\"2026-01-01T00:00:00Z\",\"perMillion\":{\"input\":\"1\"}}]");
      catalog.beforeNextDecision(() -> send("PUT", path, "application/json", other, null));
      String third = other.replace("2026-01", "2026-02");
      assertThat(send("PUT", path, "application/json", third, tag).status()).isEqualTo(412);
      assertThat(get(path).body()).contains("2026-01-01");
    }
    String path = "/v1/plans/standard";
    String tag = get(path).header("ETag");
    String plan = "{\"priceBook\":\"list\",\"perRequest\":\"%s\"}";
    catalog.beforeNextDecision(
        () -> send("PUT", path, "application/json", plan.formatted("0.1"), null));
    assertThat(send("PUT", path, "application/json", plan.formatted("0.2"), tag).status())
        .isEqualTo(412);
    assertThat(get(path).json().path("perRequest").asString()).isEqualTo("0.1");
  }

  @Test
  void whoIsFirstHasMadeIt() {
    String path = "/v1/plans/late";
    String plan = "{\"priceBook\":\"list\"}";
    catalog.beforeNextDecision(
        () ->
            assertThat(send("PUT", path, "application/json", plan, null).status()).isEqualTo(201));
    assertThat(send("PUT", path, "application/json", plan, null).status()).isEqualTo(200);

    catalog.beforeNextDecision(
        () ->
            assertThat(send("PUT", "/v1/cost-books/one", "application/json", BOOK, null).status())
                .isEqualTo(201));
    assertThat(send("PUT", "/v1/price-books/one", "application/json", BOOK, null).status())
        .isEqualTo(409);

    String account =
        "{\"id\":\"hooli\",\"name\":\"%s\",\"currency\":\"USD\",\"timezone\":\"UTC\",\"plan\":\"standard\"}";
    catalog.beforeNextDecision(() -> post("/v1/accounts", account.formatted("First")));
    assertThat(post("/v1/accounts", account.formatted("Second")).status()).isEqualTo(409);
    catalog.beforeNextDecision(() -> tag("hooli", "somebody"));
    assertThat(post("/v1/accounts", account.formatted("First")).status()).isEqualTo(200);
    assertThat(get("/v1/accounts/hooli").body()).contains("somebody");
  }

  @Test
  void aKeyIsRotatedOnceAndKeepsItsTeam() {
    put("/v1/accounts/acme/teams/search", "application/json", "{\"name\":\"Search\"}");
    post("/v1/accounts/acme/keys", "{\"name\":\"ci\"}");
    String rotation = "/v1/accounts/acme/keys/ci/rotation";
    catalog.beforeNextDecision(
        () -> patch("/v1/accounts/acme/keys/ci", "{\"team\":\"search\"}", null));
    Answer rotated = post(rotation, "{}");
    assertThat(rotated.status()).as(rotated.body()).isEqualTo(201);
    assertThat(rotated.json().path("team").asString()).isEqualTo("search");

    catalog.beforeNextDecision(() -> assertThat(post(rotation, "{}").status()).isEqualTo(201));
    assertThat(post(rotation, "{}").status()).isEqualTo(409);

    catalog.beforeNextDecision(
        () -> patch("/v1/accounts/acme/keys/ci", "{\"team\":\"search\"}", null));
    String secret = "{\"name\":\"registered\",\"secret\":\"sk-existing-00042\"}";
    post("/v1/accounts/acme/keys", secret);
    catalog.beforeNextDecision(
        () -> patch("/v1/accounts/acme/keys/registered", "{\"team\":\"search\"}", null));
    assertThat(post("/v1/accounts/acme/keys", secret).status()).isEqualTo(200);
    assertThat(get("/v1/accounts/acme/keys?limit=50").body())
        .contains("\"name\":\"registered\"")
        .containsPattern("\"name\":\"registered\"[^}]*\"team\":\"search\"");
  }
}
