package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.accounting.LineTotals;
import dev.taximeter.api.alerts.InMemoryIncidents;
import dev.taximeter.api.alerts.InMemoryMarks;
import dev.taximeter.api.bills.InMemoryLandedMoney;
import dev.taximeter.api.bills.InMemoryLandedUsage;
import dev.taximeter.api.catalog.InMemoryCatalog;
import dev.taximeter.api.deadletters.InMemoryDeadLetters;
import dev.taximeter.api.lines.InMemoryLineHistory;
import dev.taximeter.api.settings.ApiSettings;
import dev.taximeter.api.usage.InMemoryUsageHistory;
import dev.taximeter.api.webhooks.InMemoryDeliveries;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.json.Json;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/** Talks to the whole API over HTTP, with in-memory ports behind it. */
abstract class ApiTest {
  static final String TOKEN = "test-token-0123456789";

  private static final HttpClient CLIENT =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  /** One server for all tests; it ends with the process. */
  static ConfigurableApplicationContext context;

  static URI root;

  /** Whose signed tokens are accepted besides. */
  static TestIssuer issuer;

  InMemoryCatalog catalog;
  InMemoryUsageHistory history;
  InMemoryLandedUsage landed;
  InMemoryLandedMoney landedMoney;
  InMemoryLineHistory lines;
  TestPorts.States states;
  TestPorts.Counts counts;
  TestPorts.Positions positions;
  TestPorts.TestClock clock;
  TestPorts.Tail tail;
  TestPorts.Unattributed unattributed;
  TestPorts.Suspense suspense;
  TestPorts.Sources sources;
  TestPorts.Finals finals;
  TestPorts.Ledger ledger;
  TestPorts.Audited audited;
  TestPorts.Health health;
  InMemoryDeadLetters deadLetters;
  TestPorts.Audits audits;
  TestPorts.Alerts alerts;
  TestPorts.Uses uses;
  InMemoryDeliveries deliveries;
  InMemoryMarks marks;
  InMemoryIncidents incidents;

  /** All tests come from one address, and many without a valid token. */
  private static ApiSettings.Access patient() {
    return new ApiSettings.Access(
        1_000_000, 1_000_000, 1_000_000, 1_000_000, List.of(), issuer.settings(), null);
  }

  @BeforeAll
  static void startServer() {
    if (context != null) {
      return;
    }
    issuer = new TestIssuer();
    ApiSettings settings =
        new ApiSettings(
            "127.0.0.1",
            0,
            List.of("billing.example.com"),
            TOKEN,
            RootSecret.of(new byte[32]),
            Map.of(),
            1,
            new ApiSettings.ClickHouse("jdbc:clickhouse:http://127.0.0.1:1/", "t", "u", ""),
            patient(),
            0);
    context = BillingApi.application(settings, TestPorts.class).run();
    int port = ((ServletWebServerApplicationContext) context).getWebServer().getPort();
    root = URI.create("http://127.0.0.1:" + port);
  }

