package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a process says that has just started and has not read its live views yet. */
class StartingApiTest extends ApiTest {
  @Test
  void nothingIsNotFoundBeforeEverythingWasRead() {
    positions.waiting.put("catalog.v1", "still reading what is there");

    for (Answer answer :
        new Answer[] {
          get("/v1/accounts/not-read-yet/balance"),
          get("/v1/accounts/acme/bills"),
          get("/v1/usage?account=acme"),
          get("/v1/live"),
          post("/v1/accounts/not-read-yet/credits", "{\"kind\": \"grant\", \"amount\": \"1\"}")
        }) {
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.header("Retry-After")).isEqualTo("1");
      assertThat(answer.json().path("type").asString())
          .isEqualTo("urn:taximeter:problem:not-ready");
      assertThat(answer.json().path("detail").asString()).contains("catalog.v1");
    }

    positions.waiting.clear();
    assertThat(get("/v1/accounts/not-read-yet/balance").status()).isEqualTo(404);
    assertThat(get("/v1/accounts/acme/bills").status()).isEqualTo(200);
  }

  @Test
  void howFarItIsIsAnsweredAtOnce() {
    positions.waiting.put("catalog.v1", "still reading what is there");

    assertThat(get("/v1/status").status()).isEqualTo(200);
    assertThat(get("/v1/status").json().path("waiting").has("catalog.v1")).isTrue();
    assertThat(get("/v1/accounting").status()).isEqualTo(200);
  }
}
