package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What a browser's session may do, and from where. */
class SessionApiTest extends ApiTest {
  private static final String ACCOUNT =
      "{\"id\":\"made-here\",\"name\":\"Made here\",\"currency\":\"USD\",\"timezone\":\"UTC\","
          + "\"plan\":\"standard\"}";

  @Test
  void saysWhoAsks() {
    JsonNode session = get("/v1/session").json();

    assertThat(session.path("name").asString()).isEqualTo("admin");
    assertThat(session.path("role").asString()).isEqualTo("administrator");
    assertThat(session.has("account")).isFalse();
    assertThat(session.path("demonstration").asBoolean(true)).isFalse();
  }

  @Test
  void aPageOfThisServerChangesSomething() {
    assertThat(send(change().header("Taximeter-Page", "1")).status()).isEqualTo(201);
    assertThat(get("/v1/accounts/made-here").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "Origin,https://evil.example.com",
    "Origin,null",
    "Sec-Fetch-Site,cross-site",
    "Sec-Fetch-Site,same-site",
    "Sec-Fetch-Site,none"
  })
  void aForeignPageChangesNothing(String header, String value) {
    Answer answer = send(change().header("Taximeter-Page", "1").header(header, value));

    assertThat(answer.status()).isEqualTo(403);
    assertThat(get("/v1/accounts/made-here").status()).isEqualTo(404);
  }

  @Test
  void aFormChangesNothing() {
    assertThat(send(change()).status()).isEqualTo(403);
  }

  /** A cookie that somebody has stolen must not become a token that outlives it. */
  @Test
  void aSessionMakesNeitherATokenOfEverythingNorAnotherSession() {
    assertThat(
            send(request("/v1/tokens")
                    .header("Cookie", session())
                    .header("Taximeter-Page", "1")
                    .header("Content-Type", "application/json")
                    .POST(
                        HttpRequest.BodyPublishers.ofString(
                            "{\"name\":\"mine\",\"role\":\"viewer\"}")))
                .status())
        .isEqualTo(403);
    assertThat(
            send(request("/v1/sign-in-codes")
                    .header("Cookie", session())
                    .header("Taximeter-Page", "1")
                    .POST(HttpRequest.BodyPublishers.noBody()))
                .status())
        .isEqualTo(403);
  }

  @Test
  void signingOutEndsTheSession() {
    String cookie = session();
    Answer ended =
        send(
            request("/v1/session/end")
                .header("Cookie", cookie)
                .header("Taximeter-Page", "1")
                .POST(HttpRequest.BodyPublishers.noBody()));

    assertThat(ended.status()).isEqualTo(200);
    assertThat(ended.header("Set-Cookie")).contains("Max-Age=0");
    assertThat(send(request("/v1/session").header("Cookie", cookie).GET()).status()).isEqualTo(401);
  }

  @Test
  void nothingCanBeKilledWhereThisIsNoDemonstration() {
    assertThat(post("/v1/demonstration/kill-metering", "").status()).isEqualTo(404);
  }

  private HttpRequest.Builder change() {
    return request("/v1/accounts")
        .header("Cookie", session())
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(ACCOUNT));
  }

  private static Answer send(HttpRequest.Builder request) {
    return send(request.build());
  }

  private static String session() {
    String code = post("/v1/sign-in-codes", "").json().path("code").asString();
    String cookie =
        send(request("/sign-in")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("code=" + code)))
            .header("Set-Cookie");
    return cookie.substring(0, cookie.indexOf(';'));
  }
}
