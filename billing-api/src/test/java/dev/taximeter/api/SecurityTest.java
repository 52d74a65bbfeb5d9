package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecurityTest extends ApiTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/index.html",
        "/docs",
        "/swagger-ui/index.html",
        "/v1/openapi.json",
        "/v1/openapi.json/swagger-config",
        "/v1/usage",
        "/v1/accounts",
        "/v1/accounts/acme/balance",
        "/v1/accounting",
        "/v1/status",
        "/v1/sources",
        "/v1/sources/gaps",
        "/v1/dead-letters",
        "/v1/suspense",
        "/v1/unattributed",
        "/v1/live",
        "/metrics",
        "/actuator",
        "/actuator/health",
        "/assets/live.js",
        "/no/such/route",
        "/livez/",
        "/livez;x=1",
        "/error"
      })
  void asksForAProofFirst(String path) {
    Answer answer = send(request(path).GET().build());

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer");
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.json().path("type").asString())
        .isEqualTo("urn:taximeter:problem:unauthenticated");
  }

  @Test
  void spellingsOfAnOpenPathAreNotOpen() throws IOException {
    for (String path : List.of("//livez", "/x/../livez", "/%6civez", "/livez/.")) {
      assertThat(raw("GET " + path + " HTTP/1.1", "Host: localhost"))
          .as(path)
          .startsWith("HTTP/1.1 40");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer wrong-token-0123456789",
        "Bearer ",
        "Bearer",
        "Basic dGVzdDp0ZXN0",
        "test-token-0123456789",
        "Bearer test-token-0123456789x",
        "Bearer ' OR 1=1 --"
      })
  void aWrongTokenIsNoProof(String header) {
    Answer answer = send(request("/v1/accounts").header("Authorization", header).GET().build());

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.body()).doesNotContain("test-token");
  }

  @Test
  void theSchemeMayBeInAnyCase() {
    assertThat(
            send(request("/v1/accounts").header("Authorization", "bearer " + TOKEN).GET().build())
                .status())
        .isEqualTo(200);
  }

  @Test
  void unknownRoutesAreProblemsOnceSignedIn() {
    Answer answer = get("/v1/nothing");

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.json().path("type").asString())
        .isEqualTo("urn:taximeter:problem:unknown-route");
  }

  @Test
  void answersForbidEverythingABrowserNeedNotDo() {
    for (String path : List.of("/", "/v1/accounts", "/v1/nothing", "/livez")) {
      Answer answer = get(path);
      assertThat(answer.header("Content-Security-Policy"))
          .contains("default-src 'none'")
          .contains("frame-ancestors 'none'")
          .doesNotContain("unsafe");
      assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
      assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
      assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    }
  }

  @Test
  void aCodeOpensOneSession() {
    var code = post("/v1/sign-in-codes", "");
    assertThat(code.status()).isEqualTo(201);
    String url = code.json().path("url").asString();
    assertThat(url).startsWith(root + "/sign-in?code=");
    assertThat(code.json().path("expiresAt").asString()).isEqualTo("2026-11-24T09:40:00Z");

    String path = url.substring(root.toString().length());
    for (int preview = 0; preview < 2; preview++) {
      HttpRequest head = request(path).method("HEAD", HttpRequest.BodyPublishers.noBody()).build();
      assertThat(send(head).status()).isEqualTo(200);
      Answer page = send(request(path).GET().build());
      assertThat(page.status()).isEqualTo(200);
      assertThat(page.headers().firstValue("Set-Cookie")).isEmpty();
      assertThat(page.header("Content-Security-Policy")).contains("form-action 'self'");
      assertThat(page.body())
          .contains("<form method=\"post\" action=\"/sign-in\">")
          .contains("value=\"" + code.json().path("code").asString() + "\"");
    }
    Answer signedIn = redeem(url);
    assertThat(signedIn.status()).isEqualTo(303);
    assertThat(signedIn.header("Location")).isEqualTo("/");
    String cookie = signedIn.header("Set-Cookie");
    assertThat(cookie).contains("HttpOnly").contains("SameSite=Strict").contains("Path=/");

    String pair = cookie.substring(0, cookie.indexOf(';'));
    assertThat(withCookie("/v1/accounts", pair).status()).isEqualTo(200);
    assertThat(withCookie("/", pair).body()).contains("<title>Taximeter</title>");
    assertThat(withCookie("/v1/accounts", pair + "x").status()).isEqualTo(401);

    assertThat(send(request(path).GET().build()).status()).isEqualTo(401);
    Answer again = redeem(url);
    assertThat(again.status()).isEqualTo(401);
    assertThat(again.headers().firstValue("Set-Cookie")).isEmpty();
    assertThat(again.body()).contains("sign-in-codes");

    clock.set("2026-11-24T21:30:01Z");
    assertThat(withCookie("/v1/accounts", pair).status()).isEqualTo(401);
  }

  @Test
  void aCodeEnds() {
    String url = post("/v1/sign-in-codes", "").json().path("url").asString();
    clock.set("2026-11-24T09:40:00Z");

    assertThat(send(request(url.substring(root.toString().length())).GET().build()).status())
        .isEqualTo(401);
    assertThat(redeem(url).status()).isEqualTo(401);
  }

  @Test
  void aSessionAloneOnlyReads() {
    String url = post("/v1/sign-in-codes", "").json().path("url").asString();
    String cookie = redeem(url).header("Set-Cookie");
    String pair = cookie.substring(0, cookie.indexOf(';'));

    Answer answer =
        send(
            request("/v1/sign-in-codes")
                .header("Cookie", pair)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build());

    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.json().path("type").asString()).isEqualTo("urn:taximeter:problem:forbidden");
  }

  @Test
  void aWrongTokenIsNotSavedByASession() {
    String url = post("/v1/sign-in-codes", "").json().path("url").asString();
    String cookie = redeem(url).header("Set-Cookie");

    Answer answer =
        send(
            request("/v1/accounts")
                .header("Cookie", cookie.substring(0, cookie.indexOf(';')))
                .header("Authorization", "Bearer wrong")
                .GET()
                .build());

    assertThat(answer.status()).isEqualTo(401);
  }

  @Test
  void peopleGetAPageInsteadOfAProblem() {
    Answer answer = send(request("/").header("Accept", "text/html,*/*").GET().build());

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.header("Content-Type")).startsWith("text/html");
    assertThat(answer.body()).contains("You are not signed in").contains("尚未登录");
    assertThat(answer.body()).contains(root + "/v1/sign-in-codes");
    assertThat(send(request("/assets/sign-in.css").GET().build()).status()).isEqualTo(200);
    assertThat(send(request("/assets/sign-in.js").GET().build()).status()).isEqualTo(200);
    assertThat(send(request("/assets/taximeter.svg").GET().build()).status()).isEqualTo(200);
  }

  @Test
  void healthIsOpenToAll() {
    assertThat(send(request("/livez").GET().build()).status()).isEqualTo(200);
    assertThat(send(request("/readyz").GET().build()).status()).isEqualTo(200);

    positions.waiting.put("account.states.v1", "still reading what is there");
    Answer waiting = send(request("/readyz").GET().build());
    assertThat(waiting.status()).isEqualTo(503);
    assertThat(waiting.body()).contains("account.states.v1").contains("still reading");
    assertThat(send(request("/livez").GET().build()).status()).isEqualTo(200);

    positions.waiting.clear();
    positions.reachable = false;
    assertThat(send(request("/readyz").GET().build()).status()).isEqualTo(503);
  }

  @Test
  void otherHostNamesAreRefused() throws IOException {
    assertThat(raw("GET /livez HTTP/1.1", "Host: evil.example.com"))
        .startsWith("HTTP/1.1 421")
        .contains("urn:taximeter:problem:unknown-host");
    assertThat(raw("GET /livez HTTP/1.1", "Host: billing.example.com:8080"))
        .startsWith("HTTP/1.1 200");
    assertThat(raw("GET /livez HTTP/1.1", "Host: LOCALHOST")).startsWith("HTTP/1.1 200");
    assertThat(raw("GET /livez HTTP/1.1", "Host: [::1]:99")).startsWith("HTTP/1.1 200");
    assertThat(raw("GET http://evil.example.com/livez HTTP/1.1", "Host: evil.example.com"))
        .startsWith("HTTP/1.1 421");
  }

  @Test
  void malformedRequestsShowNothing() throws IOException {
    for (String line :
        List.of("GET /%zz HTTP/1.1", "GET /<> HTTP/1.1", "NONSENSE", "GET /..%2f HTTP/1.1")) {
      String answer = raw(line, "Host: localhost");
      assertThat(answer).startsWith("HTTP/1.1 40");
      assertThat(answer).doesNotContain("Apache").doesNotContain("Tomcat").doesNotContain("at org");
    }
  }

  @Test
  void largeBodiesAreRefusedWithAndWithoutALength() {
    String large = "x".repeat(3 * 1024 * 1024);
    Answer declared = put("/v1/catalog", "application/yaml", large);
    assertThat(declared.status()).isEqualTo(413);
    assertThat(declared.json().path("type").asString())
        .isEqualTo("urn:taximeter:problem:body-too-large");

    Answer chunked =
        send(
            withToken(request("/v1/catalog"))
                .header("Content-Type", "application/yaml")
                .PUT(
                    HttpRequest.BodyPublishers.fromPublisher(
                        HttpRequest.BodyPublishers.ofString(large)))
                .build());
    assertThat(chunked.status()).isEqualTo(413);
    // Not a price file, but not too large for one.
    assertThat(post("/v1/price-books/list/imports", large).status()).isEqualTo(400);
    assertThat(post("/v1/price-books/list/imports", "x".repeat(17 * 1024 * 1024)).status())
        .isEqualTo(413);
  }

  /** Presses the button of the page that the link leads to. */
  private static Answer redeem(String url) {
    return send(
        request("/sign-in")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(url.substring(url.indexOf('?') + 1)))
            .build());
  }

  private static Answer withCookie(String path, String cookie) {
    return send(request(path).header("Cookie", cookie).GET().build());
  }

  private static String raw(String... lines) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", root.getPort())) {
      socket.setSoTimeout(5_000);
      OutputStream out = socket.getOutputStream();
      out.write(
          (String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n")
              .getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
          .lines()
          .collect(Collectors.joining("\n"));
    }
  }

  /** What curl -d sends if it is told nothing: a form. */
  @ParameterizedTest
  @ValueSource(strings = {"application/x-www-form-urlencoded", "text/plain", ""})
  void aBodyOfAnotherTypeIsToldWhichHeaderToSend(String type) {
    HttpRequest.Builder request =
        withToken(request("/v1/accounts"))
            .POST(HttpRequest.BodyPublishers.ofString("{\"id\":\"acme\"}"));
    Answer answer = send((type.isEmpty() ? request : request.header("Content-Type", type)).build());

    assertThat(answer.status()).isEqualTo(415);
    assertThat(answer.json().path("type").asString())
        .isEqualTo("urn:taximeter:problem:unsupported-media-type");
    assertThat(answer.json().path("detail").asString())
        .startsWith("Say what the body is with the header Content-Type: application/json");
  }
}
