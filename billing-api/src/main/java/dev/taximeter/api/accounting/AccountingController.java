package dev.taximeter.api.accounting;

import dev.taximeter.api.web.Completeness;
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
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What became of every line. */
@RestController
@Tag(name = "Accounting")
public final class AccountingController {
  private static final Duration DEFAULT_RANGE = Duration.ofHours(24);
  private static final int MOST_TALLIES = 50_000;
  private static final int LONGEST_SHIPMENT = 200;

  private final LineCounts counts;
  private final LineCountHistory history;
  private final RawBacklog backlog;
  private final Freshness freshness;
  private final Clock clock;

  public AccountingController(
      LineCounts counts,
      LineCountHistory history,
      RawBacklog backlog,
      Freshness freshness,
      Clock clock) {
    this.counts = counts;
    this.history = history;
    this.backlog = backlog;
    this.freshness = freshness;
    this.clock = clock;
  }

  @Schema(description = "When the answer was made, and how complete the sources are.")
  record Time(
      @Schema(example = "2026-11-24T09:30:00.123Z") Instant time, Completeness completeness) {}

  @Schema(description = "Conservation counts: by hour and source, and in total.")
  record Accounting(List<Conservation.Row> rows, Conservation.Counts total, Time asOf) {}

  @Operation(
      summary = "Read conservation counts",
      description =
          """
          For each file and hour of arrival: the lines that were read, what became of them, and what \
          is missing. Lines that are read but not decided are inFlight while metering has not \
          caught up, or while the counters of that file and hour have changed within the last ten \
          seconds; afterwards they are residual. With shipment, the counts are of that run of a \
          shipper only.""")
  @Refuses({ProblemType.TOO_MANY_ROWS, ProblemType.HISTORY_UNAVAILABLE})
  @GetMapping("/v1/accounting")
  Accounting accounting(
      @Parameter(
              description =
                  "First instant of arrival, RFC 3339, rounded down to the hour; a day ago if"
                      + " absent. With shipment: the beginning.",
              example = "2026-11-24T00:00:00Z")
          @RequestParam(name = "from", required = false)
          @Nullable String from,
      @Parameter(
              description = "First instant after, RFC 3339, rounded up to the hour; now if absent.",
              example = "2026-11-25T00:00:00Z")
          @RequestParam(name = "to", required = false)
          @Nullable String to,
      @Parameter(description = "Only the lines of this run of a shipper.")
          @RequestParam(name = "shipment", required = false)
          @Nullable String shipment) {
    if (shipment != null && shipment.length() > LONGEST_SHIPMENT) {
      throw ProblemException.parameter(
          "shipment", "may have at most %d characters".formatted(LONGEST_SHIPMENT));
    }
    Instant now = clock.instant();
    Instant givenTo = Parameters.instant("to", to);
    Instant givenFrom = Parameters.instant("from", from);
    Instant end = givenTo != null ? givenTo : now.plus(1, ChronoUnit.HOURS);
    Instant begin =
        givenFrom != null
            ? givenFrom
            : shipment == null
                ? (givenTo != null ? givenTo : now).minus(DEFAULT_RANGE)
                : Instant.EPOCH;
    if (!begin.isBefore(end)) {
      throw ProblemException.parameter("from", "must be before to, which is " + end);
    }
    // First, so that what was pending and got decided meanwhile is not taken for missing.
    boolean catchingUp = backlog.pending() || !counts.caughtUp();
    List<Tally> tallies = tallies(begin.truncatedTo(ChronoUnit.HOURS), end, shipment);
    List<Conservation.Row> rows = Conservation.rows(tallies, catchingUp, now);
    return new Accounting(rows, Conservation.total(rows), new Time(now, freshness.completeness()));
  }

  private List<Tally> tallies(Instant begin, Instant end, @Nullable String shipment) {
    List<Tally> found = new ArrayList<>();
    Instant heldFrom = counts.heldFrom();
    if (begin.isBefore(heldFrom)) {
      found.addAll(history.tallies(begin, end.isBefore(heldFrom) ? end : heldFrom, MOST_TALLIES));
    }
    for (Tally tally : counts.tallies()) {
      if (!tally.hour().isBefore(begin) && tally.hour().isBefore(end)) {
        found.add(tally);
      }
    }
    if (found.size() > MOST_TALLIES) {
      throw ProblemException.of(
          ProblemType.TOO_MANY_ROWS,
          "The answer would cover more than %,d counters; ask for a shorter time."
              .formatted(MOST_TALLIES));
    }
    if (shipment != null) {
      found.removeIf(tally -> !tally.shipment().equals(shipment));
    }
    return found;
  }
}
