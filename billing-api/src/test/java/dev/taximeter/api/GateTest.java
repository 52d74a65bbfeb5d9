package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.taximeter.api.catalog.InMemoryCatalog;
import dev.taximeter.api.gate.GateFilter;
import dev.taximeter.api.gate.GateListener;
import dev.taximeter.api.settings.ApiSettings;
import dev.taximeter.api.settings.GateSettings;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountDetails;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.Team;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.GateState;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.GateIdentity;
import dev.taximeter.contract.security.RootSecret;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/** The gate as a gateway asks it, over HTTP. */
class GateTest {
  private static final RootSecret SECRET = RootSecret.of(new byte[32]);
  private static final String CALLER = "caller-secret-0123456789-0123456789";
  private static final String KEY = "sk-acme-prod-0123456789";
  private static final String DEV = "sk-acme-dev-0123456789";
  private static final Instant NOW = Instant.parse("2026-11-24T09:30:00Z");
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private static ConfigurableApplicationContext context;
  private static ConfigurableApplicationContext open;

  private final TestPorts.Gates gates = context.getBean(TestPorts.Gates.class);
  private final TestPorts.TestClock clock = context.getBean(TestPorts.TestClock.class);

  @BeforeAll
  static void start() throws Exception {
    context = start(settings(CALLER, "deny"));
    open = start(settings(null, "allow"));
  }

  @AfterAll
  static void stop() {
    context.close();
    open.close();
  }

  private static GateSettings settings(String caller, String unknown) {
    boolean pass = unknown.equals("allow");
    return new GateSettings(
        "127.0.0.1",
        0,
        caller,
        GateSettings.USUAL_KEY_HEADERS,
        GateSettings.USUAL_MODEL_HEADER,
        pass,
        pass,
        List.of());
  }

  private static ConfigurableApplicationContext start(GateSettings gate) throws Exception {
    ApiSettings settings =
        new ApiSettings(
                "127.0.0.1",
                0,
                List.of(),
                ApiTest.TOKEN,
                SECRET,
                Map.of(),
                1,
                new ApiSettings.ClickHouse("jdbc:clickhouse:http://127.0.0.1:1/", "t", "u", ""),
                ApiSettings.Access.USUAL,
                0)
            .withGate(gate);
    ConfigurableApplicationContext started =
        BillingApi.application(settings, TestPorts.class).run();
    started.getBean(TestPorts.TestClock.class).set(NOW.toString());
    load(started, AccountDetails.NONE, null);
    return started;
  }

  /** The catalogue: an account of two keys, one of them of a team. */
  private static void load(
      ConfigurableApplicationContext started, AccountDetails details, Instant expiry)
      throws Exception {
    loadKeys(
        started,
        details,
        new ApiKey("acme", "prod", fingerprint(KEY), "6789", "blue", expiry, null),
        new ApiKey("acme", "dev", fingerprint(DEV), "6789"));
  }

  private static void load(
      ConfigurableApplicationContext started, AccountDetails details, Instant expiry, String dev)
      throws Exception {
    loadKeys(
        started,
        details,
        new ApiKey("acme", "prod", fingerprint(KEY), "6789", "blue", expiry, null),
        new ApiKey("acme", "dev", fingerprint(dev), "6789"));
  }

  private static void loadKeys(
      ConfigurableApplicationContext started, AccountDetails details, ApiKey... keys)
      throws Exception {
    InMemoryCatalog catalog = started.getBean(InMemoryCatalog.class);
    catalog.clear();
    Account account =
        new Account("acme", "Acme", "USD", ZoneId.of("Europe/Berlin"), "standard", details);
    catalog.decide(
        new Command(
            "test",
            "test",
            "",
            Instant.EPOCH,
            new Catalog(
                List.of(account),
                List.of(keys),
                List.of(new PriceBook("list", "USD", List.of())),
                List.of(new Plan("standard", "list", BigDecimal.ZERO, 1)),
                List.of(),
                List.of(),
                List.of(new Team("blue", "acme", "Blue"), new Team("red", "acme", "Red"))),
            List.of()),
        Duration.ZERO);
  }

