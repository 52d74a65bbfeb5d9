package dev.taximeter.api.usage;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.taximeter.api.web.Cursors;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.DecimalNode;

/**
 * Usage and costs in the shape of OpenAI's organization API, for tools that read that one. A
 * project is an account, an API key's id is its name. Buckets are UTC's.
 */
@RestController
@Tag(name = "Aliases")
public final class OrganizationController {
  private static final int LONGEST_FILTER = 500;

  /** Unix seconds that instants can hold well. */
  private static final long LAST_SECOND = 253_402_300_799L;

  private final UsageService service;
  private final Clock clock;

  public OrganizationController(UsageService service, Clock clock) {
    this.service = service;
    this.clock = clock;
  }

  /** A width of buckets, with OpenAI's bounds of a page. */
  private enum Width {
    MINUTE("1m", Duration.ofMinutes(1), Granularity.MINUTE, 60, 1_440),
    HOUR("1h", Duration.ofHours(1), Granularity.HOUR, 24, 168),
    // Days are those of each account's zone elsewhere; here they are put together from UTC's hours.
    DAY("1d", Duration.ofDays(1), Granularity.HOUR, 7, 31);

    private final String code;
    private final Duration length;
    private final Granularity read;
    private final int usual;
    private final int most;

    Width(String code, Duration length, Granularity read, int usual, int most) {
      this.code = code;
      this.length = length;
      this.read = read;
      this.usual = usual;
      this.most = most;
    }

    static Width of(@Nullable String code) {
      for (Width width : values()) {
        if (width.code.equals(code == null ? DAY.code : code)) {
          return width;
        }
      }
      throw ProblemException.parameter("bucket_width", "must be 1m, 1h or 1d");
    }
  }

  @Schema(name = "OrganizationUsage", description = "Usage of one group in a bucket.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record UsageResult(
      @Schema(example = "organization.usage.completions.result") String object,
      @JsonProperty("input_tokens") @Schema(description = "Cached ones included.") long inputTokens,
      @JsonProperty("input_cached_tokens") @Schema(description = "Of these: read from a cache.")
          long inputCachedTokens,
      @JsonProperty("input_cache_write_tokens")
          @Schema(description = "Of these: written to a cache.")
          long inputCacheWriteTokens,
      @JsonProperty("output_tokens") @Schema(description = "Reasoning included.") long outputTokens,
      @JsonProperty("num_model_requests") @Schema(description = "Billed requests.")
          long numModelRequests,
      @JsonProperty("project_id") @Schema(description = "The account; with group_by=project_id.")
          @Nullable String projectId,
      @JsonProperty("api_key_id") @Schema(description = "The key's name; with group_by=api_key_id.")
          @Nullable String apiKeyId,
      @Schema(description = "With group_by=model.") @Nullable String model) {}

  @Schema(name = "OrganizationAmount", description = "Money, as a JSON number like OpenAI's.")
  record Amount(
      @Schema(type = "number", implementation = BigDecimal.class, example = "0.06") JsonNode value,
      @Schema(description = "ISO 4217 code in lower case.", example = "usd") String currency) {}

  @Schema(name = "OrganizationCost", description = "Cost of one group in a day.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record CostResult(
      @Schema(example = "organization.costs.result") String object,
      Amount amount,
      @JsonProperty("line_item") @Schema(description = "The model; with group_by=line_item.")
          @Nullable String lineItem,
      @JsonProperty("project_id") @Schema(description = "The account; with group_by=project_id.")
          @Nullable String projectId) {}

  @Schema(name = "OrganizationUsageBucket", description = "Usage of a bucket.")
  record UsageBucket(
      @Schema(example = "bucket") String object,
      @JsonProperty("start_time") @Schema(description = "Unix seconds.") long startTime,
      @JsonProperty("end_time") @Schema(description = "Unix seconds, exclusive.") long endTime,
      List<UsageResult> results) {}

  @Schema(name = "OrganizationCostBucket", description = "Costs of a day.")
  record CostBucket(
      @Schema(example = "bucket") String object,
      @JsonProperty("start_time") @Schema(description = "Unix seconds.") long startTime,
      @JsonProperty("end_time") @Schema(description = "Unix seconds, exclusive.") long endTime,
      List<CostResult> results) {}

  @Schema(name = "OrganizationUsagePage", description = "One page of buckets, ascending.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record UsagePage(
      @Schema(example = "page") String object,
      List<UsageBucket> data,
      @JsonProperty("has_more") @Schema(example = "false") boolean hasMore,
      @JsonProperty("next_page") @Schema(description = "Pass as page; absent on the last.")
          @Nullable String nextPage) {}

  @Schema(name = "OrganizationCostPage", description = "One page of days, ascending.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record CostPage(
      @Schema(example = "page") String object,
      List<CostBucket> data,
      @JsonProperty("has_more") @Schema(example = "false") boolean hasMore,
      @JsonProperty("next_page") @Schema(description = "Pass as page; absent on the last.")
          @Nullable String nextPage) {}

