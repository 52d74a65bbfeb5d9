package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.access.DeclaredRights;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Team;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Walks every route that Spring knows, with every kind of caller, to every kind of account. */
class RightsApiTest extends ApiTest {
  private static final String KEY = "sk-a-key-of-acme-0123";
  private static final String OWN = "acme";
  private static final String FOREIGN = "globex";
  private static final String NOBODYS = "nowhere";

  /** What a customer reaches with the least rights: whoever adds to it thinks twice. */
  private static final Set<String> FOR_CUSTOMERS =
      Set.of(
          "GET /v1/accounts",
          "GET /v1/accounts/{account}",
          "GET /v1/accounts/{account}/balance",
          "GET /v1/accounts/{account}/bills",
          "GET /v1/accounts/{account}/bills/{month}",
          "GET /v1/accounts/{account}/credits",
          "GET /v1/accounts/{account}/credits/{credit}",
          "GET /v1/accounts/{account}/key-states",
          "GET /v1/accounts/{account}/keys",
          "GET /v1/accounts/{account}/keys/{key}",
          "GET /v1/accounts/{account}/ledger",
          "GET /v1/accounts/{account}/quotas",
          "GET /v1/accounts/{account}/teams",
          "GET /v1/accounts/{account}/teams/{team}",
          "GET /v1/alerts",
          "GET /v1/explain",
          "GET /v1/incidents",
          "GET /v1/incidents/{incident}",
          "GET /v1/overview",
          "GET /v1/session",
          "GET /v1/standing/balances",
          "GET /v1/standing/quotas",
          "GET /v1/usage",
          "POST /v1/session/end",
          "POST /v1/sign-in-codes");

  /** What a customer reaches besides if its token has the role billing: never its own credit. */
  private static final Set<String> FOR_CUSTOMERS_WHO_WRITE =
      Set.of(
          "POST /v1/accounts/{account}/keys",
          "PATCH /v1/accounts/{account}/keys/{key}",
          "POST /v1/accounts/{account}/keys/{key}/revocation",
          "POST /v1/accounts/{account}/keys/{key}/rotation");

  private static final Set<String> ALL_ROLES =
      withTokensOfTheProvider(
          "administrator", "billing", "viewer", "customer-billing", "customer-viewer");

  /** Right and who has it. */
  private static final Map<String, Set<String>> HOLDERS =
      Map.ofEntries(
          Map.entry("SIGNED_IN", ALL_ROLES),
          Map.entry("READ_ACCOUNT", ALL_ROLES),
          Map.entry("READ_FILTERED", ALL_ROLES),
          Map.entry("READ_OWN", ALL_ROLES),
          Map.entry("READ", withTokensOfTheProvider("administrator", "billing", "viewer")),
          Map.entry(
              "WRITE_KEYS",
              withTokensOfTheProvider("administrator", "billing", "customer-billing")),
          Map.entry("WRITE", withTokensOfTheProvider("administrator", "billing")),
          Map.entry("ADMINISTER", withTokensOfTheProvider("administrator")),
          Map.entry("API_KEY", Set.of("key")));

  /** Answered by the container itself and by the page that signs in; no caller is needed. */
  private static final Set<String> OPEN = Set.of("GET /sign-in", "POST /sign-in", "GET /error");

  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final Map<String, String> callers = new LinkedHashMap<>();

  /**
   * A route.
   *
   * @param consumes type of its body; null if it takes any
   */
  private record Route(String method, String pattern, String consumes) {
    @Override
    public String toString() {
      return method + " " + pattern;
    }

    String to(String account) {
      return pattern
          .replace("{account}", account)
          .replace("{month}", "2026-10")
          .replace("{key}", "prod")
          .replace("{team}", "search")
          .replace("{book}", "list")
          .replace("{credit}", "trial")
          .replace("{plan}", "standard")
          .replace("{meter}", "cost")
          .replace("{token}", "tok_0123456789abcdef")
          .replace("{recipient}", "rcp_0123456789abcdef")
          .replace("{delivery}", "msg_" + "0".repeat(32))
          .replace("{incident}", "0f8fad5b-d9cb-469f-a165-000000000001")
          .replace("{alert}", "0f8fad5b-d9cb-469f-a165-000000000001")
          .replace("{mute}", "0f8fad5b-d9cb-469f-a165-000000000001")
          .replace("{id}", "0".repeat(32))
          .replace("{fingerprint}", "0".repeat(64));
    }

