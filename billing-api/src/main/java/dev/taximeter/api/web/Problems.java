package dev.taximeter.api.web;

import dev.taximeter.contract.json.Json;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Writes problems from where no controller runs. */
public final class Problems {
  public static final String MEDIA_TYPE = "application/problem+json";

  private Problems() {}

  public static void write(HttpServletResponse response, Problem problem) throws IOException {
    write(response, problem, null);
  }

  /**
   * @param retryAfterSeconds when to try again; null if that does not help
   */
  public static void write(
      HttpServletResponse response, Problem problem, @Nullable Long retryAfterSeconds)
      throws IOException {
    if (retryAfterSeconds != null) {
      response.setHeader("Retry-After", retryAfterSeconds.toString());
    }
    response.setStatus(problem.status());
    response.setContentType(MEDIA_TYPE);
    response.getOutputStream().write(Json.MAPPER.writeValueAsBytes(problem));
  }
}
