package dev.taximeter.api.web;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;

/**
 * How fresh an answer is that belongs to no account and so has no sequence number.
 *
 * @param time when the answer was made
 * @param completeness how much of what the gateways wrote had arrived by then
 */
@Schema(description = "When the answer was made, and how complete the sources are.")
public record AsOfTime(
    @Schema(description = "When the answer was made.", example = "2026-11-24T09:30:00.123Z")
        Instant time,
    Completeness completeness) {}
