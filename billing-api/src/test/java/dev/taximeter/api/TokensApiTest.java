package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.usage.LandedEvent;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.json.Json;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Tokens of the API, and the sessions that are opened with them. */
class TokensApiTest extends ApiTest {
  private static Answer make(String json) {
    return post("/v1/tokens", json);
  }

  private static String secret(String json) {
    Answer made = make(json);
    assertThat(made.status()).as(made.body()).isEqualTo(201);
    return made.json().path("secret").asString();
  }

  private static Answer as(String token, String path) {
    return send(request(path).header("Authorization", "Bearer " + token).GET().build());
  }

  private static Answer postAs(String token, String path, String json) {
    return send(
        request(path)
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build());
  }

  @Test
  void aTokenIsShownOnceAndKeptAsAHash() {
    Answer made = make("{\"name\":\"month-end job\",\"role\":\"billing\"}");

    assertThat(made.status()).isEqualTo(201);
    JsonNode token = made.json();
    String secret = token.path("secret").asString();
    assertThat(secret).matches("txm_[0-9A-Za-z]{49}");
    assertThat(token.path("id").asString()).matches("tok_[0-9a-f]{16}");
    assertThat(token.path("createdBy").asString()).isEqualTo("admin");
    assertThat(token.path("createdAt").asString()).isEqualTo("2026-11-24T09:30:00Z");
    assertThat(token.path("status").asString()).isEqualTo("active");
    assertThat(token.has("account")).isFalse();
    assertThat(token.has("expiresAt")).isFalse();
    String commands = Json.MAPPER.writeValueAsString(catalog.commands());
    assertThat(commands).contains("month-end job").doesNotContain(secret.substring(4, 20));

    assertThat(as(secret, "/v1/accounts").status()).isEqualTo(200);
    for (String path : List.of("/v1/tokens", "/v1/tokens/" + token.path("id").asString())) {
      assertThat(get(path).body())
          .contains("month-end job")
          .doesNotContain(secret.substring(4, 20))
          .doesNotContain("hash");
    }
  }

  @Test
  void itsChangesAreRecordedUnderItsName() {
    String secret = secret("{\"name\":\"portal\",\"role\":\"billing\"}");

    assertThat(postAs(secret, "/v1/accounts/acme/keys", "{\"name\":\"made-by-portal\"}").status())
        .isEqualTo(201);
    List<Command> commands = catalog.commands();
    assertThat(commands.get(commands.size() - 1).author()).isEqualTo("portal");
  }

