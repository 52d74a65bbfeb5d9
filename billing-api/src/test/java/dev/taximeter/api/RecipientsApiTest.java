package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.webhooks.InMemoryDeliveries;
import dev.taximeter.api.webhooks.Messages;
import dev.taximeter.contract.catalog.Recipient;
import dev.taximeter.contract.event.Delivery;
import dev.taximeter.contract.event.Delivery.Try;
import dev.taximeter.contract.json.Json;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Recipients of alerts over HTTP. */
class RecipientsApiTest extends ApiTest {
  private static final String HOOK =
      "{\"name\":\"on-call\",\"channel\":\"webhook\",\"address\":\"https://hooks.example.com/secret-path?t=1\"%s}";

  private static String token(String role, String account) {
    Answer made =
        post(
            "/v1/tokens",
            "{\"name\":\"%s %s\",\"role\":\"%s\",\"account\":\"%s\"}"
                .formatted(account, role, role, account));
    return made.json().path("secret").asString();
  }

  private static Answer by(String token, String method, String path, String json, String key) {
    HttpRequest.Builder request =
        request(path)
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json");
    if (key != null) {
      request.header("Idempotency-Key", key);
    }
    return send(
        request
            .method(
                method,
                json == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(json))
            .build());
  }

  private static JsonNode make(String more) {
    Answer made = post("/v1/recipients", HOOK.formatted(more));
    assertThat(made.status()).as(made.body()).isEqualTo(201);
    return made.json();
  }

  @Test
  void aWebhookShowsItsSecretOnceAndItsAddressNever() {
    JsonNode made = make("");
    String id = made.path("id").asString();
    String secret = made.path("secret").asString();

    assertThat(Base64.getDecoder().decode(secret.substring("whsec_".length()))).hasSize(32);
    assertThat(made.path("address").asString()).isEqualTo("https://hooks.example.com/…");
    Answer read = get("/v1/recipients/" + id);
    assertThat(read.json().has("secret")).isFalse();
    assertThat(read.header("ETag")).isNotNull();
    String everywhere =
        read.body()
            + get("/v1/recipients").body()
            + get("/v1/audit-log").body()
            + Json.MAPPER.writeValueAsString(catalog.snapshot().catalog());
    assertThat(everywhere).contains(id).doesNotContain("secret-path").doesNotContain(secret);
    assertThat(get("/v1/audit-log").body()).doesNotContain(sealed(id));
  }

  private String sealed(String id) {
    return catalog.snapshot().recipients().get(id).address();
  }

  @Test
  void anIdempotencyKeyGivesTheSameRecipient() {
    String body = HOOK.formatted("");
    Answer first = by(TOKEN, "POST", "/v1/recipients", body, "one");
    Answer second = by(TOKEN, "POST", "/v1/recipients", body, "one");
    Answer other = by(TOKEN, "POST", "/v1/recipients", body, "two");

    assertThat(second.status()).isEqualTo(201);
    assertThat(second.json().path("id")).isEqualTo(first.json().path("id"));
    assertThat(second.json().path("secret")).isEqualTo(first.json().path("secret"));
    assertThat(other.json().path("id")).isNotEqualTo(first.json().path("id"));
    assertThat(get("/v1/recipients").json().path("items").size()).isEqualTo(2);
    clock.set("2026-11-26T09:30:00Z");
    assertThat(by(TOKEN, "POST", "/v1/recipients", body, "one").status()).isEqualTo(422);
  }

  @Test
  void aRotationLetsTheSecretBeforeSignForAWhile() {
    JsonNode made = make("");
    String path = "/v1/recipients/" + made.path("id").asString();
    Answer rotated = post(path + "/rotation", "{\"overlapHours\":2}");

    assertThat(rotated.status()).isEqualTo(200);
    assertThat(rotated.json().path("secret").asString())
        .startsWith("whsec_")
        .isNotEqualTo(made.path("secret").asString());
    assertThat(get(path).json().path("previousSecretUntil").asString())
        .isEqualTo("2026-11-24T11:30:00Z");
    clock.set("2026-11-24T11:30:00Z");
    assertThat(get(path).json().has("previousSecretUntil")).isFalse();
    assertThat(post(path + "/rotation", "{\"overlapHours\":169}").status()).isEqualTo(400);
  }

