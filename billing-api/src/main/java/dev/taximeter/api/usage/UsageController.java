package dev.taximeter.api.usage;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.web.AsOf;
import dev.taximeter.api.web.Csv;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.MinimumAsOf;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.Paging;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.api.web.Waiting;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Usage over time. */
@RestController
@Tag(name = "Usage")
public final class UsageController {
  private static final Set<String> GROUPS = Set.of("key", "team", "model");
  private static final int LONGEST_FILTER = 500;

  /** Between looks for a fresher answer: each is a statement. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

  private final UsageService service;
  private final Freshness freshness;
  private final Clock clock;

  public UsageController(UsageService service, Freshness freshness, Clock clock) {
    this.service = service;
    this.freshness = freshness;
    this.clock = clock;
  }

  @Schema(name = "UsageRow", description = "Usage of one group in one bucket.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Row(
      @Schema(
              description =
                  "Beginning of the bucket; of a clipped one, where its calendar bucket begins.",
              example = "2026-11-23T23:00:00Z")
          Instant start,
      @Schema(example = "acme") String account,
      @Schema(description = "The key's name; only with groupBy=key.", example = "acme-prod")
          @Nullable String key,
      @Schema(
              description =
                  "Id of the team that has the key now; only with groupBy=team, and if there is one.",
              example = "research")
          @Nullable String team,
      @Schema(description = "Only with groupBy=model.", example = "qwen-max")
          @Nullable String model,
      @Schema(description = "Billed requests.", example = "42") long requests,
      @Schema(
              description = "Prompt tokens, cached and cache-written ones included.",
              example = "51200")
          long inputTokens,
      @Schema(description = "Of inputTokens: read from a cache.", example = "20480")
          long cachedInputTokens,
      @Schema(description = "Of inputTokens: written to a cache.", example = "0")
          long cacheWriteTokens,
      @Schema(description = "Answer tokens, reasoning included.", example = "8192")
          long outputTokens,
      @Schema(description = "Of outputTokens: reasoning.", example = "1024") long reasoningTokens,
      @Schema(description = "Exact.", type = "string", example = "0.0241664") BigDecimal cost,
      @Schema(description = "ISO 4217 code; absent if unattributed.", example = "USD")
          @Nullable String currency) {
    static Row of(UsageSum sum) {
      return new Row(
          Instant.ofEpochMilli(sum.start()),
          sum.account(),
          sum.key(),
          sum.team(),
          sum.model(),
          sum.requests(),
          sum.tokens().inputTokens(),
          sum.tokens().cachedInput(),
          sum.tokens().cacheWrite(),
          sum.tokens().outputTokens(),
          sum.tokens().reasoning(),
          sum.cost(),
          sum.currency().isEmpty() ? null : sum.currency());
    }
  }

  @Schema(description = "Usage by bucket, account and what groupBy names; in that order.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record UsageReport(
      List<Row> rows,
      @Schema(
              description =
                  "Pass as cursor for the next page; absent on the last, and without limit.")
          @Nullable String next,
      AsOf asOf) {}

  @Operation(
      summary = "Read usage",
      description =
          """
          Billed usage, by completion instant. Minutes and hours are UTC's; days and months are \
          those of each account's zone. Buckets at the ends are clipped to from and to. Groups \
          without usage have no row. Usage of unknown keys is shown only if its account, \
          unattributed:…, is asked for by name: all that arrived there, also what was claimed since \
          and stands on a bill; GET /v1/unattributed says what is still held. As JSON, or as CSV with \
          a row for each (Accept: text/csv); a page of CSV names the next one's cursor in \
          X-Next-Cursor. Usage goes on while pages are read: name a to in the past, and sort by \
          start, where no row may be missed.""",
      responses =
          @ApiResponse(
              responseCode = "200",
              description = "The usage.",
              content = {
                @Content(
                    mediaType = MediaType.APPLICATION_JSON_VALUE,
                    schema = @Schema(implementation = UsageReport.class)),
                @Content(mediaType = Csv.MEDIA_TYPE, schema = @Schema(type = "string"))
              }))
  @Refuses({
    ProblemType.NOT_FOUND,
    ProblemType.TOO_MANY_ROWS,
    ProblemType.HISTORY_UNAVAILABLE,
    ProblemType.TOO_BUSY
  })
  @GetMapping(value = "/v1/usage", produces = MediaType.APPLICATION_JSON_VALUE)
  UsageReport usage(
      @Parameter(description = "Account id; all accounts if absent.", example = "acme")
          @RequestParam(name = "account", required = false)
          @Nullable String account,
      @Parameter(description = "Only the key of this name.")
          @RequestParam(name = "key", required = false)
          @Nullable String key,
      @Parameter(description = "Only the keys that this team has now, by its id.")
          @RequestParam(name = "team", required = false)
          @Nullable String team,
      @Parameter(description = "Only this model, by exact name.")
          @RequestParam(name = "model", required = false)
          @Nullable String model,
      @Parameter(
              description =
                  "First instant, RFC 3339; the beginning of the account's month if absent.",
              example = "2026-11-01T00:00:00Z")
          @RequestParam(name = "from", required = false)
          @Nullable String from,
      @Parameter(
              description = "First instant after, RFC 3339; all usage so far if absent.",
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
          @Nullable String granularity,
      @Parameter(
              description =
                  "What else gets rows of its own: key, team, model, or several with commas.",
              example = "key,model")
          @RequestParam(name = "groupBy", required = false)
          @Nullable String groupBy,
      @Parameter(
              description =
                  "Sequence number that the answer must have reached, as asOf.sequence has it; it is"
                      + " waited for, 10 s at most.",
              example = "4711")
          @RequestParam(name = "minAsOf", required = false)
          @Nullable String minAsOf,
      @Parameter(
              description =
                  "What rows are sorted by; start if absent. tokens are inputTokens and"
                      + " outputTokens together; what is equal stands by bucket and group.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"start", "cost", "requests", "tokens"}))
          @RequestParam(name = "sort", required = false)
          @Nullable String sort,
      @Parameter(
              description = "Ascending or descending; asc if absent.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"asc", "desc"}))
          @RequestParam(name = "order", required = false)
          @Nullable String order,
      @Parameter(
              description = "Page size, 1 to 1,000; all rows, 50,000 at most, if absent.",
              example = "100")
          @RequestParam(name = "limit", required = false)
          @Nullable String limit,
      @Parameter(description = "The previous page's next; with the same to, and with limit.")
          @RequestParam(name = "cursor", required = false)
          @Nullable String cursor) {
    return report(
        question(account, key, team, model, from, to, granularity, groupBy),
        minAsOf,
        new UsageOrder(UsageOrder.sort(sort), Paging.descending(order)),
        limit,
        cursor);
  }

  @Operation(hidden = true)
  @GetMapping(value = "/v1/usage", produces = Csv.MEDIA_TYPE)
  ResponseEntity<String> usageAsCsv(
      @RequestParam(name = "account", required = false) @Nullable String account,
      @RequestParam(name = "key", required = false) @Nullable String key,
      @RequestParam(name = "team", required = false) @Nullable String team,
      @RequestParam(name = "model", required = false) @Nullable String model,
      @RequestParam(name = "from", required = false) @Nullable String from,
      @RequestParam(name = "to", required = false) @Nullable String to,
      @RequestParam(name = "granularity", required = false) @Nullable String granularity,
      @RequestParam(name = "groupBy", required = false) @Nullable String groupBy,
      @RequestParam(name = "minAsOf", required = false) @Nullable String minAsOf,
      @RequestParam(name = "sort", required = false) @Nullable String sort,
      @RequestParam(name = "order", required = false) @Nullable String order,
      @RequestParam(name = "limit", required = false) @Nullable String limit,
      @RequestParam(name = "cursor", required = false) @Nullable String cursor) {
    UsageReport report =
        report(
            question(account, key, team, model, from, to, granularity, groupBy),
            minAsOf,
            new UsageOrder(UsageOrder.sort(sort), Paging.descending(order)),
            limit,
            cursor);
    ResponseEntity.BodyBuilder answer = ResponseEntity.ok();
    if (report.next() != null) {
      answer.header("X-Next-Cursor", report.next());
    }
    return answer
        .contentType(MediaType.parseMediaType(Csv.MEDIA_TYPE + ";charset=UTF-8"))
        .header("X-As-Of-Sequence", Long.toString(report.asOf().sequence()))
        .body(UsageCsv.of(report.rows()));
  }

  private static UsageService.Question question(
      @Nullable String account,
      @Nullable String key,
      @Nullable String team,
      @Nullable String model,
      @Nullable String from,
      @Nullable String to,
      @Nullable String granularity,
      @Nullable String groupBy) {
    Set<String> groups = groups(groupBy);
    return new UsageService.Question(
        filter("account", account),
        filter("key", key),
        filter("team", team),
        filter("model", model),
        Parameters.instant("from", from),
        Parameters.instant("to", to),
        granularity(granularity),
        groups.contains("key"),
        groups.contains("team"),
        groups.contains("model"));
  }

  private UsageReport report(
      UsageService.Question question,
      @Nullable String minAsOf,
      UsageOrder order,
      @Nullable String limit,
      @Nullable String cursor) {
    Integer size = limit == null ? null : Paging.size(limit);
    if (cursor != null && size == null) {
      throw ProblemException.parameter("cursor", "needs limit, the size of a page");
    }
    Instant now = clock.instant();
    UsageAnswer answer = fresh(question, MinimumAsOf.read(minAsOf));
    Page<UsageSum> page = order.page(answer.sums(), size, cursor);
    return new UsageReport(
        page.shown(Row::of), page.next(), freshness.of(answer.sequence(), now, answer.exact()));
  }

  /** Asks until the answer is as far as wanted; history lags by a moment. */
  private UsageAnswer fresh(UsageService.Question question, long minAsOf) {
    UsageAnswer answer = service.answer(question);
    long deadline = System.nanoTime() + MinimumAsOf.PATIENCE.toNanos();
    while (answer.sequence() < minAsOf || (minAsOf > 0 && !answer.exact())) {
      if (System.nanoTime() > deadline) {
        throw MinimumAsOf.tooEarly(minAsOf, answer.sequence());
      }
      Waiting.until(() -> false, LOOK_AGAIN);
      answer = service.answer(question);
    }
    return answer;
  }

  private static @Nullable String filter(String name, @Nullable String value) {
    if (value != null && value.length() > LONGEST_FILTER) {
      throw ProblemException.parameter(
          name, "may have at most %d characters".formatted(LONGEST_FILTER));
    }
    return Parameters.text(value);
  }

  private static @Nullable Granularity granularity(@Nullable String code) {
    if (Parameters.text(code) == null || code == null) {
      return null;
    }
    return Granularity.of(code)
        .orElseThrow(
            () ->
                ProblemException.parameter("granularity", "must be one of " + Granularity.codes()));
  }

  private static Set<String> groups(@Nullable String groupBy) {
    Set<String> groups = new TreeSet<>();
    if (groupBy != null) {
      for (String group : groupBy.split(",", -1)) {
        if (!group.isBlank() && !GROUPS.contains(group.strip())) {
          throw ProblemException.parameter("groupBy", "may hold key, team and model, with commas");
        }
        groups.add(group.strip());
      }
    }
    return groups;
  }
}