  @Test
  void aMistypedTokenIsToldAsSuchAndAnUnknownOneNot() {
    String secret = secret("{\"name\":\"a\",\"role\":\"viewer\"}");
    char last = secret.charAt(secret.length() - 1);
    String mistyped = secret.substring(0, secret.length() - 1) + (last == 'x' ? 'y' : 'x');

    Answer answer = as(mistyped, "/v1/accounts");
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.body()).contains("checksum is wrong").doesNotContain(secret.substring(4, 20));
    assertThat(as(secret.substring(0, 40), "/v1/accounts").body()).contains("checksum is wrong");
    assertThat(as("txm", "/v1/accounts").body()).contains("This token is not valid");
  }

  @Test
  void aRevokedTokenIsWorthNothingAndItsNameIsFree() {
    JsonNode made = make("{\"name\":\"a\",\"role\":\"viewer\"}").json();
    String path = "/v1/tokens/" + made.path("id").asString();
    assertThat(make("{\"name\":\"a\",\"role\":\"viewer\"}").status()).isEqualTo(409);

    Answer revoked = post(path + "/revoke?reason=leaked", "");
    assertThat(revoked.status()).isEqualTo(200);
    assertThat(revoked.json().path("status").asString()).isEqualTo("revoked");
    assertThat(as(made.path("secret").asString(), "/v1/accounts").status()).isEqualTo(401);
    assertThat(post(path + "/revoke", "").json().path("revokedAt").asString())
        .isEqualTo(revoked.json().path("revokedAt").asString());
    assertThat(get(path).json().path("status").asString()).isEqualTo("revoked");
    assertThat(make("{\"name\":\"a\",\"role\":\"viewer\"}").status()).isEqualTo(201);
    assertThat(post("/v1/tokens/tok_0123456789abcdef/revoke", "").status()).isEqualTo(404);
  }

  @Test
  void aTokenEnds() {
    String secret =
        secret("{\"name\":\"a\",\"role\":\"viewer\",\"expiresAt\":\"2026-11-24T10:00:00Z\"}");
    assertThat(as(secret, "/v1/accounts").status()).isEqualTo(200);
    clock.set("2026-11-24T10:00:00Z");
    assertThat(as(secret, "/v1/accounts").status()).isEqualTo(401);
    assertThat(get("/v1/tokens").json().path("items").get(0).path("status").asString())
        .isEqualTo("expired");
  }

  @Test
  void aTokenMadeByOneThatEndsEndsWithItAndOutlivesItsRevocation() {
    JsonNode maker =
        make("{\"name\":\"m\",\"role\":\"administrator\",\"expiresAt\":\"2026-11-25T00:00:00Z\"}")
            .json();
    String token = maker.path("secret").asString();

    Answer made = postAs(token, "/v1/tokens", "{\"name\":\"a\",\"role\":\"viewer\"}");
    assertThat(made.json().path("expiresAt").asString()).isEqualTo("2026-11-25T00:00:00Z");
    assertThat(made.json().path("createdBy").asString()).isEqualTo("m");
    Answer longer =
        postAs(
            token,
            "/v1/tokens",
            "{\"name\":\"b\",\"role\":\"viewer\",\"expiresAt\":\"2027-01-01T00:00:00Z\"}");
    assertThat(longer.status()).isEqualTo(400);
    assertThat(longer.body()).contains("2026-11-25T00:00:00Z");

    post("/v1/tokens/" + maker.path("id").asString() + "/revoke", "");
    assertThat(as(made.json().path("secret").asString(), "/v1/accounts").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({"billing,", "viewer,", "billing,acme", "viewer,acme"})
  void onlyAdministratorsMakeTokens(String role, String account) {
    String token =
        secret(
            "{\"name\":\"a\",\"role\":\"%s\"%s}"
                .formatted(role, account == null ? "" : ",\"account\":\"" + account + "\""));

    assertThat(postAs(token, "/v1/tokens", "{\"name\":\"b\",\"role\":\"viewer\"}").status())
        .isEqualTo(403);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"role\":\"viewer\"}|/name",
        "{\"name\":\"admin\",\"role\":\"viewer\"}|/name",
        "{\"name\":\"a\\u0000b\",\"role\":\"viewer\"}|/name",
        "{\"name\":\"a\"}|/role",
        "{\"name\":\"a\",\"role\":\"root\"}|/role",
        "{\"name\":\"a\",\"role\":\"viewer\",\"account\":\"nowhere\"}|/account",
        "{\"name\":\"a\",\"role\":\"administrator\",\"account\":\"acme\"}|/role",
        "{\"name\":\"a\",\"role\":\"viewer\",\"expiresAt\":\"2026-11-24T09:30:00Z\"}|/expiresAt"
      })
  void mistakesAreTold(String json, String where) {
    Answer answer = make(json);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().path("errors").get(0).path("where").asString()).isEqualTo(where);
  }

  @Test
  void theLastUseIsTakenDownOnceAnHour() {
    JsonNode made = make("{\"name\":\"a\",\"role\":\"viewer\"}").json();
    String path = "/v1/tokens/" + made.path("id").asString();
    assertThat(get(path).json().has("lastUsed")).isFalse();

    for (int i = 0; i < 5; i++) {
      as(made.path("secret").asString(), "/v1/accounts");
    }
    assertThat(uses.noted).hasSize(1);
    assertThat(get(path).json().path("lastUsed").asString()).isEqualTo("2026-11-24T09:30:00Z");

    clock.set("2026-11-24T10:30:00Z");
    as(made.path("secret").asString(), "/v1/accounts");
    as(made.path("secret").asString(), "/v1/accounts");
    assertThat(uses.noted).hasSize(2);
  }

  @Test
  void tokensComeInPages() {
    for (String name : List.of("a", "b", "c")) {
      make("{\"name\":\"%s\",\"role\":\"viewer\"}".formatted(name));
    }
    JsonNode first = get("/v1/tokens?limit=2").json();
    JsonNode second = get("/v1/tokens?limit=2&cursor=" + first.path("next").asString()).json();

    assertThat(first.path("items").size()).isEqualTo(2);
    assertThat(second.path("items").size()).isEqualTo(1);
    assertThat(second.has("next")).isFalse();
  }

  @Test
  void usageOfACustomersTokenIsNarrowedToItsAccount() {
    history.add(event("acme", "1"));
    history.add(event("globex", "7"));
    String customer = secret("{\"name\":\"c\",\"role\":\"viewer\",\"account\":\"acme\"}");

    for (String path : List.of("/v1/usage", "/v1/usage?account=", "/v1/usage?account=acme")) {
      JsonNode rows = as(customer, path).json().path("rows");
      assertThat(rows.size()).as(path).isEqualTo(1);
      assertThat(rows.get(0).path("account").asString()).isEqualTo("acme");
    }
    assertThat(get("/v1/usage").json().path("rows").size()).isEqualTo(2);
  }

  private static LandedEvent event(String account, String cost) {
    return new LandedEvent(
        account,
        1,
        "prod",
        "gpt-4o",
        Instant.parse("2026-11-20T00:00:00Z"),
        new TokenCounts(1, 0, 0, 1, 0),
        "USD",
        new BigDecimal(cost));
  }

  @Test
  void aSessionHasTheRightsOfItsTokenAndEndsWithIt() {
    JsonNode made = make("{\"name\":\"c\",\"role\":\"viewer\",\"account\":\"acme\"}").json();
    String cookie = session(made.path("secret").asString());

    assertThat(withCookie("/v1/accounts/acme", cookie).status()).isEqualTo(200);
    assertThat(withCookie("/v1/accounts/globex", cookie).status()).isEqualTo(404);
    assertThat(withCookie("/v1/status", cookie).status()).isEqualTo(403);
    post("/v1/tokens/" + made.path("id").asString() + "/revoke", "");
    assertThat(withCookie("/v1/accounts/acme", cookie).status()).isEqualTo(401);
  }

  @Test
  void aSessionEndsWhenItsTokenDoes() {
    String token =
        secret("{\"name\":\"c\",\"role\":\"viewer\",\"expiresAt\":\"2026-11-24T10:00:00Z\"}");
    String cookie = session(token);

    assertThat(withCookie("/v1/accounts/acme", cookie).status()).isEqualTo(200);
    clock.set("2026-11-24T10:00:00Z");
    assertThat(withCookie("/v1/accounts/acme", cookie).status()).isEqualTo(401);
  }

  private static String session(String token) {
    String url = postAs(token, "/v1/sign-in-codes", "").json().path("url").asString();
    Answer signedIn =
        send(
            request("/sign-in")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(url.substring(url.indexOf('?') + 1)))
                .build());
    String cookie = signedIn.header("Set-Cookie");
    return cookie.substring(0, cookie.indexOf(';'));
  }

  private static Answer withCookie(String path, String cookie) {
    return send(request(path).header("Cookie", cookie).GET().build());
  }

  @Test
  void aProcessThatHasJustStartedRefusesNoTokenForGood() {
    positions.waiting.put("catalog.v1", "still reading what is there");

    Answer answer = as("txm_whatever", "/v1/accounts");
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.header("Retry-After")).isEqualTo("1");
  }
}
