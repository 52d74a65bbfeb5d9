package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.lines.LandedLine;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class LinesApiTest extends ApiTest {
  private static final String PROD = "aa".repeat(32);
  private static final String DEV = "bb".repeat(32);
  private static final String UNKNOWN = "cc".repeat(32);

  private int number;

  @BeforeEach
  void someLines() throws Exception {
    load(
        new Catalog(
            List.of(),
            List.of(
                new ApiKey("acme", "prod", PROD, "0001"), new ApiKey("acme", "dev", DEV, "0002")),
            List.of(),
            List.of(),
            List.of(),
            List.of()));
    leak(PROD, "client-left", "2026-11-03T10:00:00Z");
    leak(PROD, "client-left", "2026-11-04T10:00:00Z");
    leak(DEV, "success-without-usage", "2026-11-04T10:00:00Z");
    leak(UNKNOWN, "client-left", "2026-11-04T10:00:00Z");
    leak("", "client-left", "2026-11-04T10:00:00Z");
    // In October, except in Berlin.
    leak(PROD, "client-left", "2026-10-31T23:30:00Z");
  }

  private void leak(String fingerprint, String reason, String at) {
    line(null, "unbillable", reason, fingerprint, at, "");
  }

  private void line(
      String account, String fate, String reason, String fingerprint, String at, String requestId) {
    Instant instant = Instant.parse(at);
    lines.add(
        new LandedLine(
            "%032x".formatted(++number),
            account,
            fate,
            reason,
            reason != null && (reason.equals("client-left") || reason.startsWith("success")),
            fingerprint,
            "qwen-max",
            instant,
            instant.plusSeconds(1),
            requestId));
  }

  private static List<String> rows(JsonNode answer) {
    return answer
        .path("rows")
        .valueStream()
        .map(
            row ->
                "%s/%s/%s/%s %d"
                    .formatted(
                        row.path("account").asString(),
                        row.path("key").asString("?"),
                        row.path("model").asString("?"),
                        row.path("reason").asString("?"),
                        row.path("lines").asLong()))
        .toList();
  }

  @Test
  void leakageIsByAccountOfTheKey() {
    JsonNode answer = get("/v1/leakage").json();

    assertThat(rows(answer))
        .containsExactly(
            "acme/?/?/? 3", "unattributed:cccccccccccccccc/?/?/? 1", "unattributed:none/?/?/? 1");
    assertThat(answer.path("total").asLong()).isEqualTo(5);
    assertThat(answer.path("asOf").path("time").asString()).isEqualTo("2026-11-24T09:30:00Z");
    assertThat(answer.path("asOf").has("latestArrival")).isFalse();
  }

  @Test
  void leakageIsByKeyModelAndReason() {
    assertThat(rows(get("/v1/leakage?groupBy=key,model,reason").json()))
        .containsExactly(
            "acme/dev/qwen-max/success-without-usage 1",
            "acme/prod/qwen-max/client-left 2",
            "unattributed:cccccccccccccccc/cccccccccccc/qwen-max/client-left 1",
            "unattributed:none//qwen-max/client-left 1");
  }

  @Test
  void anAccountHasItsOwnZoneAndKeys() {
    assertThat(rows(get("/v1/leakage?account=acme").json())).containsExactly("acme/?/?/? 4");
    assertThat(rows(get("/v1/leakage?account=globex").json())).isEmpty();
    assertThat(rows(get("/v1/leakage?account=unattributed:cccccccccccccccc").json()))
        .containsExactly("unattributed:cccccccccccccccc/?/?/? 1");
    assertThat(rows(get("/v1/leakage?account=unattributed:none").json()))
        .containsExactly("unattributed:none/?/?/? 1");
    assertThat(
            rows(
                get("/v1/leakage?account=acme&from=2026-11-04T00:00:00Z&to=2026-11-05T00:00:00Z")
                    .json()))
        .containsExactly("acme/?/?/? 2");
  }

  @Test
  void aKeyThatGotAnOwnerIsNoLongerUnattributed() {
    assertThat(rows(get("/v1/leakage?account=unattributed:aaaaaaaaaaaaaaaa").json())).isEmpty();
  }

  @Test
  void operationsByDay() {
    line(null, "unbillable", "fallback-attempt", PROD, "2026-11-05T10:00:00Z", "r1");
    line("acme", "billed", null, PROD, "2026-11-05T10:00:01Z", "r1");
    line("acme", "billed", null, PROD, "2026-11-05T23:30:00Z", "job");
    line("acme", "billed", null, PROD, "2026-11-05T23:40:00Z", "job");
    line("globex", "billed", null, UNKNOWN, "2026-11-05T10:00:00Z", "g");

    JsonNode rows =
        get("/v1/operations?account=acme&granularity=day&from=2026-11-04T23:00:00Z&to=2026-11-06T23:00:00Z")
            .json()
            .path("rows");

    assertThat(rows.size()).isEqualTo(2);
    JsonNode first = rows.get(0);
    assertThat(first.path("start").asString()).isEqualTo("2026-11-04T23:00:00Z");
    assertThat(first.path("lines").asLong()).isEqualTo(2);
    assertThat(first.path("attempts").asLong()).isEqualTo(2);
    assertThat(first.path("fallbackAttempts").asLong()).isEqualTo(1);
    assertThat(first.path("operations").asLong()).isEqualTo(1);
    assertThat(first.path("repeatedRequestIds").asLong()).isZero();
    JsonNode second = rows.get(1);
    assertThat(second.path("start").asString()).isEqualTo("2026-11-05T23:00:00Z");
    assertThat(second.path("operations").asLong()).isEqualTo(1);
    assertThat(second.path("repeatedRequestIds").asLong()).isEqualTo(1);
    assertThat(second.path("linesOfRepeatedRequestIds").asLong()).isEqualTo(2);
    assertThat(get("/v1/operations").json().path("rows").get(0).path("lines").asLong())
        .isEqualTo(10);
  }

  @Test
  void theLatestArrivalTellsHowFreshAnAnswerIs() {
    leak(PROD, "client-left", "2026-11-24T09:29:00Z");
    for (String path : List.of("/v1/leakage", "/v1/operations")) {
      assertThat(get(path).json().path("asOf").path("latestArrival").asString())
          .isEqualTo("2026-11-24T09:29:01Z");
    }
  }

  @Test
  void mistakesAreExplained() {
    for (String path :
        List.of(
            "/v1/leakage?groupBy=account",
            "/v1/leakage?from=yesterday",
            "/v1/leakage?from=2026-11-05T00:00:00Z&to=2026-11-05T00:00:00Z",
            "/v1/leakage?granularity=day",
            "/v1/leakage?account=" + "x".repeat(101),
            "/v1/operations?granularity=week",
            "/v1/operations?groupBy=key",
            "/v1/operations?from=2026-01-01T00:00:00Z")) {
      Answer answer = get(path);
      assertThat(answer.status()).as(path).isEqualTo(400);
      assertThat(answer.json().path("type").asString())
          .isEqualTo("urn:taximeter:problem:invalid-parameter");
    }
    assertThat(get("/v1/leakage?account=nobody").status()).isEqualTo(404);
    assertThat(get("/v1/operations?account=nobody").status()).isEqualTo(404);
    assertThat(
            get("/v1/operations?granularity=minute&from=2026-11-01T00:00:00Z&to=2026-11-20T00:00:00Z")
                .status())
        .isEqualTo(422);
    lines.setDown(true);
    assertThat(get("/v1/leakage").status()).isEqualTo(503);
    assertThat(get("/v1/operations").status()).isEqualTo(503);
    assertThat(send(request("/v1/leakage").GET().build()).status()).isEqualTo(401);
    assertThat(send(request("/v1/operations").GET().build()).status()).isEqualTo(401);
  }
}