    boolean isOfAccounts() {
      return pattern.contains("{account}");
    }
  }

  private static Set<String> withTokensOfTheProvider(String... roles) {
    return Stream.of(roles)
        .flatMap(role -> Stream.of(role, "signed " + role))
        .collect(Collectors.toUnmodifiableSet());
  }

  @BeforeEach
  void oneCallerOfEachKind() throws Exception {
    callers.clear();
    callers.put("administrator", TOKEN);
    callers.put("billing", token("b", "billing", null));
    callers.put("viewer", token("v", "viewer", null));
    callers.put("customer-billing", token("cb", "billing", OWN));
    callers.put("customer-viewer", token("cv", "viewer", OWN));
    callers.put("signed administrator", issuer.token("ops", "ops", null));
    callers.put("signed billing", issuer.token("b", "finance", null));
    callers.put("signed viewer", issuer.token("v", "support", null));
    callers.put("signed customer-billing", issuer.token("cb", "tenant-admin", OWN));
    callers.put("signed customer-viewer", issuer.token("cv", "tenant", OWN));
    callers.put("key", KEY);
    String fingerprint = new Fingerprinter(RootSecret.of(new byte[32])).fingerprint(KEY);
    load(Catalog.of(new Team("search", OWN, "Search")));
    load(Catalog.of(new Team("others", FOREIGN, "Others")));
    load(Catalog.of(new ApiKey(OWN, "prod", fingerprint, "0123")));
    load(Catalog.of(new ApiKey(FOREIGN, "theirs", "f".repeat(64), "9999")));
    // Whatever is asked for with all rights is refused, so that nothing has to be waited for.
    catalog.refuse("not in this test");
  }

  @Test
  void everyRouteIsDeclaredAndNothingElse() {
    Set<String> routes =
        routes().stream().map(Route::toString).collect(Collectors.toCollection(TreeSet::new));
    Set<String> undeclared = new TreeSet<>(routes);
    undeclared.removeAll(DeclaredRights.routes());
    undeclared.removeAll(OPEN);
    assertThat(undeclared).as("routes without a right; add them to Rights").isEmpty();

    Set<String> gone = new TreeSet<>(DeclaredRights.routes());
    gone.removeAll(routes);
    assertThat(gone).as("rights of routes that are no more").isEmpty();
  }

  @Test
  void aRouteWithoutARightIsTheAdministrators() {
    assertThat(DeclaredRights.of("GET", "/v1/forgotten")).isEqualTo("ADMINISTER");
    assertThat(DeclaredRights.of("HEAD", "/v1/usage")).isEqualTo("READ_FILTERED");
  }

  @Test
  void customersReachWhatIsTheirsAndNothingElse() {
    Set<String> read = new TreeSet<>();
    Set<String> written = new TreeSet<>();
    for (Route route : ours()) {
      if (isAllowed(ask(route, "customer-viewer", OWN))) {
        read.add(route.toString());
      } else if (isAllowed(ask(route, "customer-billing", OWN))) {
        written.add(route.toString());
      }
    }
    read.removeIf(route -> route.contains("openapi") || route.endsWith("/docs"));

    assertThat(read).containsExactlyInAnyOrderElementsOf(FOR_CUSTOMERS);
    assertThat(written).containsExactlyInAnyOrderElementsOf(FOR_CUSTOMERS_WHO_WRITE);
  }

