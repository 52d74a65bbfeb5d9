package dev.taximeter.api.suspense;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.contract.event.SuspenseItem;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A decision of the suspense desk, as people see it. */
@Schema(description = "Who decided what, when and why.")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SuspenseDecision(
    @Schema(description = "Who pays; absent if nobody does.", example = "acme")
        @Nullable String account,
    @Schema(description = "The key it counts under.", example = "acme-prod")
        @Nullable String keyName,
    @Schema(example = "admin") String by,
    @Schema(example = "2026-11-24T09:30:00.123Z") Instant at,
    @Schema(example = "their address, their model") String reason) {

  /**
   * @param decision null if the line is open
   */
  public static @Nullable SuspenseDecision of(SuspenseItem.@Nullable Decision decision) {
    return decision == null
        ? null
        : new SuspenseDecision(
            decision.account(),
            decision.keyName(),
            decision.author(),
            decision.at(),
            decision.reason());
  }
}
