package dev.taximeter.api.lines;

import dev.taximeter.api.lines.LeakageController.LinesAsOf;
import dev.taximeter.api.lines.LineHistory.OperationSum;
import dev.taximeter.api.usage.Granularity;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Calls as clients made them, and the lines that they left. */
@RestController
@Tag(name = "Lines")
public final class OperationsController {
  private final LineService service;
  private final Freshness freshness;
  private final Clock clock;

  public OperationsController(LineService service, Freshness freshness, Clock clock) {
    this.service = service;
    this.freshness = freshness;
    this.clock = clock;
  }

  @Schema(description = "Operations of one bucket.")
  record OperationRow(
      @Schema(
              description =
                  "Beginning of the bucket; of a clipped one, where its calendar bucket begins.",
              example = "2026-11-23T23:00:00Z")
          Instant start,
      @Schema(description = "Lines of the log, copies and quarantined ones apart.", example = "105")
          long lines,
      @Schema(
              description =
                  "Of these: calls of a model, failed ones included. Not answers of the gateway"
                      + " itself, rejected keys and other requests.",
              example = "100")
          long attempts,
      @Schema(
              description = "Of these: failed ones that the gateway followed by another.",
              example = "4")
          long fallbackAttempts,
      @Schema(
              description =
                  "Calls as the client made them: all attempts that carry one request id are one"
                      + " operation, an attempt without a request id is one by itself.",
              example = "96")
          long operations,
      @Schema(
              description =
                  "Request ids that stand on several lines with usage: clients can choose them."
                      + " Each of these lines is billed.",
              example = "0")
          long repeatedRequestIds,
      @Schema(description = "The lines with usage that they stand on.", example = "0")
          long linesOfRepeatedRequestIds) {
    static OperationRow of(OperationSum sum) {
      return new OperationRow(
          Instant.ofEpochMilli(sum.start()),
          sum.lines(),
          sum.attempts(),
          sum.fallbackAttempts(),
          sum.operations(),
          sum.repeatedRequestIds(),
          sum.linesOfRepeatedRequestIds());
    }
  }

  @Schema(description = "Operations by bucket, ascending; a bucket without lines has no row.")
  record OperationReport(List<OperationRow> rows, LinesAsOf asOf) {}

  @Operation(
      summary = "Read attempts and operations",
      description =
          """
          How many lines, attempts and operations there were. A gateway that falls back to another \
          provider writes a line for each attempt; together they are one operation. An operation \
          stands in the bucket of its last line. The range may span 93 days.""")
  @Refuses({ProblemType.NOT_FOUND, ProblemType.TOO_MANY_ROWS, ProblemType.HISTORY_UNAVAILABLE})
  @GetMapping("/v1/operations")
  OperationReport operations(
      @Parameter(description = "Account id; everything if absent.", example = "acme")
          @RequestParam(name = "account", required = false)
          @Nullable String account,
      @Parameter(
              description =
                  "First instant, RFC 3339; if absent the beginning of the month, in the account's"
                      + " zone or else in UTC.",
              example = "2026-11-01T00:00:00Z")
          @RequestParam(name = "from", required = false)
          @Nullable String from,
      @Parameter(
              description = "First instant after, RFC 3339; now if absent.",
              example = "2026-12-01T00:00:00Z")
          @RequestParam(name = "to", required = false)
          @Nullable String to,
      @Parameter(
              description = "Length of a bucket; one bucket over the whole time if absent.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"minute", "hour", "day", "month"}))
          @RequestParam(name = "granularity", required = false)
          @Nullable String granularity) {
    String payer = LeakageController.account(account);
    Granularity length = granularity(granularity);
    LineService.Range range =
        service.range(payer, Parameters.instant("from", from), Parameters.instant("to", to));
    Instant now = clock.instant();
    Instant latest = service.latestArrival();
    return new OperationReport(
        service.operations(payer, range, length).stream().map(OperationRow::of).toList(),
        new LinesAsOf(now, latest, freshness.completeness()));
  }

  private static @Nullable Granularity granularity(@Nullable String code) {
    if (code == null || code.isBlank()) {
      return null;
    }
    return Granularity.of(code)
        .orElseThrow(
            () ->
                ProblemException.parameter("granularity", "must be one of " + Granularity.codes()));
  }
}
