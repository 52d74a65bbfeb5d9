package dev.taximeter.standalone.endtoend;

import dev.taximeter.contract.json.Json;
import dev.taximeter.standalone.instance.DataDirectory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;

/**
 * A client as a careful user writes one: what is not answered for certain is sent again, unchanged
 * and under the same key, until it is. Thread-safe.
 */
final class Commands {
  /** A little longer than the API waits for metering. */
  private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(40);

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final long SHORTEST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 1_000;
  private static final String IN_FLIGHT = "urn:taximeter:problem:in-flight";

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final DataDirectory data;
  private final AtomicLong repeated = new AtomicLong();

  Commands(DataDirectory data) {
    this.data = data;
  }

  /** What was decided. */
  record Answer(int status, JsonNode body) {
    boolean accepted() {
      return status >= 200 && status <= 299;
    }

    /** The last part of a problem's type. */
    String problem() {
      String type = body.path("type").asString("");
      return type.substring(type.lastIndexOf(':') + 1);
    }

    JsonNode orThrow() {
      if (!accepted()) {
        throw new AssertionError("answered " + status + ": " + body);
      }
      return body;
    }
  }

  /** How often something was sent again. */
  long repeated() {
    return repeated.get();
  }

  /**
   * @param key the idempotency key
   * @param json may be empty
   */
  Answer post(String path, String key, String json) throws IOException, InterruptedException {
    return send("POST", path, key, "application/json", json);
  }

  /** Loads a part of the catalogue; to do so again changes nothing. */
  Answer putCatalog(String yaml) throws IOException, InterruptedException {
    return send("PUT", "/v1/catalog", "", "application/yaml", yaml);
  }

  private Answer send(String method, String path, String key, String type, String body)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    long pause = SHORTEST_PAUSE_MILLIS;
    while (true) {
      String trouble;
      try {
        HttpResponse<String> response =
            http.send(request(method, path, key, type, body), HttpResponse.BodyHandlers.ofString());
        Answer answer = new Answer(response.statusCode(), Json.MAPPER.readTree(response.body()));
        if (!isPassing(answer)) {
          return answer;
        }
        trouble = response.body();
      } catch (IOException e) {
        trouble = e.toString();
      }
      if (System.nanoTime() > end) {
        throw new IOException(method + " " + path + " was never answered: " + trouble);
      }
      repeated.incrementAndGet();
      Thread.sleep(pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    }
  }

  private static boolean isPassing(Answer answer) {
    return answer.status() == 502
        || answer.status() == 503
        || answer.status() == 504
        || (answer.status() == 409 && answer.body().path("type").asString("").equals(IN_FLIGHT));
  }

  private HttpRequest request(String method, String path, String key, String type, String body)
      throws IOException {
    String url = data.instance().orElseThrow().apiUrl();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(ANSWER_PATIENCE)
            .header("Authorization", "Bearer " + data.adminToken())
            .header("Content-Type", type)
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    return (key.isEmpty() ? request : request.header("Idempotency-Key", key)).build();
  }

  /** Runs all of them, some at once, and gives their results in order. */
  static <T> List<T> all(int atOnce, List<? extends Callable<T>> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(atOnce);
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> result : threads.invokeAll(work)) {
        results.add(result.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw new AssertionError("one of the requests failed", e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }
}
