package dev.taximeter.streams;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.taximeter.contract.settings.SettingsException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Answers {@code GET /livez} (the process runs) and {@code GET /readyz} (it does its work) on
 * loopback, with a sentence, and {@code GET /metrics}.
 */
final class HealthEndpoint implements AutoCloseable {
  private static final int OK = 200;
  private static final int UNAVAILABLE = 503;
  private static final String PLAIN_TEXT = "text/plain; charset=utf-8";
  private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private final HttpServer server;

  /**
   * @param port 0 takes any that is free
   * @param problem why it is not ready; empty if it is
   * @param notes what an operator should know although it is ready
   * @param metrics in Prometheus's text format
   * @throws SettingsException if the port is in use
   */
  HealthEndpoint(
      int port,
      Supplier<Optional<String>> problem,
      Supplier<List<String>> notes,
      Supplier<String> metrics) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (IOException e) {
      throw new SettingsException(
          "TAXIMETER_HEALTH_PORT is %d, which another process is using; choose another port"
              .formatted(port));
    }
    server.createContext("/livez", exchange -> answer(exchange, OK, "alive"));
    server.createContext(
        "/readyz",
        exchange -> {
          Optional<String> found = problem.get();
          answer(
              exchange,
              found.isEmpty() ? OK : UNAVAILABLE,
              found.orElseGet(() -> ready(notes.get())));
        });
    server.createContext(
        "/metrics", exchange -> answer(exchange, OK, PROMETHEUS_TEXT, metrics.get()));
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private static String ready(List<String> notes) {
    return notes.isEmpty() ? "ready" : "ready, but " + String.join("; ", notes);
  }

  private static void answer(HttpExchange exchange, int status, String sentence)
      throws IOException {
    answer(exchange, status, PLAIN_TEXT, sentence + "\n");
  }

  private static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
