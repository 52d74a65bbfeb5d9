package dev.taximeter.api.usage;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.web.Csv;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.contract.money.Decimals;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.DecimalNode;

/**
 * Usage in the shape of OpenMeter's meter queries, for tools that read that one. A subject is an
 * account; there is one meter for each figure.
 */
@RestController
@Tag(name = "Aliases")
public final class MetersController {
  private static final int LONGEST_FILTER = 500;
  private static final Set<String> GROUPS = Set.of("subject", "key", "model");

  private final UsageService service;
  private final Clock clock;

  public MetersController(UsageService service, Clock clock) {
    this.service = service;
    this.clock = clock;
  }

  /** What is measured. */
  private enum Meter {
    REQUESTS(sum -> BigDecimal.valueOf(sum.requests())),
    INPUT_TOKENS(sum -> BigDecimal.valueOf(sum.tokens().inputTokens())),
    OUTPUT_TOKENS(sum -> BigDecimal.valueOf(sum.tokens().outputTokens())),
    TOTAL_TOKENS(
        sum ->
            BigDecimal.valueOf(sum.tokens().inputTokens())
                .add(BigDecimal.valueOf(sum.tokens().outputTokens()))),
    COST(UsageSum::cost);

    private final Function<UsageSum, BigDecimal> value;

    Meter(Function<UsageSum, BigDecimal> value) {
      this.value = value;
    }

    static Meter of(String slug) {
      return Arrays.stream(values())
          .filter(meter -> meter.name().toLowerCase(Locale.ROOT).equals(slug))
          .findFirst()
          .orElseThrow(
              () ->
                  ProblemException.of(
                      ProblemType.NOT_FOUND,
                      "There is no such meter; there are requests, input_tokens, output_tokens,"
                          + " total_tokens and cost."));
    }
  }

  @Schema(name = "MeterRow", description = "A meter's value of one group in a window.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Row(
      @Schema(
              description = "As a JSON number, like OpenMeter's; exact.",
              type = "number",
              implementation = BigDecimal.class,
              example = "51200")
          JsonNode value,
      @Schema(description = "Beginning of the window.", example = "2026-11-23T00:00:00Z")
          Instant windowStart,
      @Schema(description = "Its end, exclusive.", example = "2026-11-24T00:00:00Z")
          Instant windowEnd,
      @Schema(description = "The account; with groupBy=subject, or a subject.")
          @Nullable String subject,
      @Schema(description = "What else is told apart: key and model.")
          Map<String, String> groupBy) {}

  @Schema(name = "MeterReport", description = "A meter's values by window and group.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Report(
      @Schema(description = "First instant.", example = "2026-11-01T00:00:00Z") Instant from,
      @Schema(description = "First instant after.", example = "2026-12-01T00:00:00Z") Instant to,
      @Schema(
              description = "Length of the windows; absent for one over the whole time.",
              allowableValues = {"MINUTE", "HOUR", "DAY", "MONTH"})
          @Nullable String windowSize,
      @Schema(description = "By window and group; in that order.") List<Row> data) {}

  /** A question as it was asked. */
  private record Asked(
      Meter meter,
      Set<String> groups,
      @Nullable String subject,
      @Nullable Granularity window,
      ZoneId zone,
      Instant from,
      Instant to) {
    boolean bySubject() {
      return subject != null || groups.contains("subject");
    }
  }