  @Test
  void aRecipientIsChangedDisabledAndRemoved() {
    JsonNode made = make(",\"alerts\":[\"quota\",\"gap\"]");
    String path = "/v1/recipients/" + made.path("id").asString();
    String tag = get(path).header("ETag");

    Answer changed = patch(path, "{\"name\":\"night\",\"alerts\":[],\"status\":\"disabled\"}", tag);
    assertThat(changed.status()).as(changed.body()).isEqualTo(200);
    assertThat(changed.json().path("name").asString()).isEqualTo("night");
    assertThat(changed.json().path("alerts").size()).isZero();
    assertThat(changed.json().path("status").asString()).isEqualTo("disabled");
    assertThat(patch(path, "{\"name\":\"day\"}", tag).status()).isEqualTo(412);
    assertThat(post(path + "/test", "").status()).isEqualTo(409);

    assertThat(by(TOKEN, "DELETE", path, null, null).status()).isEqualTo(204);
    assertThat(get(path).status()).isEqualTo(404);
    assertThat(get("/v1/recipients").json().path("items").size()).isZero();
    Recipient kept = catalog.snapshot().recipients().get(made.path("id").asString());
    assertThat(kept.address()).isEmpty();
    assertThat(kept.signing()).isEmpty();
  }

  @Test
  void whatCannotBeARecipientIsSaid() {
    for (String wrong :
        List.of(
            "\"channel\":\"webhook\",\"address\":\"http://hooks.example.com/\"",
            "\"channel\":\"webhook\",\"address\":\"https://user@hooks.example.com/\"",
            "\"channel\":\"webhook\",\"address\":\"https://169.254.169.254/latest\"",
            "\"channel\":\"webhook\",\"address\":\"https://[::ffff:10.0.0.1]/\"",
            "\"channel\":\"webhook\",\"address\":\"https://[::1]/\"",
            "\"channel\":\"webhook\",\"address\":\"file:///etc/passwd\"",
            "\"channel\":\"webhook\"",
            "\"channel\":\"pager\",\"address\":\"https://hooks.example.com/\"",
            "\"channel\":\"slack\",\"robotSecret\":\"x\",\"address\":\"https://hooks.example.com/\"",
            "\"channel\":\"webhook\",\"address\":\"https://h.example/\",\"alerts\":[\"test\"]",
            "\"channel\":\"webhook\",\"address\":\"https://h.example/\",\"alerts\":[null]",
            "\"channel\":\"webhook\",\"address\":\"https://h.example/\",\"prefix\":\"a\\nb\"")) {
      Answer answer = post("/v1/recipients", "{\"name\":\"x\"," + wrong + "}");
      assertThat(answer.status()).as(wrong).isEqualTo(400);
    }
    Answer mail =
        post(
            "/v1/recipients",
            "{\"name\":\"x\",\"channel\":\"email\",\"address\":\"ops@example.com\"}");
    assertThat(mail.status()).isEqualTo(409);
    assertThat(mail.json().path("detail").asString()).contains("TAXIMETER_SMTP_URL");
  }

  @Test
  void theOperatorAloneSaysWhereMessagesGo() {
    String id = make(",\"account\":\"acme\"").path("id").asString();
    String path = "/v1/recipients/" + id;
    assertThat(get(path).json().path("account").asString()).isEqualTo("acme");
    assertThat(get("/v1/recipients?account=globex").json().path("items").size()).isZero();
    assertThat(get("/v1/recipients?account=acme").json().path("items").size()).isEqualTo(1);
    assertThat(post("/v1/recipients", HOOK.formatted(",\"account\":\"none\"")).status())
        .isEqualTo(404);
    assertThat(
            post("/v1/recipients", HOOK.formatted(",\"account\":\"acme\",\"alerts\":[\"drift\"]"))
                .status())
        .isEqualTo(400);
    String acme = token("billing", "acme");
    for (String[] call :
        new String[][] {
          {"GET", "/v1/recipients", null},
          {"POST", "/v1/recipients", HOOK.formatted("")},
          {"GET", path, null},
          {"PATCH", path, "{\"name\":\"mine\"}"},
          {"DELETE", path, null},
          {"POST", path + "/rotation", "{}"},
          {"POST", path + "/test", null},
          {"GET", path + "/deliveries", null},
          {"POST", path + "/deliveries/msg_1/replay", null}
        }) {
      assertThat(by(acme, call[0], call[1], call[2], null).status())
          .as(call[0] + " " + call[1])
          .isEqualTo(403);
    }
  }

