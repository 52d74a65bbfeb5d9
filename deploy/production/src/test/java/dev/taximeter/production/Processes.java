package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Processes of a test, started as production starts them, and ended with it. */
final class Processes implements AutoCloseable {
  private static final Duration LOOK_EVERY = Duration.ofMillis(200);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private static final Set<Integer> GIVEN_PORTS = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final Deque<Process> running = new ArrayDeque<>();

  Processes(Path folder) {
    this.folder = folder;
  }

  /** All that a module's program needs: its jar and {@code target/lib}, as in the images. */
  static String classPath(String module) throws IOException {
    Path target = DeployFiles.deploy().getParent().resolve(module).resolve("target");
    try (Stream<Path> files = Files.list(target)) {
      return files
          .filter(file -> file.getFileName().toString().matches("taximeter-.*(?<!-tests)\\.jar"))
          .map(Path::toString)
          .collect(Collectors.joining(":", "", ":" + target.resolve("lib") + "/*"));
    }
  }

  Process java(String name, String module, String main, Map<String, String> environment)
      throws IOException {
    return java(name, module, List.of(main), environment);
  }

  Process java(String name, String module, List<String> command, Map<String, String> environment)
      throws IOException {
    List<String> all =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx384m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(module)));
    all.addAll(command);
    return start(name, all, environment);
  }

  /** With nothing of this process's environment but the path. */
  Process start(String name, List<String> command, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".log").toFile());
    builder.environment().keySet().removeIf(variable -> !variable.equals("PATH"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    running.push(process);
    return process;
  }

  String log(String name) throws IOException {
    return Files.readString(folder.resolve(name + ".log"));
  }

  /** A port that nothing listens on; no port twice, though the system may offer it again. */
  static int freePort() throws IOException {
    while (true) {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        if (GIVEN_PORTS.add(socket.getLocalPort())) {
          return socket.getLocalPort();
        }
      }
    }
  }

  static HttpResponse<String> get(String url, String token) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(10));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /**
   * Sends a body with a token.
   *
   * @return the answer's status
   */
  static int put(String url, String token, String type, String body) throws Exception {
    return send("PUT", url, token, type, body).statusCode();
  }

  static HttpResponse<String> send(
      String method, String url, String token, String type, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofSeconds(30))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", type)
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** Waits until an address answers 200. */
  void awaitOk(Process process, String name, String url, Duration patience) throws Exception {
    await(
        patience,
        name,
        () -> {
          assertThat(process.isAlive()).as(log(name)).isTrue();
          try {
            return get(url, null).statusCode() == 200;
          } catch (IOException e) {
            return false;
          }
        });
  }

  void await(Duration patience, String name, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("%s:%n%s", name, tail(name)).isLessThan(deadline);
      Thread.sleep(LOOK_EVERY.toMillis());
    }
  }

  private String tail(String name) throws IOException {
    List<String> lines = log(name).lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
  }

  /**
   * Tells a process to stop.
   *
   * @return its exit code
   */
  int stop(Process process, Duration patience) throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    return process.exitValue();
  }

  @Override
  public void close() {
    running.forEach(Process::destroyForcibly);
  }
}
