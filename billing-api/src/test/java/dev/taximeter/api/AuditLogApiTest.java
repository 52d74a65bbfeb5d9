package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.AuditRecord;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.json.Json;
import java.net.http.HttpRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Every request to change something is written down, whatever comes of it. */
class AuditLogApiTest extends ApiTest {
  private static JsonNode last() {
    return get("/v1/audit-log").json().path("items").get(0);
  }

  @Test
  void aChangeIsThereWithWhoWhatBeforeAndAfter() {
    Answer changed = patch("/v1/accounts/acme?reason=merger", "{\"name\":\"Acme & Co\"}", null);
    assertThat(changed.status()).isEqualTo(200);

    JsonNode entry = last();
    assertThat(entry.path("token").asString()).isEqualTo("admin");
    assertThat(entry.path("author").asString()).isEqualTo("admin");
    assertThat(entry.path("role").asString()).isEqualTo("administrator");
    assertThat(entry.path("address").asString()).isEqualTo("127.0.0.1");
    assertThat(entry.path("at").asString()).isEqualTo("2026-11-24T09:30:00Z");
    assertThat(entry.path("method").asString()).isEqualTo("PATCH");
    assertThat(entry.path("route").asString()).isEqualTo("/v1/accounts/{account}");
    assertThat(entry.path("path").asString()).isEqualTo("/v1/accounts/acme");
    assertThat(entry.path("outcome").asString()).isEqualTo("done");
    assertThat(entry.path("status").asInt()).isEqualTo(200);
    JsonNode command = entry.path("commands").get(0);
    var commands = catalog.commands();
    assertThat(command.path("commandId").asString())
        .isEqualTo(commands.get(commands.size() - 1).id());
    assertThat(name(command.path("before"))).isEqualTo("ACME");
    assertThat(name(command.path("after"))).isEqualTo("Acme & Co");
    assertThat(command.path("result").path("accepted").asBoolean()).isTrue();
  }

  private static String name(JsonNode side) {
    return side.path("account/acme").path("account").path("name").asString();
  }

  @Test
  void itIsWrittenBeforeAnythingIsDone() {
    patch("/v1/accounts/acme", "{\"name\":\"Acme & Co\"}", null);

    assertThat(audits.written).hasSize(2);
    AuditRecord first = audits.written.get(0);
    assertThat(first.outcome()).isEqualTo(AuditRecord.Outcome.ATTEMPTED);
    assertThat(first.status()).isZero();
    assertThat(audits.written.get(1).id()).isEqualTo(first.id());
  }

