package dev.taximeter.standalone.supervisor;

import dev.taximeter.contract.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Hands a catalogue file to the API and waits until metering has acknowledged it. */
final class CatalogLoader {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(300);
  private static final int CONNECT_TIMEOUT_MILLIS = 2_000;

  private CatalogLoader() {}

  /**
   * What the API answered.
   *
   * @param version of the catalogue with the file in it
   * @param replaced what was there before and is written over, such as {@code price-book/list}
   */
  record Loaded(long version, List<String> replaced) {}

  /**
   * @param api without a trailing slash
   * @throws LaunchException if the API refuses it, in the API's words
   */
  static Loaded load(URI api, String token, String yaml, String fileName)
      throws LaunchException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      String problem;
      try {
        HttpURLConnection connection = put(api, token, yaml);
        int status = connection.getResponseCode();
        if (status == HttpURLConnection.HTTP_OK) {
          return loaded(connection);
        }
        problem = detail(connection);
        if (status < HttpURLConnection.HTTP_INTERNAL_ERROR) {
          throw new LaunchException("the catalogue " + fileName + " was refused: " + problem);
        }
      } catch (IOException e) {
        // The API is being started again; the file may be sent twice without harm.
        problem = e.toString();
      }
      if (System.nanoTime() > end) {
        throw new LaunchException("the catalogue " + fileName + " could not be loaded: " + problem);
      }
      Thread.sleep(PAUSE.toMillis());
    }
  }

  private static HttpURLConnection open(URI api, String token) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(api + "/v1/catalog").toURL().openConnection(Proxy.NO_PROXY);
    connection.setConnectTimeout(CONNECT_TIMEOUT_MILLIS);
    connection.setReadTimeout((int) PATIENCE.toMillis());
    connection.setRequestProperty("Authorization", "Bearer " + token);
    return connection;
  }

  private static HttpURLConnection put(URI api, String token, String yaml) throws IOException {
    HttpURLConnection connection = open(api, token);
    connection.setRequestMethod("PUT");
    connection.setRequestProperty("Content-Type", "application/yaml");
    connection.setDoOutput(true);
    connection.getOutputStream().write(yaml.getBytes(StandardCharsets.UTF_8));
    return connection;
  }

  private static Loaded loaded(HttpURLConnection connection) throws IOException {
    JsonNode answer = answer(connection);
    return new Loaded(
        answer.path("catalogVersion").asLong(),
        answer.path("replaced").valueStream().map(JsonNode::asString).toList());
  }

  /**
   * @return the version of the API's catalogue
   * @throws LaunchException if it does not tell
   */
  static long version(URI api, String token) throws LaunchException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      String problem;
      try {
        HttpURLConnection connection = open(api, token);
        int status = connection.getResponseCode();
        if (status == HttpURLConnection.HTTP_OK) {
          return answer(connection).path("catalogVersion").asLong();
        }
        problem = detail(connection);
        if (status < HttpURLConnection.HTTP_INTERNAL_ERROR) {
          throw new LaunchException("the API does not tell its catalogue's version: " + problem);
        }
      } catch (IOException e) {
        problem = e.toString();
      }
      if (System.nanoTime() > end) {
        throw new LaunchException("the API does not tell its catalogue's version: " + problem);
      }
      Thread.sleep(PAUSE.toMillis());
    }
  }

  private static JsonNode answer(HttpURLConnection connection) throws IOException {
    try (InputStream body = connection.getInputStream()) {
      return Json.MAPPER.readTree(body.readAllBytes());
    } catch (JacksonException e) {
      throw new IOException("the answer of the API cannot be read", e);
    }
  }

  private static String detail(HttpURLConnection connection) throws IOException {
    int status = connection.getResponseCode();
    var body = connection.getErrorStream();
    if (body == null) {
      return "status " + status;
    }
    byte[] bytes = body.readAllBytes();
    try {
      JsonNode problem = Json.MAPPER.readTree(bytes);
      String detail = problem.path("detail").asString("");
      return detail.isEmpty() ? "status " + status : detail;
    } catch (JacksonException e) {
      return "status " + status;
    }
  }
}
