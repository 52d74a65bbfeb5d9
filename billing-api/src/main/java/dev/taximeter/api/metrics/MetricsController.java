package dev.taximeter.api.metrics;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What Prometheus scrapes. */
@RestController
@Tag(name = "Status")
public final class MetricsController {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private final ApiMetrics metrics;

  public MetricsController(ApiMetrics metrics) {
    this.metrics = metrics;
  }

  @Operation(
      summary = "Read metrics",
      description =
          """
          Metrics of this process in Prometheus's text format; metering has its own on its health \
          port. Asks for the token like everything else: in Prometheus, authorization with \
          credentials_file.""",
      responses =
          @ApiResponse(
              responseCode = "200",
              description = "OK",
              content = @Content(mediaType = TEXT, schema = @Schema(type = "string"))))
  @GetMapping("/metrics")
  ResponseEntity<String> metrics() {
    return ResponseEntity.ok().header(HttpHeaders.CONTENT_TYPE, TEXT).body(metrics.scrape());
  }
}