  @Test
  void everyRouteAsksForItsRight() {
    List<String> wrong = new ArrayList<>();
    for (Route route : ours()) {
      String right = DeclaredRights.of(route.method(), route.pattern());
      for (String caller : callers.keySet()) {
        String account = OWN;
        Answer answer = ask(route, caller, account);
        int expected = refusal(right, caller);
        boolean fits = expected == 0 ? isAllowed(answer) : answer.status() == expected;
        if (!fits) {
          wrong.add("%s as %s: %d %s".formatted(route, caller, answer.status(), answer.body()));
        }
      }
      Answer nobody = ask(route, null, OWN);
      if (nobody.status() != 401) {
        wrong.add("%s without a proof: %d".formatted(route, nobody.status()));
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** 0 if the caller has the right. A key proves nothing where keys may not ask, and so a token. */
  private static int refusal(String right, String caller) {
    if (HOLDERS.get(right).contains(caller)) {
      return 0;
    }
    return right.equals("API_KEY") || caller.equals("key") ? 401 : 403;
  }

  @Test
  void somebodyElsesAccountIsNoneAtAll() {
    int compared = 0;
    for (Route route : ours()) {
      String right = DeclaredRights.of(route.method(), route.pattern());
      for (String caller : withTokensOfTheProvider("customer-viewer", "customer-billing")) {
        if (!route.isOfAccounts()) {
          continue;
        }
        Answer foreign = ask(route, caller, FOREIGN);
        Answer nobodys = ask(route, caller, NOBODYS);
        int expected = refusal(right, caller) == 0 ? 404 : 403;
        assertThat(foreign.status()).as("%s as %s", route, caller).isEqualTo(expected);
        assertSame(route.toString(), foreign, nobodys);
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(30);
  }

  @Test
  void filtersBySomebodyElsesAccountFindNone() {
    for (Route route : ours()) {
      if (DeclaredRights.of(route.method(), route.pattern()).equals("READ_FILTERED")) {
        boolean explains = route.pattern().equals("/v1/explain");
        String address = route.pattern() + (explains ? "?figure=balance&account=" : "?account=");
        for (String query : List.of("", "&from=nonsense", "&account=acme")) {
          Answer foreign = as("customer-viewer", address + "globex" + query);
          Answer nobodys = as("customer-viewer", address + "nowhere" + query);
          assertThat(foreign.status()).as(route.toString()).isEqualTo(404);
          assertSame(route.toString(), foreign, nobodys);
        }
        assertThat(as("customer-viewer", address).status()).as(address).isEqualTo(200);
        assertThat(as("customer-viewer", address + "unattributed:1").status()).isEqualTo(404);
      }
    }
  }

  @Test
  void somebodyElsesTeamIsNoneAtAll() {
    Answer foreign = as("customer-viewer", "/v1/usage?team=others");
    Answer nobodys = as("customer-viewer", "/v1/usage?team=none");

    assertThat(foreign.status()).isEqualTo(400);
    assertThat(foreign.body()).isEqualTo(nobodys.body());
    assertThat(as("customer-viewer", "/v1/usage?team=search").status()).isEqualTo(200);
  }

  @Test
  void listsShowACustomerItsOwnAccountOnly() {
    assertThat(as("customer-viewer", "/v1/accounts").body())
        .contains("acme")
        .doesNotContain("globex");
    assertThat(
            as("customer-viewer", "/v1/accounts?cursor=" + cursor("a")).json().path("items").size())
        .isEqualTo(1);
    assertThat(
            as("customer-viewer", "/v1/accounts?cursor=" + cursor("foo"))
                .json()
                .path("items")
                .size())
        .isZero();
    assertThat(as("viewer", "/v1/accounts").json().path("items").size()).isEqualTo(3);
  }

  private static String cursor(String place) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(place.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aKeyThatIsSomebodyElsesIsNotNamed() {
    String body =
        "{\"name\":\"mine\",\"fingerprint\":\"%s\",\"lastFour\":\"9999\"}"
            .formatted("f".repeat(64));
    Answer customer = ask("POST", "/v1/accounts/acme/keys", callers.get("customer-billing"), body);
    Answer operator = ask("POST", "/v1/accounts/acme/keys", callers.get("billing"), body);

    assertThat(customer.status()).isEqualTo(409);
    assertThat(customer.body()).doesNotContain("globex").doesNotContain("theirs");
    assertThat(operator.body()).contains("theirs of account globex");
  }

  @Test
  void whoAsksInTheWrongWayIsToldTheRightOne() {
    assertThat(as("key", "/v1/accounts/acme/balance").status()).isEqualTo(401);
    assertThat(as("key", "/v1/accounts/acme/balance").body())
        .contains("GET /v1/key")
        .doesNotContain(KEY);
    assertThat(ask("GET", "/v1/accounts/acme/balance", "sk-nobodys-0123456789", null).body())
        .doesNotContain("/v1/key");
    assertThat(as("customer-viewer", "/v1/accounts/globex/balance").body())
        .contains("sees acme only")
        .doesNotContain("lists all");
    assertThat(as("customer-viewer", "/v1/usage?account=unattributed:1").body())
        .contains("sees acme only");
  }

  @Test
  void healthInDetailIsNotForCustomers() {
    assertThat(as("customer-viewer", "/actuator/health").status()).isEqualTo(403);
    assertThat(as("viewer", "/actuator/health").status()).isEqualTo(200);
  }

  private static void assertSame(String route, Answer foreign, Answer nobodys) {
    assertThat(nobodys.status()).as(route).isEqualTo(foreign.status());
    assertThat(nobodys.body().replace(NOBODYS, "?"))
        .as(route)
        .isEqualTo(foreign.body().replace(FOREIGN, "?"));
    assertThat(told(nobodys)).as(route).isEqualTo(told(foreign));
  }

  /** Headers, without what counts requests, bytes and connections. */
  private static Map<String, List<String>> told(Answer answer) {
    Map<String, List<String>> headers = new TreeMap<>(answer.headers().map());
    headers
        .keySet()
        .removeAll(Set.of("content-length", "date", "ratelimit", "connection", "keep-alive"));
    return headers;
  }

  /** Whatever is wrong with the request, it is not who asks. */
  private static boolean isAllowed(Answer answer) {
    return answer.status() != 401 && answer.status() != 403;
  }

  private Answer ask(Route route, String caller, String account) {
    return ask(
        route.method(),
        route.to(account),
        caller == null ? null : callers.get(caller),
        route.method().equals("GET") ? null : "{}",
        route.consumes());
  }

  private Answer as(String caller, String path) {
    return ask("GET", path, callers.get(caller), null);
  }

  private static Answer ask(String method, String path, String token, String body) {
    return ask(method, path, token, body, null);
  }

  /** Reads the body of refusals only: one answer never ends. */
  private static Answer ask(
      String method, String path, String token, String body, String contentType) {
    HttpRequest.Builder request = request(path);
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (body != null) {
      request.header(
          "Content-Type", contentType == null ? MediaType.APPLICATION_JSON_VALUE : contentType);
    }
    request.method(
        method,
        body == null
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(body));
    try {
      HttpResponse<InputStream> response =
          CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream content = response.body()) {
        boolean endless =
            response.headers().firstValue("Content-Type").orElse("").contains("event-stream");
        String text = endless ? "" : new String(content.readAllBytes(), StandardCharsets.UTF_8);
        return new Answer(response.statusCode(), text, response.headers());
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String token(String name, String role, String account) {
    Map<String, String> body = new LinkedHashMap<>(Map.of("name", name, "role", role));
    if (account != null) {
      body.put("account", account);
    }
    Answer made = post("/v1/tokens", Json.MAPPER.writeValueAsString(body));
    assertThat(made.status()).as(made.body()).isEqualTo(201);
    return made.json().path("secret").asString();
  }

  /** Those that ask for a proof. */
  private static List<Route> ours() {
    return routes().stream().filter(route -> !OPEN.contains(route.toString())).toList();
  }

  private static List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    context
        .getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
        .getHandlerMethods()
        .keySet()
        .forEach(mapping -> add(mapping, routes));
    return routes;
  }

  private static void add(RequestMappingInfo mapping, List<Route> routes) {
    String consumes =
        mapping.getConsumesCondition().getConsumableMediaTypes().stream()
            .map(MediaType::toString)
            .filter(type -> !type.contains("*"))
            .findFirst()
            .orElse(null);
    Set<String> methods =
        mapping.getMethodsCondition().getMethods().isEmpty()
            ? Set.of("GET")
            : mapping.getMethodsCondition().getMethods().stream()
                .map(Enum::name)
                .collect(Collectors.toSet());
    for (String pattern : mapping.getPatternValues()) {
      methods.forEach(method -> routes.add(new Route(method, pattern, consumes)));
    }
  }
}
