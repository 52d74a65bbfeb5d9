package dev.taximeter.api.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much of what the gateways wrote has arrived.
 *
 * @param through null if no source sends heartbeats, or some source has not told yet
 * @param unknown the first {@link #MOST_NAMED} of those that have not, as machine:path
 */
@Schema(description = "How much of what the gateways wrote has arrived, over all sources.")
@JsonInclude(JsonInclude.Include.ALWAYS)
public record Completeness(
    @Schema(
            description =
                "Every request that completed before this instant, and was logged, is in its"
                    + " account's state, but for openGaps: the earliest over all sources with"
                    + " heartbeats that are neither retired nor finished, less 2 s in which a"
                    + " gateway may keep lines to itself, once metering has got through all that"
                    + " was shipped by then. Null if no source sends heartbeats, if some have not"
                    + " told yet how far they are (unknown names them), or before metering was seen"
                    + " to get through for the first time.",
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
        long openGaps,
    @Schema(
            description =
                "Sources of Taximeter's own shippers, a running or broken-off backfill among them,"
                    + " that have not told yet how complete they are; through is null until they"
                    + " do, end or are retired.",
            example = "0")
        int unknownSources,
    @Schema(
            description =
                "The first 10 of them, as machine:path; none for who sees one account only.",
            example = "[\"gateway-1:/var/log/gateway/access.log.7\"]")
        List<String> unknown) {
  /** Sources that an answer names; GET /v1/sources has all. */
  public static final int MOST_NAMED = 10;

  public Completeness {
    unknown = List.copyOf(unknown);
  }

  /** The same for those whom machines and paths do not concern. */
  public Completeness withoutNames() {
    return new Completeness(through, silentSources, openGaps, unknownSources, List.of());
  }
}