  @Operation(
      summary = "Query a meter as OpenMeter's API does",
      description =
          """
          An alias of GET /v1/usage, also at /api/v1/…. A subject is an account. groupBy takes \
          subject, key and model, with commas. Days and months are those of windowTimeZone, UTC if \
          absent. Windows at the ends are clipped to from and to; their bounds are those of the \
          whole window. As JSON, or as CSV (Accept: text/csv).""",
      responses =
          @ApiResponse(
              responseCode = "200",
              description = "The values.",
              content = {
                @Content(
                    mediaType = MediaType.APPLICATION_JSON_VALUE,
                    schema = @Schema(implementation = Report.class)),
                @Content(mediaType = Csv.MEDIA_TYPE, schema = @Schema(type = "string"))
              }))
  @Refuses({ProblemType.NOT_FOUND, ProblemType.TOO_MANY_ROWS, ProblemType.HISTORY_UNAVAILABLE})
  @GetMapping(
      value = {"/v1/meters/{meter}/query", "/api/v1/meters/{meter}/query"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  Report query(
      @Parameter(
              description = "What is measured.",
              example = "total_tokens",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {
                        "requests",
                        "input_tokens",
                        "output_tokens",
                        "total_tokens",
                        "cost"
                      }))
          @PathVariable("meter")
          String meter,
      @Parameter(
              description = "First instant, RFC 3339; the beginning of the month if absent.",
              example = "2026-11-01T00:00:00Z")
          @RequestParam(name = "from", required = false)
          @Nullable String from,
      @Parameter(
              description = "First instant after, RFC 3339; now if absent.",
              example = "2026-12-01T00:00:00Z")
          @RequestParam(name = "to", required = false)
          @Nullable String to,
      @Parameter(
              description = "One window over the whole time if absent.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"MINUTE", "HOUR", "DAY", "MONTH"}))
          @RequestParam(name = "windowSize", required = false)
          @Nullable String windowSize,
      @Parameter(description = "IANA zone of days and months; UTC if absent.", example = "UTC")
          @RequestParam(name = "windowTimeZone", required = false)
          @Nullable String windowTimeZone,
      @Parameter(description = "Only this account.", example = "acme")
          @RequestParam(name = "subject", required = false)
          @Nullable String subject,
      @Parameter(description = "subject, key, model, or several with commas.", example = "model")
          @RequestParam(name = "groupBy", required = false)
          @Nullable String groupBy,
      @Parameter(description = "Only the key of this name.")
          @RequestParam(name = "filterGroupBy[key]", required = false)
          @Nullable String key,
      @Parameter(description = "Only this model.")
          @RequestParam(name = "filterGroupBy[model]", required = false)
          @Nullable String model) {
    return answer(asked(meter, from, to, windowSize, windowTimeZone, subject, groupBy), key, model);
  }

  @Operation(hidden = true)
  @GetMapping(
      value = {"/v1/meters/{meter}/query", "/api/v1/meters/{meter}/query"},
      produces = Csv.MEDIA_TYPE)
  ResponseEntity<String> queryAsCsv(
      @PathVariable("meter") String meter,
      @RequestParam(name = "from", required = false) @Nullable String from,
      @RequestParam(name = "to", required = false) @Nullable String to,
      @RequestParam(name = "windowSize", required = false) @Nullable String windowSize,
      @RequestParam(name = "windowTimeZone", required = false) @Nullable String windowTimeZone,
      @RequestParam(name = "subject", required = false) @Nullable String subject,
      @RequestParam(name = "groupBy", required = false) @Nullable String groupBy,
      @RequestParam(name = "filterGroupBy[key]", required = false) @Nullable String key,
      @RequestParam(name = "filterGroupBy[model]", required = false) @Nullable String model) {
    Report report =
        answer(asked(meter, from, to, windowSize, windowTimeZone, subject, groupBy), key, model);
    StringBuilder csv =
        new StringBuilder(
            Csv.row(List.of("window_start", "window_end", "subject", "key", "model", "value")));
    for (Row row : report.data()) {
      csv.append(
          Csv.row(
              List.of(
                  row.windowStart().toString(),
                  row.windowEnd().toString(),
                  Csv.text(row.subject()),
                  Csv.text(row.groupBy().get("key")),
                  Csv.text(row.groupBy().get("model")),
                  Decimals.plain(row.value().decimalValue()))));
    }
    return ResponseEntity.ok()
        .contentType(MediaType.parseMediaType(Csv.MEDIA_TYPE + ";charset=UTF-8"))
        .body(csv.toString());
  }

  private Asked asked(
      String meter,
      @Nullable String from,
      @Nullable String to,
      @Nullable String windowSize,
      @Nullable String windowTimeZone,
      @Nullable String subject,
      @Nullable String groupBy) {
    ZoneId zone = zone(windowTimeZone);
    Instant given = Parameters.instant("to", to);
    Instant end = given == null ? clock.instant() : given;
    Instant begin = Parameters.instant("from", from);
    return new Asked(
        Meter.of(meter),
        groups(groupBy),
        filter("subject", subject),
        window(windowSize),
        zone,
        begin == null ? UsageService.monthOf(end, zone) : begin,
        end);
  }

  private Report answer(Asked asked, @Nullable String key, @Nullable String model) {
    UsageAnswer answer =
        service.answer(
            new UsageService.Question(
                asked.subject(),
                filter("filterGroupBy[key]", key),
                null,
                filter("filterGroupBy[model]", model),
                asked.from(),
                asked.to(),
                asked.window(),
                asked.groups().contains("key"),
                false,
                asked.groups().contains("model"),
                asked.zone()));
    Map<List<String>, UsageSum> groups = new TreeMap<>(OrganizationController::order);
    Set<String> currencies = new TreeSet<>();
    for (UsageSum sum : answer.sums()) {
      currencies.add(sum.currency());
      groups.merge(group(sum, asked), sum, UsageSum::plus);
    }
    if (asked.meter() == Meter.COST && !asked.bySubject() && currencies.size() > 1) {
      throw ProblemException.parameter(
          "groupBy", "must hold subject: the accounts have several currencies");
    }
    List<Row> rows = new ArrayList<>();
    groups.values().forEach(sum -> rows.add(row(sum, asked)));
    return new Report(
        asked.from(), asked.to(), asked.window() == null ? null : asked.window().name(), rows);
  }

  /** By time, as text that is in the same order. */
  private static List<String> group(UsageSum sum, Asked asked) {
    return List.of(
        "%020d".formatted(sum.start() - Tiles.BEGINNING),
        asked.bySubject() ? sum.account() : "",
        sum.key() == null ? "" : sum.key(),
        sum.model() == null ? "" : sum.model());
  }

  private static Row row(UsageSum sum, Asked asked) {
    Map<String, String> groupBy = new LinkedHashMap<>();
    if (sum.key() != null) {
      groupBy.put("key", sum.key());
    }
    if (sum.model() != null) {
      groupBy.put("model", sum.model());
    }
    Instant start = Instant.ofEpochMilli(sum.start());
    return new Row(
        DecimalNode.valueOf(asked.meter().value.apply(sum)),
        start,
        end(start, asked),
        asked.bySubject() ? sum.account() : null,
        groupBy);
  }

  private static Instant end(Instant start, Asked asked) {
    if (asked.window() == null) {
      return asked.to();
    }
    return switch (asked.window()) {
      case MINUTE -> start.plus(Duration.ofMinutes(1));
      case HOUR -> start.plus(Duration.ofHours(1));
      case DAY ->
          start
              .atZone(asked.zone())
              .toLocalDate()
              .plusDays(1)
              .atStartOfDay(asked.zone())
              .toInstant();
      case MONTH ->
          start
              .atZone(asked.zone())
              .toLocalDate()
              .plusMonths(1)
              .atStartOfDay(asked.zone())
              .toInstant();
    };
  }

  private static ZoneId zone(@Nullable String id) {
    try {
      return id == null ? ZoneOffset.UTC : ZoneId.of(id);
    } catch (DateTimeException e) {
      throw ProblemException.parameter(
          "windowTimeZone", "must be an IANA zone such as Europe/Berlin or UTC");
    }
  }

  private static @Nullable Granularity window(@Nullable String size) {
    if (size == null) {
      return null;
    }
    return Arrays.stream(Granularity.values())
        .filter(granularity -> granularity.name().equals(size))
        .findFirst()
        .orElseThrow(
            () -> ProblemException.parameter("windowSize", "must be MINUTE, HOUR, DAY or MONTH"));
  }

  private static @Nullable String filter(String name, @Nullable String value) {
    if (value != null && value.length() > LONGEST_FILTER) {
      throw ProblemException.parameter(
          name, "may have at most %d characters".formatted(LONGEST_FILTER));
    }
    return Parameters.text(value);
  }

  private static Set<String> groups(@Nullable String groupBy) {
    Set<String> groups =
        groupBy == null
            ? Set.of()
            : Arrays.stream(groupBy.split(",", -1))
                .map(String::strip)
                .collect(Collectors.toCollection(TreeSet::new));
    if (!GROUPS.containsAll(groups)) {
      throw ProblemException.parameter("groupBy", "may hold subject, key and model, with commas");
    }
    return groups;
  }
}
