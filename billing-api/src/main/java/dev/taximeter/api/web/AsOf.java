package dev.taximeter.api.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How fresh an answer is.
 *
 * @param sequence billed events it includes: of one account, the account's sequence number; of
 *     several, the sum of theirs
 * @param time when the answer was made
 * @param exact false if it may include some events beyond {@code sequence}, or lack some before;
 *     null where that cannot happen
 * @param completeness how much of what the gateways wrote had arrived by then
 */
@Schema(description = "How fresh the answer is.")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AsOf(
    @Schema(
            description =
                "Events included: the account's sequence number, or the sum over the accounts"
                    + " asked for. The same number means the same money everywhere.",
            example = "4711")
        long sequence,
    @Schema(description = "When the answer was made.", example = "2026-11-24T09:30:00.123Z")
        Instant time,
    @Schema(
            description =
                "False for the moments in which a batch is half written and the answer may differ"
                    + " from the state at this sequence number.",
            example = "true")
        @Nullable Boolean exact,
    Completeness completeness) {}
