package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.UnattributedKey;
import dev.taximeter.contract.event.Usage;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class UnattributedApiTest extends ApiTest {
  private static final Instant SEEN = Instant.parse("2026-11-24T09:00:00Z");
  private static final String FIRST = "1".repeat(64);
  private static final String SECOND = "2".repeat(64);
  private static final String CLAIM = "{\"account\":\"acme\",\"keyName\":\"new\"}";

  @BeforeEach
  void meterSomeKeys() {
    unattributed.put(held(FIRST));
    unattributed.put(held(SECOND));
    unattributed.put(UnattributedKey.empty(null).afterUsage(usage(null)));
    catalog.onOrders(
        command -> {
          carryOut(command);
          return List.of();
        });
  }

  /** As metering does: the claim stands, and what was held is forwarded. */
  private void carryOut(Command command) {
    Order.Claim order = (Order.Claim) command.orders().get(0);
    UnattributedKey key = unattributed.find(order.fingerprint());
    unattributed.put(
        key.withClaimed(key.held())
            .withHeld(UnattributedKey.Amount.NONE)
            .withClaim(
                new UnattributedKey.Claim(
                    order.account(),
                    order.keyName(),
                    order.from(),
                    false,
                    command.id(),
                    command.author(),
                    command.reason(),
                    command.at())));
  }

  static UnattributedKey held(String fingerprint) {
    UnattributedKey key = UnattributedKey.empty(fingerprint).afterUsage(usage(fingerprint));
    return key.withHeld(key.received());
  }

  private static Usage usage(String fingerprint) {
    return new Usage(
        "0".repeat(32),
        Fate.UNATTRIBUTED,
        "",
        fingerprint,
        fingerprint == null ? null : "9f3A",
        "qwen-max",
        new TokenCounts(10, 5, 0, 7, 3),
        SEEN,
        SEEN,
        SEEN,
        new LineSource("h", "/a.log"),
        0,
        "s",
        List.of(),
        null);
  }

  @Test
  void listsUnknownKeysWithWhatTheyUsed() {
    JsonNode page = get("/v1/unattributed").json();

    assertThat(page.path("items").valueStream().map(item -> item.path("fingerprint").asString()))
        .containsExactly(FIRST, SECOND, "none");
    JsonNode first = page.path("items").get(0);
    assertThat(first.path("account").asString()).isEqualTo("unattributed:1111111111111111");
    assertThat(first.path("masked").asString()).isEqualTo("…9f3A");
    assertThat(first.path("firstSeen").asString()).isEqualTo("2026-11-24T09:00:00Z");
    assertThat(first.path("received").path("requests").asLong()).isEqualTo(1);
    assertThat(first.path("received").path("inputTokens").asLong()).isEqualTo(15);
    assertThat(first.path("received").path("outputTokens").asLong()).isEqualTo(10);
    assertThat(first.path("held").path("requests").asLong()).isEqualTo(1);
    assertThat(first.path("lapsed").path("requests").asLong()).isZero();
    assertThat(first.path("models").get(0).path("model").asString()).isEqualTo("qwen-max");
    assertThat(first.has("claim")).isFalse();
    JsonNode none = page.path("items").get(2);
    assertThat(none.has("masked")).isFalse();
    assertThat(none.path("lapsed").path("requests").asLong()).isEqualTo(1);
    assertThat(page.has("next")).isFalse();
    assertFresh(page);
  }

  @Test
  void listsPageByPageAndByState() {
    JsonNode page = get("/v1/unattributed?limit=1").json();
    assertThat(page.path("items").get(0).path("fingerprint").asString()).isEqualTo(FIRST);
    page = get("/v1/unattributed?limit=2&cursor=" + page.path("next").asString()).json();
    assertThat(page.path("items").size()).isEqualTo(2);
    assertThat(page.has("next")).isFalse();

    post("/v1/unattributed/" + SECOND + "/claim", CLAIM);
    assertThat(get("/v1/unattributed?state=claimed").json().path("items").size()).isEqualTo(1);
    assertThat(get("/v1/unattributed?state=unclaimed").json().path("items").size()).isEqualTo(2);
    assertThat(get("/v1/unattributed?state=mine").status()).isEqualTo(400);
    assertThat(get("/v1/unattributed?limit=0").status()).isEqualTo(400);
    assertThat(get("/v1/unattributed?stat=claimed").status()).isEqualTo(400);
  }

  @Test
  void aClaimRegistersTheKeyAndAnswersOnceItIsInForce() {
    Answer answer =
        post(
            "/v1/unattributed/" + FIRST + "/claim",
            """
            {"account":"acme","keyName":"new","from":"2026-11-01T00:00:00+01:00","reason":"they called"}
            """);

    assertThat(answer.status()).isEqualTo(200);
    JsonNode key = answer.json();
    assertThat(key.path("claimed").path("requests").asLong()).isEqualTo(1);
    assertThat(key.path("held").path("requests").asLong()).isZero();
    JsonNode claim = key.path("claim");
    assertThat(claim.path("account").asString()).isEqualTo("acme");
    assertThat(claim.path("from").asString()).isEqualTo("2026-10-31T23:00:00Z");
    assertThat(claim.path("forwarding").asBoolean()).isFalse();
    assertThat(claim.path("outcome").asString())
        .isEqualTo("All usage of the key that can be claimed goes to acme: 1 requests so far.");
    assertThat(claim.path("by").asString()).isEqualTo("admin");
    assertThat(claim.path("reason").asString()).isEqualTo("they called");
    assertThat(key.path("registered").path("keyName").asString()).isEqualTo("new");
    assertThat(get("/v1/unattributed/" + FIRST).json()).isEqualTo(key);
    assertThat(get("/v1/accounts/acme/keys").json().path("items").get(0).path("masked").asString())
        .isEqualTo("…9f3A");
    Command command = catalog.commands().get(catalog.commands().size() - 1);
    assertThat(command.orders())
        .containsExactly(
            new Order.Claim(FIRST, "acme", "new", Instant.parse("2026-10-31T23:00:00Z")));
    assertThat(command.upsert().keys()).containsExactly(new ApiKey("acme", "new", FIRST, "9f3A"));

    // A lost answer: the same again.
    assertThat(post("/v1/unattributed/" + FIRST + "/claim", CLAIM).status()).isEqualTo(200);
  }

  @Test
  void whatCannotBeClaimedIsRefusedBeforeAnythingIsSent() throws Exception {
    load(
        new Catalog(
            List.of(),
            List.of(
                new ApiKey("globex", "theirs", FIRST, "9f3A"),
                new ApiKey("acme", "taken", "3".repeat(64), "")),
            List.of(),
            List.of(),
            List.of(),
            List.of()));
    int before = catalog.commands().size();

    assertProblem(post("/v1/unattributed/" + FIRST + "/claim", CLAIM), 409, "theirs of account");
    assertProblem(
        post(
            "/v1/unattributed/" + FIRST + "/claim",
            "{\"account\":\"globex\",\"keyName\":\"other\"}"),
        409,
        "as theirs; claim it under that name");
    assertProblem(
        post("/v1/unattributed/" + SECOND + "/claim", CLAIM.replace("new", "taken")),
        409,
        "another key named taken");
    assertProblem(post("/v1/unattributed/none/claim", CLAIM), 422, "can only be listed");
    assertProblem(post("/v1/unattributed/" + "9".repeat(64) + "/claim", CLAIM), 404, "registered");
    String second = "/v1/unattributed/" + SECOND + "/claim";
    assertProblem(post(second, CLAIM.replace("acme", "nobody")), 400, "account must name");
    assertProblem(post(second, CLAIM.replace("new", "")), 400, "keyName must be");
    assertProblem(
        post(second, "{\"account\":\"acme\",\"keyName\":\"new\",\"from\":\"yesterday\"}"),
        400,
        "from must be an RFC 3339 time");
    assertProblem(
        post(
            second,
            "{\"account\":\"acme\",\"keyName\":\"new\",\"reason\":\"%s\"}"
                .formatted("x".repeat(501))),
        400,
        "reason may have");
    assertProblem(post(second, "{\"acount\":\"acme\"}"), 400, "acount");
    assertThat(catalog.commands()).hasSize(before);
  }

  @Test
  void whatIsBeyondTheBoundsIsSaidAndCannotBeClaimed() {
    assertThat(get("/v1/unattributed").json().path("complete").asBoolean()).isTrue();
    unattributed.put(UnattributedKey.overflow("unattributed:overflow-3").afterUsage(usage(FIRST)));
    unattributed.complete = false;
    JsonNode page = get("/v1/unattributed").json();
    assertThat(page.path("complete").asBoolean()).isFalse();
    JsonNode together = get("/v1/unattributed/overflow-3").json();
    assertThat(together.path("fingerprint").asString()).isEqualTo("overflow-3");
    assertThat(together.path("account").asString()).isEqualTo("unattributed:overflow-3");
    assertThat(together.has("masked")).isFalse();
    assertProblem(post("/v1/unattributed/overflow-3/claim", CLAIM), 422, "can only be listed");
    assertProblem(get("/v1/unattributed/" + "9".repeat(64)), 404, "the table unattributed_keys");
  }

  /** Metering knows it all the same. */
  @Test
  void aKeyThatIsNotShownCanBeClaimed() {
    unattributed.complete = false;
    String hidden = "9".repeat(64);
    catalog.onOrders(
        command -> {
          unattributed.put(held(hidden));
          carryOut(command);
          return List.of();
        });
    Answer answer = post("/v1/unattributed/" + hidden + "/claim", CLAIM);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.json().path("claim").path("account").asString()).isEqualTo("acme");
    unattributed.complete = true;
    assertThat(post("/v1/unattributed/" + "8".repeat(64) + "/claim", CLAIM).status())
        .isEqualTo(404);
  }

  @Test
  void aRefusalOfMeteringIsShown() {
    catalog.onOrders(command -> List.of("no such thing"));
    assertProblem(post("/v1/unattributed/" + FIRST + "/claim", CLAIM), 422, "no such thing");
  }

  static void assertProblem(Answer answer, int status, String detail) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.json().path("detail").asString()).contains(detail);
    assertThat(answer.json().path("type").asString()).startsWith("urn:taximeter:problem:");
  }
}
