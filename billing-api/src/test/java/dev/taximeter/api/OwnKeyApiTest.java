package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.usage.LandedEvent;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What a gateway's API key may ask about itself. */
class OwnKeyApiTest extends ApiTest {
  private static final String RAW = "sk-chat-client-key-4711";
  private static final String OTHER = "sk-other-key-of-acme-1";

  @BeforeEach
  void twoKeysWithUsage() throws Exception {
    load(Catalog.of(key("chat", RAW, null), key("other", OTHER, null)));
    // Tuesday 24 November 2026, 10:30 in Berlin.
    add(1, "chat", "2025-01-01T00:00:00Z", "100");
    add(2, "chat", "2026-11-03T00:00:00Z", "10");
    add(3, "chat", "2026-11-22T23:30:00Z", "1.5");
    add(4, "chat", "2026-11-24T00:00:00Z", "0.25");
    add(5, "other", "2026-11-24T00:00:00Z", "1000");
  }

  private static ApiKey key(String name, String raw, Instant expiresAt) {
    String fingerprint = new Fingerprinter(RootSecret.of(new byte[32])).fingerprint(raw);
    return new ApiKey(
        "acme", name, fingerprint, Fingerprinter.lastFour(raw), null, expiresAt, null);
  }

  private void add(long sequence, String key, String completion, String cost) {
    history.add(
        new LandedEvent(
            "acme",
            sequence,
            key,
            "gpt-4o",
            Instant.parse(completion),
            new TokenCounts(1, 0, 0, 1, 0),
            "USD",
            new BigDecimal(cost)));
  }

  private void limit(Quota.Window window, String amount) throws Exception {
    load(
        new Catalog(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(
                new Quota(
                    "q-" + window.code(),
                    "acme",
                    "chat",
                    null,
                    Quota.Metric.COST,
                    window,
                    new BigDecimal(amount),
                    List.of(80))),
            List.of()));
  }

  private static Answer as(String rawKey, String path) {
    return send(request(path).header("Authorization", "Bearer " + rawKey).GET().build());
  }

  @Test
  void aKeyIsShownAsOpenRouterDoes() {
    Answer answer = as(RAW, "/v1/key");

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    JsonNode data = answer.json().path("data");
    assertThat(data.path("label").asString()).isEqualTo("chat");
    assertThat(data.path("usage").isNumber()).isTrue();
    assertThat(data.path("usage").decimalValue()).isEqualByComparingTo("111.75");
    assertThat(data.path("usage_monthly").decimalValue()).isEqualByComparingTo("11.75");
    assertThat(data.path("usage_weekly").decimalValue()).isEqualByComparingTo("1.75");
    assertThat(data.path("usage_daily").decimalValue()).isEqualByComparingTo("0.25");
    assertThat(data.path("limit").isNull()).isTrue();
    assertThat(data.path("limit_remaining").isNull()).isTrue();
    assertThat(data.path("expires_at").isNull()).isTrue();
    assertThat(answer.body()).doesNotContain(RAW).doesNotContain("other").doesNotContain("1000");
    assertThat(answer.json().path("asOf").path("sequence").asLong()).isEqualTo(5);
  }

  @Test
  void theLimitIsTheKeysQuotaOfCost() throws Exception {
    limit(Quota.Window.MONTH, "50");
    limit(Quota.Window.DAY, "5");

    JsonNode data = as(RAW, "/v1/key").json().path("data");
    assertThat(data.path("limit").decimalValue()).isEqualByComparingTo("50");
    assertThat(data.path("limit_remaining").decimalValue()).isEqualByComparingTo("38.25");
    assertThat(data.path("limit_reset").asString()).isEqualTo("monthly");

    // What chat clients compute as what is left is the same.
    BigDecimal hard =
        as(RAW, "/v1/dashboard/billing/subscription").json().path("hard_limit_usd").decimalValue();
    BigDecimal cents =
        as(RAW, "/v1/dashboard/billing/usage").json().path("total_usage").decimalValue();
    assertThat(hard.subtract(cents.movePointLeft(2))).isEqualByComparingTo("38.25");
    assertThat(as(OTHER, "/v1/key").json().path("data").path("limit").isNull()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1", ""})
  void chatClientsGetTheShapesTheyAskFor(String prefix) {
    JsonNode subscription = as(RAW, prefix + "/dashboard/billing/subscription").json();
    assertThat(subscription.path("object").asString()).isEqualTo("billing_subscription");
    assertThat(subscription.path("has_payment_method").isBoolean()).isTrue();
    for (String limit : List.of("soft_limit_usd", "hard_limit_usd", "system_hard_limit_usd")) {
      assertThat(subscription.path(limit).isNumber()).isTrue();
      assertThat(subscription.path(limit).asLong()).isEqualTo(100_000_000);
    }
    assertThat(subscription.path("access_until").asLong(-1)).isZero();

    JsonNode usage = as(RAW, prefix + "/dashboard/billing/usage").json();
    assertThat(usage.path("object").asString()).isEqualTo("list");
    assertThat(usage.path("total_usage").isNumber()).isTrue();
    assertThat(usage.path("total_usage").decimalValue()).isEqualByComparingTo("11175");
    JsonNode days =
        as(RAW, prefix + "/dashboard/billing/usage?start_date=2026-11-03&end_date=2026-11-23")
            .json();
    // In Berlin, 22 November 23:30 in UTC is the 23rd.
    assertThat(days.path("total_usage").decimalValue()).isEqualByComparingTo("1150");
  }

  @Test
  void theEndOfAKeyIsInUnixSeconds() throws Exception {
    load(Catalog.of(key("chat", RAW, Instant.parse("2026-12-01T00:00:00Z"))));

    assertThat(as(RAW, "/v1/dashboard/billing/subscription").json().path("access_until").asLong())
        .isEqualTo(Instant.parse("2026-12-01T00:00:00Z").getEpochSecond());
    clock.set("2026-12-01T00:00:00Z");
    assertThat(as(RAW, "/v1/key").status()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sk-unknown-key-0000000", "' OR 1=1 --", TOKEN, "%00"})
  void onlyARegisteredKeyIsAProof(String bearer) {
    Answer answer = as(bearer, "/v1/key");

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.body()).doesNotContain(bearer);
  }

  @Test
  void aKeyOpensNothingElse() {
    for (String path : List.of("/v1/accounts/acme", "/v1/usage", "/v1/accounts", "/")) {
      assertThat(as(RAW, path).status()).as(path).isEqualTo(401);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "start_date=yesterday",
        "end_date=2026-13-01",
        "start_date=2026-11-05&end_date=2026-11-04",
        "start_date=2027-01-01",
        "account=globex"
      })
  void wrongParametersAreRefused(String query) {
    assertThat(as(RAW, "/v1/dashboard/billing/usage?" + query).status()).isEqualTo(400);
  }

  @Test
  void aCookieIsNoProofHere() {
    assertThat(
            send(request("/v1/key").header("Cookie", "taximeter-session=x").GET().build()).status())
        .isEqualTo(401);
    assertThat(
            send(withToken(request("/v1/key")).POST(HttpRequest.BodyPublishers.noBody()).build())
                .status())
        .isEqualTo(401);
  }
}