  @BeforeEach
  void clearPorts() throws Exception {
    catalog = context.getBean(InMemoryCatalog.class);
    history = context.getBean(InMemoryUsageHistory.class);
    landed = context.getBean(InMemoryLandedUsage.class);
    landedMoney = context.getBean(InMemoryLandedMoney.class);
    landedMoney.bills.clear();
    landedMoney.complete = true;
    landed.events.clear();
    lines = context.getBean(InMemoryLineHistory.class);
    states = context.getBean(TestPorts.States.class);
    counts = context.getBean(TestPorts.Counts.class);
    positions = context.getBean(TestPorts.Positions.class);
    clock = context.getBean(TestPorts.TestClock.class);
    tail = context.getBean(TestPorts.Tail.class);
    unattributed = context.getBean(TestPorts.Unattributed.class);
    suspense = context.getBean(TestPorts.Suspense.class);
    sources = context.getBean(TestPorts.Sources.class);
    deadLetters = context.getBean(InMemoryDeadLetters.class);
    finals = context.getBean(TestPorts.Finals.class);
    ledger = context.getBean(TestPorts.Ledger.class);
    audited = context.getBean(TestPorts.Audited.class);
    health = context.getBean(TestPorts.Health.class);
    audits = context.getBean(TestPorts.Audits.class);
    audits.clear();
    alerts = context.getBean(TestPorts.Alerts.class);
    alerts.landed.clear();
    uses = context.getBean(TestPorts.Uses.class);
    uses.clear();
    deliveries = context.getBean(InMemoryDeliveries.class);
    deliveries.clear();
    marks = context.getBean(InMemoryMarks.class);
    marks.clear();
    incidents = context.getBean(InMemoryIncidents.class);
    incidents.clear();
    audited.state = TestPorts.Audited.NOTHING;
    health.waiting = 0;
    health.failed = 0;
    finals.bills.clear();
    ledger.postings.clear();
    unattributed.keys.clear();
    unattributed.complete = true;
    deadLetters.items.clear();
    suspense.items.clear();
    sources.states.clear();
    suspense.complete = true;
    catalog.clear();
    history.clear();
    history.setDown(false);
    lines.clear();
    lines.setDown(false);
    states.clear();
    counts.held.clear();
    counts.old.clear();
    counts.heldFrom = Instant.EPOCH;
    counts.pending = false;
    counts.caughtUp = true;
    counts.totals = LineTotals.NONE;
    positions.waiting.clear();
    positions.reachable = true;
    clock.set("2026-11-24T09:30:00Z");
    catalog.onTerms((account, version) -> states.put(open(account, version)));
    load(
        new Catalog(
            List.of(
                account("acme", "Europe/Berlin"),
                account("globex", "UTC"),
                account("initech", "Asia/Kolkata")),
            List.of(),
            List.of(new PriceBook("list", "USD", List.of())),
            List.of(new Plan("standard", "list", BigDecimal.ZERO, 1)),
            List.of(),
            List.of()));
  }

  final void load(Catalog upsert) throws Exception {
    catalog.decide(
        new Command("test", "test", "", Instant.EPOCH, upsert, List.of()), Duration.ZERO);
  }

  static Account account(String id, String zone) {
    return new Account(
        id, id.toUpperCase(java.util.Locale.ROOT), "USD", ZoneId.of(zone), "standard");
  }

  static AccountState open(Account account, long version) {
    return new AccountState(
        account.id(),
        0,
        version,
        account.currency(),
        account.timezone().getId(),
        BigDecimal.ZERO,
        0,
        List.of(),
        List.of(),
        null);
  }

  /** An answer. */
  record Answer(int status, String body, java.net.http.HttpHeaders headers) {
    JsonNode json() {
      return Json.MAPPER.readTree(body);
    }

    String header(String name) {
      return headers.firstValue(name).orElse(null);
    }
  }

  /** An answer without a sequence number says when it was made and how complete the sources are. */
  static void assertFresh(JsonNode answer) {
    JsonNode asOf = answer.path("asOf");
    assertThat(asOf.path("time").asString()).isEqualTo("2026-11-24T09:30:00Z");
    assertThat(asOf.path("completeness").path("openGaps").asLong(-1)).isZero();
    assertThat(asOf.path("completeness").path("silentSources").asInt(-1)).isZero();
    assertThat(asOf.path("completeness").has("through")).isTrue();
  }

  static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(root.resolve(path)).timeout(Duration.ofSeconds(60));
  }

  static Answer send(HttpRequest request) {
    try {
      HttpResponse<String> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body(), response.headers());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  static HttpRequest.Builder withToken(HttpRequest.Builder request) {
    return request.header("Authorization", "Bearer " + TOKEN);
  }

  static Answer get(String path) {
    return send(withToken(request(path)).GET().build());
  }

  static Answer post(String path, String json) {
    return send(
        withToken(request(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build());
  }

  static Answer patch(String path, String json, String ifMatch) {
    HttpRequest.Builder request =
        withToken(request(path)).header("Content-Type", "application/json");
    if (ifMatch != null) {
      request.header("If-Match", ifMatch);
    }
    return send(request.method("PATCH", HttpRequest.BodyPublishers.ofString(json)).build());
  }

  static Answer put(String path, String contentType, String body) {
    return send(
        withToken(request(path))
            .header("Content-Type", contentType)
            .PUT(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }
}
