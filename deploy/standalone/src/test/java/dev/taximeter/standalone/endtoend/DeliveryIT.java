package dev.taximeter.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * From log lines to a receiver, through the four real processes. The API is killed while a receiver
 * keeps it waiting: what it had not written down is sent again, under the same id, and nothing else
 * is. {@code TAXIMETER_PRIVATE_RECEIVERS} is set by the build.
 */
class DeliveryIT {
  private static final String KEY = "sk-delivery-4f1d2c3b9a8e7f60";
  private static final int LINES = 10;

  private static final String CATALOG =
      """
      accounts:
        - id: shop
          name: Shop
          currency: USD
          timezone: UTC
          plan: plain
          keys:
            - { name: main, secret: %s }
      priceBooks:
        - id: list
          currency: USD
          prices:
            - { model: "*", effectiveFrom: 2026-01-01T00:00:00Z, perMillion: { input: "1", output: "2" } }
      plans:
        - { id: plain, priceBook: list, perRequest: "0" }
      quotas:
        - { id: shop-month, account: shop, metric: requests, window: month, limit: "10", thresholds: [50, 100] }
      credits:
        - { id: shop-credit, account: shop, amount: "0.0002" }
      """
          .formatted(KEY);

  /** A request as it came. */
  private record Got(String path, String id, String timestamp, String signature, String body) {}

  private final List<Got> got = new CopyOnWriteArrayList<>();
  private final CountDownLatch released = new CountDownLatch(1);

  private void handle(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    got.add(
        new Got(
            exchange.getRequestURI().getPath(),
            exchange.getRequestHeaders().getFirst("webhook-id"),
            exchange.getRequestHeaders().getFirst("webhook-timestamp"),
            exchange.getRequestHeaders().getFirst("webhook-signature"),
            body));
    try (exchange) {
      if (exchange.getRequestURI().getPath().equals("/slow")) {
        assertThat(released.await(5, TimeUnit.MINUTES)).isTrue();
      }
      exchange.sendResponseHeaders(204, -1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void alertsArriveOnceDecidedAndAtLeastOnceSent(@TempDir Path directory) throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 16);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
    Path log = directory.resolve("access.log");
    try (RunningInstallation installation =
        RunningInstallation.start(directory, CATALOG, List.of(log), "delivery")) {
      JsonNode fast = recipient(installation, server, "/fast");
      JsonNode slow = recipient(installation, server, "/slow");
      Files.write(log, IntStream.range(0, LINES).mapToObj(DeliveryIT::line).toList());

      RunningInstallation.eventually(
          () -> {
            assertThat(ids("/fast", "alert.quota")).hasSize(2);
            assertThat(ids("/fast", "alert.balance_low")).hasSize(1);
            assertThat(ids("/fast", "alert.balance_exhausted")).hasSize(1);
            assertThat(got).anyMatch(request -> request.path().equals("/slow"));
          });
      installation.kill("api");
      released.countDown();
      RunningInstallation.eventually(
          () -> {
            JsonNode items =
                installation
                    .api()
                    .get("/v1/recipients/" + slow.path("id").asString() + "/deliveries")
                    .path("items");
            assertThat(items.size()).isEqualTo(4);
            items.forEach(
                item -> assertThat(item.path("status").asString()).isEqualTo("delivered"));
          });

      String first =
          got.stream().filter(it -> it.path().equals("/slow")).findFirst().orElseThrow().id();
      assertThat(got)
          .filteredOn(request -> request.path().equals("/slow") && request.id().equals(first))
          .as("what was not written down was sent again")
          .hasSizeGreaterThan(1);
      assertThat(new TreeSet<>(got.stream().map(Got::id).toList())).hasSize(8);
      for (Got request : got) {
        String secret = (request.path().equals("/fast") ? fast : slow).path("secret").asString();
        assertThat(request.signature()).isEqualTo(signature(secret, request));
      }
      JsonNode incidents = installation.api().get("/v1/incidents?account=shop").path("items");
      assertThat(incidents.size()).isEqualTo(2);
      assertThat(installation.api().get("/v1/alerts").path("items").size()).isEqualTo(2);
      mutedAndResolved(installation, fast);
    } finally {
      released.countDown();
      server.stop(0);
      threads.shutdownNow();
    }
  }

  /** A top-up ends both incidents; who was told that they began is told so, muted or not. */
  private void mutedAndResolved(RunningInstallation installation, JsonNode fast) throws Exception {
    String until = Instant.now().plusSeconds(600).toString();
    installation
        .api()
        .post("/v1/mutes", "{\"kind\":\"balance-low\",\"until\":\"%s\"}".formatted(until));
    installation.api().post("/v1/recipients/" + fast.path("id").asString() + "/test", "{}");
    topUp(installation);

    RunningInstallation.eventually(
        () -> {
          assertThat(ids("/fast", "alert.test")).hasSize(1);
          assertThat(ids("/fast", "alert.balance_exhausted.resolved")).hasSize(1);
          assertThat(ids("/fast", "alert.balance_low.resolved")).hasSize(1);
          assertThat(installation.api().get("/v1/incidents?status=resolved").path("items").size())
              .isEqualTo(2);
        });
  }

  /** With an idempotency key, which the launcher's own client does not send. */
  private static void topUp(RunningInstallation installation) throws Exception {
    java.net.http.HttpRequest request =
        java.net.http.HttpRequest.newBuilder(
                java.net.URI.create(
                    installation.data().instance().orElseThrow().apiUrl()
                        + "/v1/accounts/shop/credits"))
            .header(
                "Authorization",
                "Bearer " + Files.readString(installation.data().adminTokenFile()).strip())
            .header("Idempotency-Key", "top-up-of-shop")
            .header("Content-Type", "application/json")
            .POST(
                java.net.http.HttpRequest.BodyPublishers.ofString(
                    "{\"amount\":\"5\",\"kind\":\"top-up\",\"reason\":\"paid\"}"))
            .build();
    java.net.http.HttpResponse<String> answer =
        java.net.http.HttpClient.newHttpClient()
            .send(request, java.net.http.HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
  }

  private static JsonNode recipient(RunningInstallation installation, HttpServer to, String path)
      throws Exception {
    return installation
        .api()
        .post(
            "/v1/recipients",
            "{\"name\":\"%s\",\"channel\":\"webhook\",\"address\":\"http://127.0.0.1:%d%s\",\"alerts\":[\"quota\",\"balance-low\",\"balance-exhausted\"]}"
                .formatted(path, to.getAddress().getPort(), path));
  }

  private TreeSet<String> ids(String path, String type) {
    TreeSet<String> ids = new TreeSet<>();
    for (Got request : got) {
      if (request.path().equals(path) && request.body().contains("\"type\":\"" + type + "\"")) {
        ids.add(request.id());
      }
    }
    return ids;
  }

  private static String signature(String secret, Got request) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(
        new SecretKeySpec(
            Base64.getDecoder().decode(secret.substring("whsec_".length())), "HmacSHA256"));
    String signed = request.id() + "." + request.timestamp() + "." + request.body();
    return "v1,"
        + Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
  }

  /** 10 tokens in, 5 out: 0.00002 USD. */
  private static String line(int serial) {
    return BilledLine.of(serial, KEY, Instant.now().minusMillis(200 + serial));
  }
}
