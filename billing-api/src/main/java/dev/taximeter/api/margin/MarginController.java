package dev.taximeter.api.margin;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.margin.MarginHistory.MarginQuery;
import dev.taximeter.api.margin.MarginHistory.MarginSum;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.contract.money.Decimals;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What is earned over what the provider charges, by account and model. */
@RestController
@Tag(name = "Margin")
public final class MarginController {
  private static final int MOST_ROWS = 10_000;
  private static final Set<String> GROUPS = new TreeSet<>(Set.of("account", "model"));

  private final MarginHistory history;
  private final Clock clock;

  public MarginController(MarginHistory history, Clock clock) {
    this.history = history;
    this.clock = clock;
  }

  @Schema(
      name = "MarginRow",
      description = "Requests with one currency of revenue and one of provider cost.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Row(
      @Schema(description = "Absent unless grouped by it.", example = "acme")
          @Nullable String account,
      @Schema(description = "Absent unless grouped by it.", example = "qwen-max")
          @Nullable String model,
      @Schema(example = "4711") long requests,
      @Schema(description = "ISO 4217 code of the revenue.", example = "USD") String currency,
      @Schema(description = "Exact cost to the account.", type = "string", example = "12.5")
          BigDecimal revenue,
      @Schema(
              description =
                  "ISO 4217 code of the provider cost; absent if no cost entry matched these"
                      + " requests.",
              example = "USD")
          @Nullable String costCurrency,
      @Schema(
              description = "Exact cost by the cost books; absent if it is not known.",
              type = "string",
              example = "7.25")
          @Nullable BigDecimal cost,
      @Schema(
              description =
                  "revenue - cost; absent if the cost is not known or in another currency.",
              type = "string",
              example = "5.25")
          @Nullable BigDecimal margin) {
    static Row of(MarginSum sum) {
      boolean known = !sum.costCurrency().isEmpty();
      BigDecimal revenue = Decimals.canonical(sum.revenue());
      BigDecimal cost = known ? Decimals.canonical(sum.cost()) : null;
      return new Row(
          orNull(sum.account()),
          orNull(sum.model()),
          sum.requests(),
          sum.currency(),
          revenue,
          orNull(sum.costCurrency()),
          cost,
          cost != null && sum.costCurrency().equals(sum.currency())
              ? Decimals.canonical(revenue.subtract(cost))
              : null);
    }

    private static @Nullable String orNull(String text) {
      return text.isEmpty() ? null : text;
    }
  }

  @Schema(description = "Margins, as far as usage has landed.")
  record Margins(List<Row> rows) {}

  @Operation(
      summary = "Read margins",
      description =
          """
          What accounts pay less what the provider charges by the cost books. Requests whose provider \
          cost is not known stand in rows of their own, without cost and margin. Usage that nobody \
          has claimed is left out. From landed usage, so a moment behind the balance.""")
  @Refuses({ProblemType.NOT_FOUND, ProblemType.TOO_MANY_ROWS, ProblemType.HISTORY_UNAVAILABLE})
  @GetMapping("/v1/margin")
  Margins margin(
      @Parameter(description = "Account id.", example = "acme")
          @RequestParam(name = "account", required = false)
          @Nullable String account,
      @Parameter(description = "Model as the log names it.", example = "qwen-max")
          @RequestParam(name = "model", required = false)
          @Nullable String model,
      @Parameter(
              description = "First completion; the beginning of to's month, in UTC, if absent.",
              example = "2026-11-01T00:00:00Z")
          @RequestParam(name = "from", required = false)
          @Nullable String from,
      @Parameter(
              description = "First completion after; now if absent.",
              example = "2026-12-01T00:00:00Z")
          @RequestParam(name = "to", required = false)
          @Nullable String to,
      @Parameter(description = "account, model, or both; both if not given.")
          @RequestParam(name = "groupBy", defaultValue = "account,model")
          String groupBy) {
    Instant stated = Parameters.instant("to", to);
    Instant end = stated == null ? clock.instant() : stated;
    Instant begin = Parameters.instant("from", from);
    Instant start = begin == null ? monthOf(end) : begin;
    if (!start.isBefore(end)) {
      throw ProblemException.parameter("to", "must be after from");
    }
    List<String> groups = Arrays.stream(groupBy.split(",", -1)).filter(g -> !g.isBlank()).toList();
    for (String group : groups) {
      if (!GROUPS.contains(group)) {
        throw ProblemException.parameter("groupBy", "must be account, model or account,model");
      }
    }
    List<MarginSum> sums =
        history.sums(
            new MarginQuery(
                Parameters.text(account),
                Parameters.text(model),
                start,
                end,
                groups.contains("account"),
                groups.contains("model")),
            MOST_ROWS + 1);
    if (sums.size() > MOST_ROWS) {
      throw ProblemException.of(
          ProblemType.TOO_MANY_ROWS,
          "There are more than %,d rows; ask for one account or a shorter time."
              .formatted(MOST_ROWS));
    }
    return new Margins(sums.stream().map(Row::of).toList());
  }

  private static Instant monthOf(Instant end) {
    return YearMonth.from(end.minusNanos(1).atOffset(ZoneOffset.UTC))
        .atDay(1)
        .atStartOfDay(ZoneOffset.UTC)
        .toInstant();
  }
}