  /** Buckets of one page, and what was used in them. */
  private record Found(
      Map<Long, Map<List<String>, UsageSum>> buckets, long seconds, @Nullable String next) {}

  @Operation(
      summary = "Read usage as OpenAI's organization API has it",
      description =
          """
          An alias of GET /v1/usage. project_id is the account, api_key_id the key's name. Of the \
          plural filters each takes one value; group_by takes project_id, api_key_id and model, with \
          commas. There are no users, batches and service tiers. Usage of unknown keys is not shown.""")
  @Refuses({ProblemType.NOT_FOUND, ProblemType.TOO_MANY_ROWS, ProblemType.HISTORY_UNAVAILABLE})
  @GetMapping("/v1/organization/usage/completions")
  UsagePage usage(
      @Parameter(description = "First instant, Unix seconds.", example = "1793491200")
          @RequestParam(name = "start_time")
          String startTime,
      @Parameter(description = "First instant after, Unix seconds; now if absent.")
          @RequestParam(name = "end_time", required = false)
          @Nullable String endTime,
      @Parameter(
              description = "1d if absent.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"1m", "1h", "1d"}))
          @RequestParam(name = "bucket_width", required = false)
          @Nullable String bucketWidth,
      @Parameter(description = "Only this account.", example = "acme")
          @RequestParam(name = "project_ids", required = false)
          @Nullable String project,
      @Parameter(description = "Only the key of this name.")
          @RequestParam(name = "api_key_ids", required = false)
          @Nullable String apiKey,
      @Parameter(description = "Only this model, by exact name.")
          @RequestParam(name = "models", required = false)
          @Nullable String model,
      @Parameter(description = "project_id, api_key_id, model, or several with commas.")
          @RequestParam(name = "group_by", required = false)
          @Nullable String groupBy,
      @Parameter(
              description =
                  "Buckets on a page: 60, 24 or 7 if absent, at most 1440, 168 or 31, by width.")
          @RequestParam(name = "limit", required = false)
          @Nullable String limit,
      @Parameter(description = "next_page of the page before.")
          @RequestParam(name = "page", required = false)
          @Nullable String page) {
    Set<String> groups = groups(groupBy, Set.of("project_id", "api_key_id", "model"));
    Width width = Width.of(bucketWidth);
    Found found =
        find(
            new UsageService.Question(
                filter("project_ids", project),
                filter("api_key_ids", apiKey),
                null,
                filter("models", model),
                null,
                null,
                width.read,
                groups.contains("api_key_id"),
                false,
                groups.contains("model")),
            groups.contains("project_id"),
            false,
            width,
            times(startTime, endTime),
            size(limit, width.usual, width.most),
            page);
    List<UsageBucket> buckets = new ArrayList<>();
    found.buckets.forEach(
        (start, sums) ->
            buckets.add(
                new UsageBucket(
                    "bucket",
                    start,
                    start + found.seconds,
                    sums.values().stream().map(sum -> usage(sum, groups)).toList())));
    return new UsagePage("page", buckets, found.next != null, found.next);
  }

  private static UsageResult usage(UsageSum sum, Set<String> groups) {
    return new UsageResult(
        "organization.usage.completions.result",
        sum.tokens().inputTokens(),
        sum.tokens().cachedInput(),
        sum.tokens().cacheWrite(),
        sum.tokens().outputTokens(),
        sum.requests(),
        groups.contains("project_id") ? sum.account() : null,
        sum.key(),
        sum.model());
  }

  @Operation(
      summary = "Read costs as OpenAI's organization API has it",
      description =
          """
          An alias of GET /v1/usage: usage cost before credits, by UTC day and currency, as JSON \
          numbers with all digits. group_by takes project_id, the account, and line_item, the model. \
          Of project_ids one value is taken.""")
  @Refuses({ProblemType.NOT_FOUND, ProblemType.TOO_MANY_ROWS, ProblemType.HISTORY_UNAVAILABLE})
  @GetMapping("/v1/organization/costs")
  CostPage costs(
      @Parameter(description = "First instant, Unix seconds.", example = "1793491200")
          @RequestParam(name = "start_time")
          String startTime,
      @Parameter(description = "First instant after, Unix seconds; now if absent.")
          @RequestParam(name = "end_time", required = false)
          @Nullable String endTime,
      @Parameter(
              description = "Days only.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"1d"}))
          @RequestParam(name = "bucket_width", required = false)
          @Nullable String bucketWidth,
      @Parameter(description = "Only this account.", example = "acme")
          @RequestParam(name = "project_ids", required = false)
          @Nullable String project,
      @Parameter(description = "project_id, line_item, or both with a comma.")
          @RequestParam(name = "group_by", required = false)
          @Nullable String groupBy,
      @Parameter(description = "Days on a page, 1 to 180; 7 if absent.")
          @RequestParam(name = "limit", required = false)
          @Nullable String limit,
      @Parameter(description = "next_page of the page before.")
          @RequestParam(name = "page", required = false)
          @Nullable String page) {
    int mostDays = 180;
    if (bucketWidth != null && !bucketWidth.equals(Width.DAY.code)) {
      throw ProblemException.parameter("bucket_width", "must be 1d");
    }
    Set<String> groups = groups(groupBy, Set.of("project_id", "line_item"));
    Found found =
        find(
            new UsageService.Question(
                filter("project_ids", project),
                null,
                null,
                null,
                null,
                null,
                Width.DAY.read,
                false,
                false,
                groups.contains("line_item")),
            groups.contains("project_id"),
            true,
            Width.DAY,
            times(startTime, endTime),
            size(limit, Width.DAY.usual, mostDays),
            page);
    List<CostBucket> buckets = new ArrayList<>();
    found.buckets.forEach(
        (start, sums) ->
            buckets.add(
                new CostBucket(
                    "bucket",
                    start,
                    start + found.seconds,
                    sums.values().stream().map(sum -> cost(sum, groups)).toList())));
    return new CostPage("page", buckets, found.next != null, found.next);
  }

  private static CostResult cost(UsageSum sum, Set<String> groups) {
    return new CostResult(
        "organization.costs.result",
        new Amount(DecimalNode.valueOf(sum.cost()), sum.currency().toLowerCase(Locale.ROOT)),
        sum.model(),
        groups.contains("project_id") ? sum.account() : null);
  }

  private record Times(long start, long end) {}

  private Times times(String startTime, @Nullable String endTime) {
    long start = seconds("start_time", startTime);
    long end =
        endTime == null ? clock.instant().getEpochSecond() + 1 : seconds("end_time", endTime);
    if (start >= end) {
      throw ProblemException.parameter("start_time", "must be before end_time, which is " + end);
    }
    return new Times(start, end);
  }

  private static long seconds(String name, String text) {
    try {
      long seconds = Long.parseLong(text);
      if (seconds >= 0 && seconds <= LAST_SECOND) {
        return seconds;
      }
    } catch (NumberFormatException e) {
      // Reported below.
    }
    throw ProblemException.parameter(name, "must be a time in Unix seconds, such as 1793491200");
  }

  private static int size(@Nullable String limit, int usual, int most) {
    try {
      int size = limit == null ? usual : Integer.parseInt(limit);
      if (size >= 1 && size <= most) {
        return size;
      }
    } catch (NumberFormatException e) {
      // Reported below.
    }
    throw ProblemException.parameter("limit", "must be a whole number from 1 to " + most);
  }

  private static @Nullable String filter(String name, @Nullable String value) {
    if (value != null && value.length() > LONGEST_FILTER) {
      throw ProblemException.parameter(
          name, "may have at most %d characters".formatted(LONGEST_FILTER));
    }
    return Parameters.text(value);
  }

  private static Set<String> groups(@Nullable String groupBy, Set<String> known) {
    Set<String> groups = new TreeSet<>();
    for (String group : groupBy == null ? new String[0] : groupBy.split(",", -1)) {
      if (!known.contains(group.strip())) {
        throw ProblemException.parameter(
            "group_by",
            "may hold %s, with commas".formatted(String.join(", ", new TreeSet<>(known))));
      }
      groups.add(group.strip());
    }
    return groups;
  }

  /**
   * @param byAccount whether accounts are told apart
   * @param byCurrency whether currencies are; money of two is never added up
   */
  private Found find(
      UsageService.Question like,
      boolean byAccount,
      boolean byCurrency,
      Width width,
      Times times,
      int size,
      @Nullable String page) {
    long seconds = width.length.toSeconds();
    String place = Cursors.decoded(page);
    long from = place == null ? times.start : Math.max(times.start, seconds("page", place));
    long first = from - from % seconds;
    long after = Math.min(times.end, first + size * seconds);
    if (from >= after) {
      throw ProblemException.parameter("page", "must be next_page of the page before");
    }
    Map<Long, Map<List<String>, UsageSum>> buckets = new LinkedHashMap<>();
    for (long start = first; start < after; start += seconds) {
      buckets.put(start, new TreeMap<>(OrganizationController::order));
    }
    UsageAnswer answer =
        service.answer(
            new UsageService.Question(
                like.account(),
                like.key(),
                null,
                like.model(),
                Instant.ofEpochSecond(from),
                Instant.ofEpochSecond(after),
                like.granularity(),
                like.byKey(),
                false,
                like.byModel()));
    for (UsageSum sum : answer.sums()) {
      long second = Math.floorDiv(sum.start(), 1_000L);
      long start = Math.max(first, second - Math.floorMod(second, seconds));
      List<String> group =
          List.of(
              byAccount ? sum.account() : "",
              byCurrency ? sum.currency() : "",
              sum.key() == null ? "" : sum.key(),
              sum.model() == null ? "" : sum.model());
      buckets
          .computeIfAbsent(start, any -> new TreeMap<>(OrganizationController::order))
          .merge(group, sum, UsageSum::plus);
    }
    return new Found(
        buckets, seconds, after < times.end ? Cursors.encoded(Long.toString(after)) : null);
  }

  static int order(List<String> one, List<String> other) {
    for (int i = 0; i < one.size(); i++) {
      int order = one.get(i).compareTo(other.get(i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }
}
