package dev.taximeter.api.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How much of what the gateways wrote has arrived.
 *
 * @param through null if no source sends heartbeats
 */
@Schema(description = "How much of what the gateways wrote has arrived, over all sources.")
@JsonInclude(JsonInclude.Include.ALWAYS)
public record Completeness(
    @Schema(
            description =
                "Every request that completed before this instant, and was logged, has been"
                    + " metered, but for openGaps: the earliest over all sources with heartbeats"
                    + " that are not retired, less 2 s in which a gateway may keep lines to itself."
                    + " Null if no source sends heartbeats.",
            types = {"string", "null"},
            format = "date-time",
            example = "2026-11-24T09:29:57Z")
        @Nullable Instant through,
    @Schema(
            description =
                "Sources whose heartbeats have stopped for more than a minute; through waits for"
                    + " them until they send again or are retired.",
            example = "0")
        int silentSources,
    @Schema(
            description = "Byte ranges of files that are missing; GET /v1/sources/gaps names them.",
            example = "0")
        long openGaps) {}