  @Test
  void whatCannotBeWrittenDownIsNotDone() {
    audits.broken = true;
    int before = catalog.commands().size();

    Answer answer = patch("/v1/accounts/acme", "{\"name\":\"Acme & Co\"}", null);

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.header("Retry-After")).isNotNull();
    assertThat(catalog.commands()).hasSize(before);
    audits.broken = false;
    assertThat(get("/v1/accounts/acme").json().path("name").asString()).isEqualTo("ACME");
  }

  @Test
  void aCommandAboutMoneyIsThereWithItsResult() {
    catalog.onMoney(
        command ->
            new CommandResult(
                command.id(),
                false,
                1,
                List.of(),
                List.of("the balance is 0.5"),
                CommandResult.Refusal.INSUFFICIENT_BALANCE,
                null,
                null));
    Answer refused =
        send(
            withToken(request("/v1/accounts/acme/debits"))
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", "one")
                .POST(HttpRequest.BodyPublishers.ofString("{\"amount\":\"3\",\"reason\":\"seat\"}"))
                .build());
    assertThat(refused.status()).as(refused.body()).isEqualTo(409);

    JsonNode entry = last();
    assertThat(entry.path("outcome").asString()).isEqualTo("refused");
    assertThat(entry.path("problem").asString())
        .isEqualTo("urn:taximeter:problem:insufficient-balance");
    assertThat(entry.path("detail").asString()).contains("the balance is 0.5");
    JsonNode command = entry.path("commands").get(0);
    assertThat(command.path("order").path("order").asString()).isEqualTo("debit");
    assertThat(command.path("order").path("amount").asString()).isEqualTo("3");
    assertThat(command.path("result").path("refusal").asString()).isEqualTo("insufficient-balance");
  }

  @Test
  void refusedRequestsAreThereWithTheReason() {
    String viewer =
        post("/v1/tokens", "{\"name\":\"v\",\"role\":\"viewer\"}").json().path("secret").asString();
    Answer forbidden =
        send(
            request("/v1/accounts")
                .header("Authorization", "Bearer " + viewer)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"id\":\"mine\"}"))
                .build());
    assertThat(forbidden.status()).isEqualTo(403);
    clock.set("2026-11-24T09:30:01Z");
    assertThat(post("/v1/accounts", "{\"id\":\"UPPER\"}").status()).isEqualTo(400);

    JsonNode items = get("/v1/audit-log?outcome=refused").json().path("items");
    assertThat(items.size()).isEqualTo(2);
    assertThat(items.get(0).path("problem").asString())
        .isEqualTo("urn:taximeter:problem:invalid-body");
    assertThat(items.get(1).path("author").asString()).isEqualTo("v");
    assertThat(items.get(1).path("status").asInt()).isEqualTo(403);
    assertThat(items.get(1).path("detail").asString()).contains("billing");
  }

  @Test
  void whatWasNotConfirmedIsUncertain() {
    catalog.setSilent(true);
    assertThat(patch("/v1/accounts/acme", "{\"name\":\"A\"}", null).status()).isEqualTo(504);
    catalog.setSilent(false);

    assertThat(last().path("outcome").asString()).isEqualTo("uncertain");
    assertThat(last().path("commands").size()).isEqualTo(1);
  }

  @Test
  void aSessionsWriteIsRefusedAndThere() {
    String url = post("/v1/sign-in-codes", "").json().path("url").asString();
    String cookie =
        send(request("/sign-in")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(url.substring(url.indexOf('?') + 1)))
                .build())
            .header("Set-Cookie");
    clock.set("2026-11-24T09:31:00Z");
    Answer refused =
        send(
            request("/v1/accounts")
                .header("Cookie", cookie.substring(0, cookie.indexOf(';')))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build());

    assertThat(refused.status()).isEqualTo(403);
    assertThat(last().path("status").asInt()).isEqualTo(403);
  }

  @Test
  void noSecretIsInIt() {
    String raw = "sk-very-secret-raw-key-0001";
    String made =
        post("/v1/accounts/acme/keys", "{\"name\":\"a\",\"secret\":\"%s\"}".formatted(raw)).body();
    String keySecret =
        post("/v1/accounts/acme/keys", "{\"name\":\"b\"}").json().path("secret").asString();
    String token =
        post("/v1/tokens", "{\"name\":\"t\",\"role\":\"viewer\"}").json().path("secret").asString();
    String code = post("/v1/sign-in-codes", "").json().path("code").asString();
    assertThat(made).isNotEmpty();

    String all = Json.MAPPER.writeValueAsString(audits.written) + get("/v1/audit-log").body();
    assertThat(all)
        .contains("key/")
        .doesNotContain(raw)
        .doesNotContain(keySecret)
        .doesNotContain(token)
        .doesNotContain(code)
        .doesNotContain(TOKEN);
    String hash = catalog.snapshot().catalog().tokens().get(0).hash();
    assertThat(all).doesNotContain(hash);
  }

  @Test
  void readingIsNotWrittenDown() {
    get("/v1/accounts");
    send(request("/v1/accounts").POST(HttpRequest.BodyPublishers.noBody()).build());

    assertThat(audits.written).isEmpty();
  }

  @Test
  void itComesInPagesNewestFirst() {
    for (int second = 0; second < 5; second++) {
      clock.set("2026-11-24T09:30:0%dZ".formatted(second / 2));
      post("/v1/sign-in-codes", "");
    }
    Set<String> seen = new HashSet<>();
    String cursor = "";
    int pages = 0;
    do {
      JsonNode page = get("/v1/audit-log?limit=2" + cursor).json();
      page.path("items").forEach(item -> seen.add(item.path("id").asString()));
      cursor = page.has("next") ? "&cursor=" + page.path("next").asString() : "";
      pages++;
    } while (!cursor.isEmpty());

    assertThat(seen).hasSize(5);
    assertThat(pages).isEqualTo(3);
    assertThat(
            get("/v1/audit-log?from=2026-11-24T09:30:01Z&to=2026-11-24T09:30:02Z&token=admin")
                .json()
                .path("items")
                .size())
        .isEqualTo(2);
  }

  @Test
  void itIsReadOldestFirstIfAsked() {
    for (int second = 0; second < 3; second++) {
      clock.set("2026-11-24T09:30:0%dZ".formatted(second));
      post("/v1/sign-in-codes", "");
    }
    JsonNode first = get("/v1/audit-log?order=asc&limit=2").json();
    assertThat(first.path("items").get(0).path("at").asString()).isEqualTo("2026-11-24T09:30:00Z");
    assertThat(first.path("items").get(1).path("at").asString()).isEqualTo("2026-11-24T09:30:01Z");
    JsonNode rest =
        get("/v1/audit-log?order=asc&limit=2&cursor=" + first.path("next").asString()).json();
    assertThat(rest.path("items").size()).isEqualTo(1);
    assertThat(rest.path("items").get(0).path("at").asString()).isEqualTo("2026-11-24T09:30:02Z");
    assertThat(get("/v1/audit-log").json().path("items").get(0).path("at").asString())
        .isEqualTo("2026-11-24T09:30:02Z");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "token=%27",
        "outcome=maybe",
        "cursor=1",
        "from=yesterday",
        "limit=0",
        "order=up",
        "who=me"
      })
  void wrongFiltersAreRefused(String query) {
    assertThat(get("/v1/audit-log?" + query).status()).isEqualTo(400);
  }
}
