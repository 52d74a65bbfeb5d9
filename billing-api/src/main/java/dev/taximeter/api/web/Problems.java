package dev.taximeter.api.web;

import dev.taximeter.contract.json.Json;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Writes problems from where no controller runs. */
public final class Problems {
  public static final String MEDIA_TYPE = "application/problem+json";

  private Problems() {}

  public static void write(HttpServletResponse response, Problem problem) throws IOException {
    response.setStatus(problem.status());
    response.setContentType(MEDIA_TYPE);
    response.getOutputStream().write(Json.MAPPER.writeValueAsBytes(problem));
  }
}
