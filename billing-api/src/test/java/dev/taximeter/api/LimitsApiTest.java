package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.SignedJWT;
import dev.taximeter.api.catalog.InMemoryCatalog;
import dev.taximeter.api.settings.ApiSettings;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** Servers of their own, with narrow limits, and with pages of another origin. */
class LimitsApiTest {
  private static final String TOKEN = "test-token-0123456789";
  private static final String KEY = "sk-one-key-of-acme-77";
  private static final String OTHER_KEY = "sk-two-key-of-acme-77";
  private static final int PLENTY = 1_000;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private ConfigurableApplicationContext context;
  private URI root;

  private void start(ApiSettings.Access access) throws Exception {
    context =
        BillingApi.application(
                new ApiSettings(
                    "127.0.0.1",
                    0,
                    List.of(),
                    TOKEN,
                    RootSecret.of(new byte[32]),
                    Map.of(),
                    1,
                    new ApiSettings.ClickHouse("jdbc:clickhouse:http://127.0.0.1:1/", "t", "u", ""),
                    access,
                    0),
                TestPorts.class)
            .run();
    int port = ((ServletWebServerApplicationContext) context).getWebServer().getPort();
    root = URI.create("http://127.0.0.1:" + port);
    Catalog catalog =
        new Catalog(
            List.of(new Account("acme", "Acme", "USD", ZoneId.of("UTC"), "standard")),
            List.of(key("one", KEY), key("two", OTHER_KEY)),
            List.of(new PriceBook("list", "USD", List.of())),
            List.of(new Plan("standard", "list", BigDecimal.ZERO, 1)),
            List.of(),
            List.of());
    context
        .getBean(InMemoryCatalog.class)
        .decide(new Command("test", "test", "", Instant.EPOCH, catalog, List.of()), Duration.ZERO);
  }

  private static ApiKey key(String name, String raw) {
    return new ApiKey(
        "acme", name, new Fingerprinter(RootSecret.of(new byte[32])).fingerprint(raw), "");
  }

  @AfterEach
  void stop() {
    context.close();
  }

  private HttpResponse<String> get(String path, String bearer, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(root.resolve(path)).header("Authorization", "Bearer " + bearer);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static void assertTooMany(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(429);
    assertThat(answer.body()).contains("urn:taximeter:problem:rate-limited");
    long seconds = Long.parseLong(answer.headers().firstValue("Retry-After").orElseThrow());
    assertThat(seconds).isBetween(1L, 60L);
  }

  @Test
  void aTokenMayAskSoOftenAndSees() throws Exception {
    start(new ApiSettings.Access(3, PLENTY, PLENTY, PLENTY, List.of(), null, null));

    for (int left = 2; left >= 0; left--) {
      HttpResponse<String> answer = get("/v1/accounts", TOKEN);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("RateLimit-Policy")).hasValue("\"token\";q=3;w=60");
      assertThat(answer.headers().firstValue("RateLimit").orElseThrow())
          .startsWith("\"token\";r=" + left + ";");
    }
    assertTooMany(get("/v1/accounts", TOKEN));
  }

  @Test
  void failuresAreLimitedByAddressAndValidTokensPass() throws Exception {
    start(new ApiSettings.Access(PLENTY, 3, PLENTY, PLENTY, List.of(), null, null));

    for (int i = 0; i < 3; i++) {
      assertThat(get("/v1/accounts", "wrong-" + i).statusCode()).isEqualTo(401);
    }
    assertTooMany(get("/v1/accounts", "wrong"));
    assertTooMany(get("/v1/key", "sk-wrong"));
    assertThat(get("/v1/accounts", TOKEN).statusCode()).isEqualTo(200);
  }

  @Test
  void signaturesAreNotCheckedForEver() throws Exception {
    TestIssuer issuer = new TestIssuer();
    try {
      start(
          new ApiSettings.Access(
              PLENTY, 1_000_000, PLENTY, PLENTY, List.of(), issuer.settings(), null));
      context.getBean(TestPorts.TestClock.class).set("2026-11-24T09:30:00Z");
      ECKey curve = new ECKeyGenerator(Curve.P_521).keyID("curve").generate();
      issuer.document = new JWKSet(List.of(curve, issuer.key)).toString(true);
      String known = issuer.token("ann", "finance", null);
      assertThat(get("/v1/accounts", known).statusCode()).isEqualTo(200);
      SignedJWT wrong =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.ES512).keyID("curve").build(),
              TestIssuer.claims("eve", "ops", null).build());
      wrong.sign(new ECDSASigner(new ECKeyGenerator(Curve.P_521).keyID("curve").generate()));