  @BeforeEach
  void reset() throws Exception {
    gates.states.clear();
    clock.set(NOW.toString());
    context.getBean(TestPorts.Positions.class).waiting.clear();
    load(context, AccountDetails.NONE, null);
  }

  private static String fingerprint(String key) {
    return new Fingerprinter(SECRET).fingerprint(key);
  }

  private void told(BigDecimal balance, GateState.Limit... limits) {
    told(balance, null, limits);
  }

  private void told(BigDecimal balance, GateState.Next next, GateState.Limit... limits) {
    gates.states.put("acme", new GateState("acme", 1, balance, next, List.of(limits), NOW));
  }

  private static GateState.Limit limit(
      String id, String key, String team, String model, String used, Instant until) {
    return new GateState.Limit(
        id, key, team, model, new BigDecimal("100"), new BigDecimal(used), until);
  }

  private static int port(ConfigurableApplicationContext started) {
    return started.getBean(GateListener.class).port();
  }

  private static HttpResponse<String> send(
      ConfigurableApplicationContext started, String method, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port(started) + path))
            .timeout(Duration.ofSeconds(30))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> check(String... headers) throws Exception {
    String[] all = java.util.Arrays.copyOf(headers, headers.length + 2);
    all[headers.length] = GateFilter.CALLER_HEADER;
    all[headers.length + 1] = CALLER;
    return send(context, "POST", "/v1/chat/completions", all);
  }

  private static HttpResponse<String> checkKey(String key) throws Exception {
    return check("Authorization", "Bearer " + key);
  }

  private static JsonNode refused(HttpResponse<String> answer, int status, String type) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
    assertThat(answer.headers().firstValue(GateFilter.IDENTITY_HEADER)).isEmpty();
    assertThat(answer.body()).doesNotContain("sk-");
    JsonNode problem = Json.MAPPER.readTree(answer.body());
    assertThat(problem.path("type").asString()).isEqualTo("urn:taximeter:problem:" + type);
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    return problem;
  }

  @Test
  void whatMayPassIsNamedInAHeaderThatMeteringBelieves() throws Exception {
    for (String[] header :
        List.of(
            new String[] {"Authorization", "Bearer " + KEY},
            new String[] {"authorization", "bearer  " + KEY},
            new String[] {"X-Api-Key", KEY})) {
      HttpResponse<String> answer = check(header);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEmpty();
      String identity = answer.headers().firstValue(GateFilter.IDENTITY_HEADER).orElseThrow();
      assertThat(identity).doesNotContain(KEY);
      assertThat(believed(identity)).isEqualTo(fingerprint(KEY));
    }
  }

  private static String believed(String identity) {
    GateIdentity.Claim claim = GateIdentity.of(SECRET).read(identity);
    return claim != null && claim.isOf(NOW, NOW.plusSeconds(5)) ? claim.fingerprint() : null;
  }

  /** A client that sends somebody else's identity would let him pay. */
  @Test
  void aClientsOwnIdentityDoesNotStay() throws Exception {
    HttpResponse<String> answer =
        send(open, "GET", "/", GateFilter.IDENTITY_HEADER, "tmg1.1." + "ab".repeat(32) + ".x");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue(GateFilter.IDENTITY_HEADER)).hasValue("-");
  }

  /** A key that is registered with its scheme, and one whose log holds the scheme. */
  @Test
  void keysAreReadAsMeteringReadsThem() throws Exception {
    load(context, AccountDetails.NONE, null, "Bearer " + DEV);
    HttpResponse<String> answer = check("authorization", "Bearer " + DEV);
    assertThat(believed(answer.headers().firstValue(GateFilter.IDENTITY_HEADER).orElseThrow()))
        .isEqualTo(fingerprint("Bearer " + DEV));
    refused(check("authorization", "bearer " + DEV), 403, "key-refused");
    assertThat(check("x-api-key", "Bearer " + KEY).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"})
  void methodsPathsAndHostsAreTheClients(String method) throws Exception {
    for (String path :
        List.of("/", "/v1/status", "/livez", "/v1/accounts?key=1", "/a%2Fb/c%20d", "/v1//x;y=z")) {
      HttpResponse<String> answer =
          send(context, method, path, "x-api-key", KEY, GateFilter.CALLER_HEADER, CALLER);
      assertThat(answer.statusCode()).as("%s %s", method, path).isEqualTo(200);
      assertThat(answer.body()).isEmpty();
    }
    assertThat(raw("GET /v1/{x}|y?a=[b] HTTP/1.1\r\nHost: api.example.com")).contains(" 200");
  }

  /** As metering reads the log: as UTF-8, and what is none as Latin-1. */
  @Test
  void keysInBothEncodingsAreTheRegisteredOne() throws Exception {
    String umlaut = "sk-m\u00fcller-0123456789";
    load(context, AccountDetails.NONE, null, umlaut);
    String utf8 = new String(umlaut.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    for (String sent : List.of(umlaut, utf8)) {
      assertThat(raw("GET / HTTP/1.1\r\nHost: a", sent)).contains(" 200");
    }
    assertThat(raw("GET / HTTP/1.1\r\nHost: a", umlaut.replace('\u00fc', '\u00e4')))
        .contains(" 403");
  }

  private static String raw(String head) throws IOException {
    return raw(head, KEY);
  }

  private static String raw(String head, String key) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port(context))) {
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      String request =
          head
              + "\r\nx-api-key: "
              + key
              + "\r\n"
              + GateFilter.CALLER_HEADER
              + ": "
              + CALLER
              + "\r\nConnection: close\r\n\r\n";
      out.write(request.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1))
          .readLine();
    }
  }

  @Test
  void onlyAGatewayMayAsk() throws Exception {
    assertThat(send(context, "GET", "/", "x-api-key", KEY).statusCode()).isEqualTo(403);
    assertThat(
            send(context, "GET", "/", "x-api-key", KEY, GateFilter.CALLER_HEADER, CALLER + "x")
                .statusCode())
        .isEqualTo(403);
    assertThat(send(open, "GET", "/", "x-api-key", KEY).statusCode()).isEqualTo(200);
  }

  /** What an operator sees of it: each answer once, by what it was. */
  @Test
  void everyAnswerIsCounted() throws Exception {
    Map<String, Double> before = checks(context);
    checkKey(KEY);
    checkKey(KEY);
    checkKey("sk-nobody-0123456789");
    check("x-api-key", KEY, "x-api-key", DEV);
    told(null, limit("month", null, null, null, "100", NOW.plusSeconds(60)));
    checkKey(KEY);
    send(context, "GET", "/", "x-api-key", KEY);
    Map<String, Double> after = checks(context);
    after.replaceAll((name, value) -> value - before.get(name));
    assertThat(after)
        .containsEntry("taximeter_gate_checks_total{outcome=\"allowed\"}", 2.0)
        .containsEntry("taximeter_gate_checks_total{outcome=\"unknown_key\"}", 1.0)
        .containsEntry("taximeter_gate_checks_total{outcome=\"ambiguous_key\"}", 1.0)
        .containsEntry("taximeter_gate_checks_total{outcome=\"quota_reached\"}", 1.0)
        .containsEntry("taximeter_gate_checks_total{outcome=\"stranger\"}", 1.0)
        .containsEntry("taximeter_gate_checks_total{outcome=\"failed\"}", 0.0)
        .containsEntry("taximeter_gate_check_seconds_count", 6.0)
        .containsKey("taximeter_gate_check_seconds_bucket{le=\"0.3\"}");
  }

  /** What passes although nobody knows whether it may is told from what may. */
  @Test
  void whatPassesUnseenIsCountedAsSuch() throws Exception {
    Map<String, Double> before = checks(open);
    send(open, "GET", "/", "x-api-key", "sk-nobody-0123456789");
    // A gate that has just started: one that has been ready stays so.
    try (ConfigurableApplicationContext fresh = start(settings(null, "allow"))) {
      TestPorts.Positions positions = fresh.getBean(TestPorts.Positions.class);
      positions.waiting.put("catalog.v1", "still reading what is there");
      send(fresh, "GET", "/", "x-api-key", KEY);
      assertThat(checks(fresh))
          .containsEntry("taximeter_gate_checks_total{outcome=\"not_ready_allowed\"}", 1.0)
          .containsEntry("taximeter_gate_checks_total{outcome=\"allowed\"}", 0.0);
    }
    Map<String, Double> after = checks(open);
    String unknown = "taximeter_gate_checks_total{outcome=\"unknown_key_allowed\"}";
    assertThat(after.get(unknown)).isEqualTo(before.get(unknown) + 1);
  }

  private static Map<String, Double> checks(ConfigurableApplicationContext started)
      throws Exception {
    int api = ((ServletWebServerApplicationContext) started).getWebServer().getPort();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api + "/metrics"))
            .header("Authorization", "Bearer " + ApiTest.TOKEN)
            .build();
    HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer
        .body()
        .lines()
        .filter(line -> line.startsWith("taximeter_gate_"))
        .map(line -> line.split(" ", 2))
        .collect(
            Collectors.toMap(
                sample -> sample[0],
                sample -> Double.valueOf(sample[1]),
                (a, b) -> b,
                HashMap::new));
  }

  /** The API has tokens and none of this. */
  @Test
  void theGateIsNotOnTheApisPort() throws Exception {
    int api = ((ServletWebServerApplicationContext) context).getWebServer().getPort();
    assertThat(api).isNotEqualTo(port(context));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api + "/v1/status"))
            .headers("x-api-key", KEY, GateFilter.CALLER_HEADER, CALLER)
            .build();
    assertThat(CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
        .isEqualTo(401);
  }

  @Test
  void unknownMissingAndAmbiguousKeysDoNotPassUnlessTheyMay() throws Exception {
    refused(checkKey("sk-nobody-0123456789"), 403, "key-refused");
    refused(check("x-api-key", "sk-" + "a".repeat(5_000)), 403, "key-refused");
    refused(check(), 403, "key-refused");
    refused(check("x-api-key", KEY, "x-api-key", DEV), 403, "key-refused");
    refused(check("x-api-key", KEY, "authorization", "Bearer " + DEV), 403, "key-refused");
    refused(
        check("authorization", "Bearer " + KEY, "x-api-key", "k".repeat(4_097)),
        403,
        "key-refused");
    assertThat(check("x-api-key", KEY, "authorization", "Bearer " + KEY).statusCode())
        .isEqualTo(200);

    assertThat(send(open, "GET", "/").statusCode()).isEqualTo(200);
    HttpResponse<String> unknown = send(open, "GET", "/", "x-api-key", "sk-nobody-0123456789");
    assertThat(unknown.statusCode()).isEqualTo(200);
    String identity = unknown.headers().firstValue(GateFilter.IDENTITY_HEADER).orElseThrow();
    assertThat(believed(identity)).isEqualTo(fingerprint("sk-nobody-0123456789"));
    refused(send(open, "GET", "/", "x-api-key", "k".repeat(4_097)), 403, "key-refused");
    refused(
        send(open, "GET", "/", "x-api-key", "sk-nobody", "authorization", "Bearer " + KEY),
        403,
        "key-refused");
    assertThat(
            send(open, "GET", "/", "x-api-key", KEY, "x-api-key", "sk-nobody-0123456789")
                .statusCode())
        .isEqualTo(403);
  }

  @Test
  void aKeyPassesUntilItExpires() throws Exception {
    load(context, AccountDetails.NONE, NOW.plusSeconds(1));
    assertThat(checkKey(KEY).statusCode()).isEqualTo(200);
    clock.set(NOW.plusSeconds(1).toString());
    refused(checkKey(KEY), 403, "key-refused");
    assertThat(checkKey(DEV).statusCode()).isEqualTo(200);
  }

  @Test
  void keysOfAccountsThatDoNoBusinessDoNotPass() throws Exception {
    load(context, details(AccountDetails.Status.SUSPENDED, null), null);
    refused(checkKey(KEY), 403, "account-refused");
    load(context, details(AccountDetails.Status.CLOSED, NOW.plusSeconds(60)), null);
    assertThat(checkKey(KEY).statusCode()).isEqualTo(200);
    clock.set(NOW.plusSeconds(60).toString());
    refused(checkKey(KEY), 403, "account-refused");
  }

  private static AccountDetails details(AccountDetails.Status status, Instant closing) {
    return new AccountDetails(List.of(), null, status, List.of(), Map.of(), null, closing);
  }

  @Test
  void aPrepaidBalanceThatIsUsedUpStopsAllKeys() throws Exception {
    told(new BigDecimal("0.000000000001"));
    assertThat(checkKey(KEY).statusCode()).isEqualTo(200);
    told(BigDecimal.ZERO);
    HttpResponse<String> answer = checkKey(KEY);
    refused(answer, 403, "balance-exhausted");
    assertThat(answer.headers().firstValue("retry-after")).isEmpty();
    told(new BigDecimal("-3"));
    refused(checkKey(DEV), 403, "balance-exhausted");
  }

  /** Nothing has to be heard for that. */
  @Test
  void aBalanceChangesByItselfWhenACreditBeginsOrExpires() throws Exception {
    Instant at = NOW.plusSeconds(60);
    told(BigDecimal.ZERO, new GateState.Next(at, BigDecimal.TEN));
    HttpResponse<String> before = checkKey(KEY);
    refused(before, 403, "balance-exhausted");
    assertThat(before.headers().firstValue("retry-after")).hasValue("60");
    clock.set(at.toString());
    assertThat(checkKey(KEY).statusCode()).isEqualTo(200);

    clock.set(NOW.toString());
    told(BigDecimal.TEN, new GateState.Next(at, BigDecimal.ZERO));
    assertThat(checkKey(KEY).statusCode()).isEqualTo(200);
    clock.set(at.toString());
    HttpResponse<String> after = checkKey(KEY);
    refused(after, 403, "balance-exhausted");
    assertThat(after.headers().firstValue("retry-after")).isEmpty();
  }

  /** What it uses counts under the name, and so for the other's team. */
  @Test
  void aReplacedKeyIsStoppedWithTheTeamOfItsSuccessor() throws Exception {
    loadKeys(
        context,
        AccountDetails.NONE,
        new ApiKey("acme", "prod", fingerprint(KEY), "6789", "blue", null, fingerprint(DEV)),
        new ApiKey("acme", "prod", fingerprint(DEV), "6789", "red", null, null));
    told(null, limit("red", null, "red", null, "100", NOW.plusSeconds(60)));
    refused(checkKey(KEY), 429, "quota-reached");
    refused(checkKey(DEV), 429, "quota-reached");
    told(null, limit("blue", null, "blue", null, "100", NOW.plusSeconds(60)));
    assertThat(checkKey(KEY).statusCode()).isEqualTo(200);
  }

  @Test
  void aReachedQuotaStopsWhatItConcernsUntilItsWindowEnds() throws Exception {
    Instant end = NOW.plusMillis(90_001);
    told(
        null,
        limit("of-prod", "prod", null, null, "100", end),
        limit("of-all", null, null, null, "99.99", end));
    HttpResponse<String> answer = checkKey(KEY);
    JsonNode problem = refused(answer, 429, "quota-reached");
    assertThat(problem.path("detail").asString()).contains("of-prod").contains(end.toString());
    assertThat(answer.headers().firstValue("retry-after")).hasValue("91");
    assertThat(checkKey(DEV).statusCode()).isEqualTo(200);
    clock.set(end.toString());
    assertThat(checkKey(KEY).statusCode()).isEqualTo(200);
  }

  @Test
  void theQuotaThatLastsLongestSaysWhenToComeBack() throws Exception {
    told(
        null,
        limit("hour", null, null, null, "100", NOW.plusSeconds(60)),
        limit("day", null, null, null, "150", NOW.plusSeconds(600)),
        limit("minute", null, null, null, "100", NOW.plusSeconds(6)));
    assertThat(checkKey(KEY).headers().firstValue("retry-after")).hasValue("600");
  }

  @Test
  void quotasOfTeamsAndModelsStopOnlyThose() throws Exception {
    told(null, limit("team", null, "blue", null, "100", NOW.plusSeconds(60)));
    refused(checkKey(KEY), 429, "quota-reached");
    assertThat(checkKey(DEV).statusCode()).isEqualTo(200);

    told(null, limit("model", null, null, "qwen-*", "100", NOW.plusSeconds(60)));
    String header = GateSettings.USUAL_MODEL_HEADER;
    refused(check("x-api-key", KEY, header, "qwen-max"), 429, "quota-reached");
    assertThat(check("x-api-key", KEY, header, "gpt-4o").statusCode()).isEqualTo(200);
    // Whoever does not say which model could ask for any.
    refused(checkKey(KEY), 429, "quota-reached");
    refused(check("x-api-key", KEY, header, ""), 429, "quota-reached");
    refused(check("x-api-key", KEY, header, "gpt-" + "o".repeat(600)), 429, "quota-reached");
    refused(check("x-api-key", KEY, header, "gpt-4o", header, "gpt-4o"), 429, "quota-reached");
  }

  /** What a person sees is what a gateway is told. */
  @Test
  void keyStatesAreShownToPeople() throws Exception {
    Instant end = NOW.plusSeconds(60);
    told(
        null,
        limit("of-prod", "prod", null, null, "100", end),
        limit("of-all", null, null, null, "30", end));
    int api = ((ServletWebServerApplicationContext) context).getWebServer().getPort();
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + api + "/v1/accounts/acme/key-states"))
            .header("Authorization", "Bearer " + ApiTest.TOKEN)
            .build();
    HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonNode items = Json.MAPPER.readTree(answer.body()).path("items");
    JsonNode dev = items.path(0);
    assertThat(dev.path("key").asString()).isEqualTo("dev");
    assertThat(dev.path("allowed").asBoolean()).isTrue();
    assertThat(dev.path("quota").asString()).isEqualTo("of-all");
    assertThat(dev.path("remaining").asString()).isEqualTo("70");
    JsonNode prod = items.path(1);
    assertThat(prod.path("allowed").asBoolean()).isFalse();
    assertThat(prod.path("reason").asString()).isEqualTo("quota_reached");
    assertThat(prod.path("quota").asString()).isEqualTo("of-prod");
    assertThat(prod.path("remaining").asString()).isEqualTo("0");
    assertThat(prod.path("retryAfterSeconds").asLong()).isEqualTo(60);
  }

  @Test
  void beforeEverythingIsReadTheSettingDecides() throws Exception {
    for (ConfigurableApplicationContext each : List.of(start(settings(null, "deny")))) {
      TestPorts.Positions positions = each.getBean(TestPorts.Positions.class);
      positions.waiting.put("gate.states.v1", "still reading what is there");
      HttpResponse<String> answer = send(each, "GET", "/", "x-api-key", KEY);
      refused(answer, 429, "gate-not-ready");
      assertThat(answer.headers().firstValue("retry-after")).hasValue("1");
      positions.waiting.clear();
      assertThat(send(each, "GET", "/", "x-api-key", KEY).statusCode()).isEqualTo(200);
      each.close();
    }
    try (ConfigurableApplicationContext lenient = start(settings(null, "allow"))) {
      lenient
          .getBean(TestPorts.Positions.class)
          .waiting
          .put("catalog.v1", "still reading what is there");
      assertThat(send(lenient, "GET", "/", "x-api-key", KEY).statusCode()).isEqualTo(200);
    }
  }

  /** More of them than the server has threads, and each would hold one for as long as it likes. */
  @Test
  void bodiesAreNotReadHoweverSlowTheyCome() throws Exception {
    String body = "\r\nContent-Length: 60000\r\n\r\n";
    String chunked = "\r\nTransfer-Encoding: chunked\r\n\r\n";
    String form = "\r\nContent-Type: application/x-www-form-urlencoded" + body;
    String caller = "x-api-key: " + KEY + "\r\n" + GateFilter.CALLER_HEADER + ": " + CALLER;
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 10; i++) {
        slow.add(open("POST / HTTP/1.1\r\nHost: a" + body));
        slow.add(open("POST / HTTP/1.1\r\nHost: a" + chunked));
        slow.add(open("POST / HTTP/1.1\r\nHost: a\r\n" + caller + body));
        slow.add(open("POST / HTTP/1.1\r\nHost: a\r\n" + caller + chunked));
        slow.add(open("PUT / HTTP/1.1\r\nHost: a\r\n" + caller + form));
      }
      long before = System.nanoTime();
      assertThat(checkKey(KEY).statusCode()).isEqualTo(200);
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
      for (int i = 0; i < slow.size(); i++) {
        // The answer, and then the end: nobody waits for the rest.
        String answer =
            new String(slow.get(i).getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertThat(answer).startsWith("HTTP/1.1 " + (i % 5 < 2 ? "403" : "200"));
        assertThat(answer.toLowerCase(Locale.ROOT)).contains("connection: close");
      }
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  private static Socket open(String request) throws IOException {
    Socket socket = new Socket("127.0.0.1", port(context));
    socket.setSoTimeout(10_000);
    socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
    return socket;
  }

  @Test
  void strangersKeepNoConnection() throws Exception {
    try (Socket socket = open("GET / HTTP/1.1\r\nHost: a\r\n\r\n")) {
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
          .startsWith("HTTP/1.1 403");
    }
  }

  /** What the server refuses by itself is no error of the gate's, and no key gets into its log. */
  @Test
  void whatIsNoRequestIsNeitherAnErrorNorLogged() throws Exception {
    Logger server = (Logger) LoggerFactory.getLogger("org.apache");
    assertThat(LoggerFactory.getLogger("org.apache.coyote.http11.Http11Processor").isInfoEnabled())
        .isFalse();
    assertThat(LoggerFactory.getLogger("org.apache.tomcat.util.http.Parameters").isInfoEnabled())
        .isFalse();
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    server.addAppender(log);
    try {
      for (String request :
          List.of(
              "GET / HTTP/1.1\r\nHost: a\r\nx-api-key: sk-secret\u0001\r\n\r\n",
              "GET / HTTP/1.1\r\nHost: a\r\nx-api key: sk-secret\r\n\r\n",
              "GET /?key=sk-secret\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n",
              "GET /?key=sk-secret%zz HTTP/1.1\r\nHost: a\r\n\r\n",
              "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: foo\r\n\r\n",
              "GET / HTTP/9.0\r\nHost: a\r\n\r\n",
              "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
              "GET / HTTP/1.1\r\nHost: a\r\nx: " + "y".repeat(70_000) + "\r\n\r\n")) {
        try (Socket socket = open(request)) {
          String answer =
              new BufferedReader(
                      new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1))
                  .readLine();
          assertThat(answer)
              .as(request.lines().findFirst().orElseThrow())
              .matches("HTTP/1.1 [24].*");
        }
      }
      assertThat(log.list).noneMatch(event -> String.valueOf(event).contains("sk-secret"));
      assertThat(log.list)
          .noneMatch(
              event ->
                  event.getThrowableProxy() != null
                      && String.valueOf(event.getThrowableProxy().getMessage())
                          .contains("sk-secret"));
    } finally {
      server.detachAppender(log);
    }
  }
}