  @Test
  void anIdempotencyKeyOfAnotherRecipientIsRefused() {
    assertThat(by(TOKEN, "POST", "/v1/recipients", HOOK.formatted(""), "one").status())
        .isEqualTo(201);
    for (String other :
        List.of(
            HOOK.formatted("").replace("secret-path", "other-path"),
            HOOK.formatted(",\"account\":\"acme\""),
            HOOK.formatted(",\"prefix\":\"p\""),
            HOOK.formatted(",\"alerts\":[\"gap\"]"))) {
      assertThat(by(TOKEN, "POST", "/v1/recipients", other, "one").status())
          .as(other)
          .isEqualTo(422);
    }
  }

  @Test
  void deliveriesShowTheAnswerOfEachTry() {
    String id = make("").path("id").asString();
    Delivery one =
        Delivery.fresh(id, Messages.quota("a1", "acme"), Delivery.Status.PENDING, Messages.NOW)
            .tried(
                new Try(Messages.NOW, 41, 500, "no", false),
                Delivery.Status.PENDING,
                Messages.NOW.plusSeconds(5));
    Instant later = Messages.NOW.plusSeconds(1);
    deliveries.put(one);
    deliveries.put(Delivery.fresh(id, Messages.quota("a2", "acme"), Delivery.Status.MUTED, later));

    JsonNode items = get("/v1/recipients/" + id + "/deliveries").json().path("items");
    assertThat(items.size()).isEqualTo(2);
    assertThat(items.get(0).path("status").asString()).isEqualTo("muted");
    JsonNode pending = items.get(1);
    assertThat(pending.path("id").asString()).isEqualTo(one.id());
    assertThat(pending.path("nextTry").asString()).isEqualTo("2026-11-24T09:30:05Z");
    assertThat(pending.path("tries").get(0).path("answer").asString()).isEqualTo("no");
    assertThat(pending.path("tries").get(0).path("status").asInt()).isEqualTo(500);
    assertThat(get("/v1/recipients/" + id).json().path("pending").asInt()).isEqualTo(1);

    JsonNode page = get("/v1/recipients/" + id + "/deliveries?limit=1").json();
    JsonNode rest =
        get("/v1/recipients/" + id + "/deliveries?limit=1&cursor=" + page.path("next").asString())
            .json();
    assertThat(rest.path("items").get(0).path("id").asString()).isEqualTo(one.id());
    assertThat(get("/v1/recipients/" + id + "/deliveries?status=muted").json().path("items").size())
        .isEqualTo(1);
    assertThat(get("/v1/recipients/" + id + "/deliveries?status=lost").status()).isEqualTo(400);
  }

  @Test
  void peopleSendAgainAndTry() {
    String id = make("").path("id").asString();
    Delivery one =
        Delivery.fresh(id, Messages.quota("a1", "acme"), Delivery.Status.PENDING, Messages.NOW);
    deliveries.put(one);
    String path = "/v1/recipients/" + id;

    Answer again = post(path + "/deliveries/" + one.id() + "/replay", "");
    assertThat(again.status()).isEqualTo(202);
    assertThat(deliveries.orders.get(0).delivery()).isEqualTo(one.id());
    assertThat(deliveries.orders.get(0).author()).isEqualTo("admin");
    assertThat(post(path + "/deliveries/msg_none/replay", "").status()).isEqualTo(404);
    assertThat(post(path + "/test", "").status()).isEqualTo(202);
    assertThat(deliveries.orders.get(1).delivery()).isNull();

    deliveries.broken = true;
    assertThat(post(path + "/test", "").status()).isEqualTo(503);
    assertThat(InMemoryDeliveries.PARTITION).isPositive();
  }
}
