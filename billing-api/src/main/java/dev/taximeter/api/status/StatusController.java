package dev.taximeter.api.status;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.MeteringProgress;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.lang.management.ManagementFactory;
import java.lang.management.RuntimeMXBean;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** How far this process has come. */
@RestController
@Tag(name = "Status")
public final class StatusController {
  private final ViewPositions views;
  private final HistoryStatus history;
  private final CatalogView catalog;
  private final MeteringProgress metering;

  public StatusController(
      ViewPositions views, HistoryStatus history, CatalogView catalog, MeteringProgress metering) {
    this.views = views;
    this.history = history;
    this.catalog = catalog;
    this.metering = metering;
  }

  @Schema(description = "How far this process, metering and history have come.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Status(
      @Schema(description = "Of this program.", example = "0.1.0") String version,
      @Schema(description = "When this process started.", example = "2026-11-24T09:00:00Z")
          Instant startedAt,
      @Schema(example = "1800") long uptimeSeconds,
      @Schema(description = "The catalogue's version, as seen here.", example = "3")
          long catalogVersion,
      @Schema(description = "The version that all of intake works by.", example = "3")
          long meteringCatalogVersion,
      @Schema(
              description =
                  "Next offset of each live view, by topic and partition; transaction markers"
                      + " count.",
              example = "{\"account.states.v1\":{\"0\":123}}")
          Map<String, Map<Integer, Long>> positions,
      @Schema(description = "Views that are not ready yet, and why; empty when all are.")
          Map<String, String> waiting,
      @Schema(description = "Whether the history store answers.") boolean historyReachable,
      @Schema(
              description =
                  "Next offset to land in history, by topic and partition; absent if it does not"
                      + " answer.",
              example = "{\"account.states.v1\":{\"0\":120}}")
          @Nullable Map<String, Map<Integer, Long>> landed) {}

  @Operation(summary = "Read how far everything has come")
  @GetMapping("/v1/status")
  Status status() {
    Map<String, Map<Integer, Long>> landed = history.landed().orElse(null);
    // This controller is made when it is first asked.
    RuntimeMXBean process = ManagementFactory.getRuntimeMXBean();
    return new Status(
        version(),
        Instant.ofEpochMilli(process.getStartTime()),
        Duration.ofMillis(process.getUptime()).toSeconds(),
        catalog.snapshot().version(),
        metering.catalogVersion(),
        views.positions(),
        views.waiting(),
        landed != null,
        landed);
  }

  private static String version() {
    String version = StatusController.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
