package dev.taximeter.api.web;

import dev.taximeter.contract.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;

/**
 * Answers what the server refuses before any filter sees it, such as an address that no server
 * could read, with a problem instead of a page.
 */
public final class ProblemValve extends ErrorReportValve {
  @Override
  protected void report(Request request, Response response, @Nullable Throwable throwable) {
    int status = response.getStatus();
    if (status < ProblemType.INVALID_REQUEST.status()
        || response.getContentWritten() > 0
        || !response.setErrorReported()) {
      return;
    }
    ProblemType type =
        status < ProblemType.INTERNAL_ERROR.status()
            ? ProblemType.INVALID_REQUEST
            : ProblemType.INTERNAL_ERROR;
    Problem problem =
        new Problem(
            type.uri(), type.title(), status, "The request cannot be served as it is.", List.of());
    try {
      response.setContentType(Problems.MEDIA_TYPE);
      response.setHeader("X-Content-Type-Options", "nosniff");
      response.setHeader("Cache-Control", "no-store");
      PrintWriter writer = response.getReporter();
      if (writer != null) {
        writer.write(Json.MAPPER.writeValueAsString(problem));
        response.finishResponse();
      }
    } catch (IOException | IllegalStateException clientIsGone) {
      // Nobody reads an answer.
    }
  }
}
