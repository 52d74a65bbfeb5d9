package dev.taximeter.api.demonstration;

import dev.taximeter.api.settings.ApiSettings;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Kills metering, to show that the bill does not change. This process only leaves an order in the
 * demonstration's directory: the launcher, whose child metering is, kills it and starts it again.
 */
@RestController
@Tag(name = "Demonstration")
public final class DemonstrationController {
  /** Name of the order in the directory; its reader is the launcher. */
  static final String KILL_METERING = "kill-metering";

  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final @Nullable Path directory;
  private final Clock clock;

  public DemonstrationController(ApiSettings settings, Clock clock) {
    this.directory = settings.demonstration();
    this.clock = clock;
  }

  @Schema(name = "MeteringKilled", description = "The order was taken.")
  record Ordered(@Schema(description = "When.", example = "2026-11-24T09:30:00Z") Instant at) {}

  @Operation(
      summary = "Kill metering",
      description =
          "Only in a demonstration: metering is killed as a crash would, and started again. No bill"
              + " changes by it. Elsewhere there is nothing here (404).")
  @Refuses({ProblemType.NOT_FOUND, ProblemType.TOO_BUSY})
  @PostMapping("/v1/demonstration/kill-metering")
  Ordered killMetering() {
    if (directory == null) {
      throw ProblemException.of(
          ProblemType.NOT_FOUND,
          "This is no demonstration; nothing here may be broken on purpose.");
    }
    try {
      Files.writeString(directory.resolve(KILL_METERING), "");
    } catch (IOException e) {
      throw ProblemException.passing(
          ProblemType.TOO_BUSY,
          "The demonstration's directory cannot be written; see the free space there.",
          RETRY_AFTER,
          e);
    }
    return new Ordered(clock.instant());
  }
}