      HttpResponse<String> answer = get("/v1/accounts", wrong.serialize());
      assertThat(answer.statusCode()).isEqualTo(401);
      for (int i = 0; i < 20_000 && answer.statusCode() == 401; i++) {
        answer = get("/v1/accounts", wrong.serialize());
      }

      assertTooMany(answer);
      assertThat(answer.body()).contains("is not checked");
      assertThat(get("/v1/accounts", known).statusCode()).isEqualTo(200);
      assertThat(get("/v1/accounts", TOKEN).statusCode()).isEqualTo(200);
      assertThat(get("/v1/accounts", "wrong").statusCode()).isEqualTo(401);
    } finally {
      issuer.stop();
    }
  }

  @Test
  void tokensLiveAsLongAsTheInstallationAllows() throws Exception {
    start(
        new ApiSettings.Access(
            PLENTY, PLENTY, PLENTY, PLENTY, List.of(), null, Duration.ofDays(90)));
    context.getBean(TestPorts.TestClock.class).set("2026-11-24T09:30:00Z");

    HttpResponse<String> endless = make("{\"name\":\"a\",\"role\":\"viewer\"}");
    assertThat(endless.statusCode()).isEqualTo(201);
    assertThat(endless.body()).contains("\"expiresAt\":\"2027-02-22T09:30:00Z\"");
    HttpResponse<String> longer =
        make("{\"name\":\"b\",\"role\":\"viewer\",\"expiresAt\":\"2027-02-22T09:30:01Z\"}");
    assertThat(longer.statusCode()).isEqualTo(400);
    assertThat(longer.body())
        .contains("not be later than 2027-02-22T09:30:00Z")
        .contains("TAXIMETER_TOKEN_LIFETIME");
    assertThat(
            make("{\"name\":\"c\",\"role\":\"viewer\",\"expiresAt\":\"2026-12-01T00:00:00Z\"}")
                .body())
        .contains("\"expiresAt\":\"2026-12-01T00:00:00Z\"");
  }

  private HttpResponse<String> make(String token) throws IOException, InterruptedException {
    return CLIENT.send(
        HttpRequest.newBuilder(root.resolve("/v1/tokens"))
            .header("Authorization", "Bearer " + TOKEN)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(token))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void keysHaveAStricterLimitOfTheirOwn() throws Exception {
    start(new ApiSettings.Access(PLENTY, PLENTY, 2, 5, List.of(), null, null));

    assertThat(get("/v1/key", KEY).statusCode()).isEqualTo(200);
    assertThat(get("/dashboard/billing/subscription", KEY).statusCode()).isEqualTo(200);
    assertTooMany(get("/v1/key", KEY));
    assertThat(get("/v1/key", OTHER_KEY).statusCode()).isEqualTo(200);
    assertThat(get("/v1/key", "sk-wrong").statusCode()).isEqualTo(401);
    // The sixth from this address, whoever asks.
    assertTooMany(get("/v1/key", OTHER_KEY));
  }

  @Test
  void otherPagesMayAskOnlyIfTheyAreNamed() throws Exception {
    start(
        new ApiSettings.Access(
            PLENTY, PLENTY, PLENTY, PLENTY, List.of("https://portal.example.com"), null, null));

    HttpResponse<String> named = get("/v1/accounts", TOKEN, "Origin", "https://portal.example.com");
    assertThat(named.statusCode()).isEqualTo(200);
    assertThat(named.headers().firstValue("Access-Control-Allow-Origin"))
        .hasValue("https://portal.example.com");
    assertThat(named.headers().firstValue("Access-Control-Allow-Credentials")).isEmpty();
    assertThat(preflight("https://portal.example.com").statusCode()).isEqualTo(200);

    HttpResponse<String> other = get("/v1/accounts", TOKEN, "Origin", "https://evil.example.com");
    assertThat(other.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    assertThat(preflight("https://evil.example.com").statusCode()).isEqualTo(403);
  }

  @Test
  void nobodyMayAskFromAnotherPageUnlessSet() throws Exception {
    start(ApiSettings.Access.USUAL);

    HttpResponse<String> answer = get("/v1/accounts", TOKEN, "Origin", "https://evil.example.com");
    assertThat(answer.headers().map()).doesNotContainKey("access-control-allow-origin");
    assertThat(preflight("https://evil.example.com").statusCode()).isEqualTo(401);
  }

  private HttpResponse<String> preflight(String origin) throws IOException, InterruptedException {
    return CLIENT.send(
        HttpRequest.newBuilder(root.resolve("/v1/accounts"))
            .headers("Origin", origin, "Access-Control-Request-Method", "GET")
            .headers("Access-Control-Request-Headers", "authorization")
            .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
