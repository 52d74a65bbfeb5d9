package dev.taximeter.standalone.backfill;

import dev.taximeter.contract.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Asks the API. Thread-safe. */
public final class RestClient {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int OK_LEAST = 200;
  private static final int OK_MOST = 299;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();
  private final String url;
  private final String token;

  /**
   * Makes a client; no connection is opened yet.
   *
   * @param url without a trailing slash
   * @param token sent as bearer token
   */
  public RestClient(String url, String token) {
    this.url = url;
    this.token = token;
  }

  /**
   * Reads a resource.
   *
   * @param path with its query, beginning with a slash
   * @throws IOException if the API does not answer, or answers anything but success and JSON
   */
  public JsonNode get(String path) throws IOException, InterruptedException {
    return send(request(path).GET().build());
  }

  /**
   * Posts JSON.
   *
   * @param path with its query, beginning with a slash
   * @throws IOException if the API does not answer, or answers anything but success and JSON
   */
  public JsonNode post(String path, String json) throws IOException, InterruptedException {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build());
  }

  /**
   * Posts JSON that takes its time.
   *
   * @param path with its query, beginning with a slash
   * @param patience how long an answer may take
   * @throws IOException if the API does not answer, or answers anything but success and JSON
   */
  public JsonNode post(String path, byte[] json, Duration patience)
      throws IOException, InterruptedException {
    return send(
        request(path)
            .timeout(patience)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(json))
            .build());
  }

  /** What the API's problem says, if it is one. */
  public static String sentence(IOException failure) {
    String message = String.valueOf(failure.getMessage());
    int body = message.indexOf('{');
    if (body >= 0) {
      try {
        String detail = Json.MAPPER.readTree(message.substring(body)).path("detail").asString("");
        return detail.isEmpty() ? message : detail;
      } catch (JacksonException noProblem) {
        return message;
      }
    }
    return message;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url + path))
        .timeout(PATIENCE)
        .header("Authorization", "Bearer " + token)
        .header("Accept", "application/json");
  }

  private JsonNode send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() < OK_LEAST || response.statusCode() > OK_MOST) {
      throw new IOException(
          "%s %s answered %d: %s"
              .formatted(
                  request.method(), request.uri(), response.statusCode(), response.body().strip()));
    }
    try {
      return Json.MAPPER.readTree(response.body());
    } catch (JacksonException e) {
      throw new IOException(request.uri() + " did not answer JSON", e);
    }
  }
}
