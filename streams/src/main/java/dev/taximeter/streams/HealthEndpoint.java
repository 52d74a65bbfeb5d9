package dev.taximeter.streams;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.taximeter.contract.settings.SettingsException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Answers {@code GET /livez} (the process runs), {@code GET /readyz} (it does its work), {@code GET
 * /problems} (nothing needs an operator), with a sentence or one in each line, and {@code GET
 * /metrics}. None of them asks who is asking, so it listens on loopback unless it is told
 * otherwise.
 *
 * <p>Problems are apart from readiness: what was lost last week must not keep a process from being
 * put to work today.
 */
final class HealthEndpoint implements AutoCloseable {
  private static final int OK = 200;
  private static final int UNAVAILABLE = 503;
  private static final String PLAIN_TEXT = "text/plain; charset=utf-8";
  private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

  /** Whoever does not finish a request is cut off, or it would keep a thread for ever. */
  private static final Duration LONGEST_REQUEST = Duration.ofSeconds(10);

  /** A request that is not finished keeps a thread; the others must be answered meanwhile. */
  private static final int THREADS = 4;

  private final HttpServer server;
  private final ExecutorService executor =
      Executors.newFixedThreadPool(THREADS, HealthEndpoint::daemon);

  /**
   * @param address where to listen: an IP address or a name that resolves to one
   * @param port 0 takes any that is free
   * @param problem why it is not ready; empty if it is
   * @param problems what an operator has to see to although it is ready
   * @param metrics in Prometheus's text format
   * @throws SettingsException if the port is in use or the address is none of this machine's
   */
  HealthEndpoint(
      String address,
      int port,
      Supplier<Optional<String>> problem,
      Supplier<List<String>> problems,
      Supplier<String> metrics) {
    System.setProperty("sun.net.httpserver.maxReqTime", Long.toString(LONGEST_REQUEST.toSeconds()));
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getByName(address), port), 0);
    } catch (UnknownHostException e) {
      throw new SettingsException(
          "TAXIMETER_HEALTH_ADDRESS is %s, which is no address of this machine; 0.0.0.0 stands for all"
              .formatted(address));
    } catch (IOException e) {
      throw new SettingsException(
          "the health endpoint cannot listen on %s, port %d: either another process uses the port, then choose another TAXIMETER_HEALTH_PORT, or TAXIMETER_HEALTH_ADDRESS is no address of this machine"
              .formatted(address, port));
    }
    server.createContext("/livez", exchange -> answer(exchange, OK, "alive"));
    server.createContext(
        "/readyz",
        exchange -> {
          Optional<String> found = problem.get();
          answer(exchange, found.isEmpty() ? OK : UNAVAILABLE, found.orElse("ready"));
        });
    server.createContext(
        "/problems",
        exchange -> {
          List<String> found = problems.get();
          answer(
              exchange,
              found.isEmpty() ? OK : UNAVAILABLE,
              found.isEmpty() ? "none" : String.join("\n", found));
        });
    server.createContext(
        "/metrics", exchange -> answer(exchange, OK, PROMETHEUS_TEXT, metrics.get()));
    server.setExecutor(executor);
    server.start();
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "health");
    thread.setDaemon(true);
    return thread;
  }

  int port() {
    return server.getAddress().getPort();
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
    executor.shutdownNow();
  }
}
