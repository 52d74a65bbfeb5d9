package dev.taximeter.api.usage;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.web.AsOf;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.money.Decimals;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** A span at a glance. */
@RestController
@Tag(name = "Usage")
public final class OverviewController {
  private static final int USUAL_GROUPS = 10;
  private static final int MOST_GROUPS = 1_000;
  private static final int LONGEST_FILTER = 500;

  private final UsageHistory history;
  private final CatalogView catalog;
  private final Freshness freshness;
  private final Clock clock;

  public OverviewController(
      UsageHistory history, CatalogView catalog, Freshness freshness, Clock clock) {
    this.history = history;
    this.catalog = catalog;
    this.freshness = freshness;
    this.clock = clock;
  }

  /** What groups are ordered by. */
  private enum Measure {
    COST,
    TOKENS,
    REQUESTS;
  }

  @Schema(name = "OverviewCost", description = "Money of one currency; nothing is converted.")
  record Cost(
      @Schema(description = "ISO 4217 code.", example = "USD") String currency,
      @Schema(description = "Exact.", type = "string", example = "12.0241664") String amount) {}

  @Schema(name = "OverviewSum", description = "Billed usage.")
  record Sum(
      @Schema(example = "42") long requests,
      @Schema(description = "Prompt tokens.", example = "51200") long inputTokens,
      @Schema(description = "Answer tokens.", example = "8192") long outputTokens,
      List<Cost> costs) {
    static Sum of(Tally tally) {
      return new Sum(
          tally.requests(),
          tally.inputTokens(),
          tally.outputTokens(),
          tally.costs().entrySet().stream()
              .map(entry -> new Cost(entry.getKey(), Decimals.plain(entry.getValue())))
              .toList());
    }
  }

  @Schema(name = "OverviewBar", description = "Usage of one day or hour.")
  record Bar(
      @Schema(
              description = "The day in each account's zone, or the beginning of the hour in UTC.",
              example = "2026-11-24")
          String at,
      Sum sum) {}

  @Schema(name = "OverviewGroup", description = "Usage of one account, team, key or model.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Group(
      @Schema(description = "The account that it belongs to; absent for models.", example = "acme")
          @Nullable String account,
      @Schema(description = "Id or name; absent: keys that have no team.", example = "qwen-max")
          @Nullable String id,
      @Schema(description = "What people call it, if that differs.", example = "Acme GmbH")
          @Nullable String name,
      @Schema(
              description = "When the span begins in the account's zone; absent for models.",
              example = "2026-10-31T23:00:00Z")
          @Nullable Instant from,
      Sum sum,
      @Schema(description = "The same of the span before.") Sum before) {}

  @Schema(name = "OverviewOthers", description = "The groups that are not shown, together.")
  record Others(@Schema(example = "990") int groups, Sum sum, Sum before) {}

  @Schema(description = "A span at a glance, beside the one before.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record OverviewReport(
      @Schema(description = "When the span begins; only if one account was asked for.")
          @Nullable Instant from,
      @Schema(description = "First instant after the span.") Instant to,
      @Schema(
              description =
                  "The bar that goes on: today of the account's zone, of several zones the latest,"
                      + " or the hour of UTC. Bars in which nothing was used are not there.",
              example = "2026-11-24")
          String lastBar,
      @Schema(
              description = "The currency of most requests; absent if there are none.",
              example = "USD")
          @Nullable String currency,
      Sum total,
      @Schema(description = "As long a time before, up to the same point.") Sum before,
      List<Bar> bars,
      List<Group> groups,
      @Schema(description = "Absent if all groups are shown.") @Nullable Others others,
      AsOf asOf) {}

  @Operation(
      summary = "See a span at a glance",
      description =
          """
          Billed usage of a span that ends now: in all, by day or hour, and by the largest groups, \
          beside the span before. Days and months are those of each account's zone. Money of \
          different currencies stays apart. What it costs to answer does not grow with the number \
          of keys.\
          """)
  @Refuses({
    ProblemType.NOT_FOUND,
    ProblemType.TOO_MANY_ROWS,
    ProblemType.HISTORY_UNAVAILABLE,
    ProblemType.TOO_BUSY
  })
  @GetMapping("/v1/overview")
  OverviewReport overview(
      @Parameter(
              description = "The span; month if absent.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"24h", "7d", "30d", "month"}))
          @RequestParam(name = "span", required = false)
          @Nullable String span,
      @Parameter(
              description = "What gets a group of its own; account if absent.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"account", "team", "key", "model"}))
          @RequestParam(name = "groupBy", required = false)
          @Nullable String groupBy,
      @Parameter(
              description = "What makes a group large; tokens if absent.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"cost", "tokens", "requests"}))
          @RequestParam(name = "measure", required = false)
          @Nullable String measure,
      @Parameter(
              description =
                  "With measure=cost: of this currency; the one of most requests if absent.",
              example = "USD")
          @RequestParam(name = "currency", required = false)
          @Nullable String currency,
      @Parameter(description = "Groups shown, 1 to 1,000; 10 if absent.", example = "10")
          @RequestParam(name = "limit", required = false)
          @Nullable String limit,
      @Parameter(description = "Only this account.", example = "acme")
          @RequestParam(name = "account", required = false)
          @Nullable String account,
      @Parameter(description = "Only the keys that this team of the account has now.")
          @RequestParam(name = "team", required = false)
          @Nullable String team,
      @Parameter(description = "Only the key of this name.")
          @RequestParam(name = "key", required = false)
          @Nullable String key,
      @Parameter(description = "Only this model, by exact name.")
          @RequestParam(name = "model", required = false)
          @Nullable String model) {
    Overview.Question question =
        new Overview.Question(
            span(span),
            choice("groupBy", groupBy, Overview.By.values(), Overview.By.ACCOUNT),
            filter("account", account),
            filter("team", team),
            filter("key", key),
            filter("model", model));
    Measure by = choice("measure", measure, Measure.values(), Measure.TOKENS);
    int most = groups(limit);
    CatalogSnapshot snapshot = catalog.snapshot();
    requireTeam(snapshot, question);
    Instant now = clock.instant();
    Overview overview = new Overview(history, snapshot, now).read(question);
    return report(
        overview,
        snapshot,
        question.account(),
        comparator(by, currency, overview),
        most,
        now,
        question.by());
  }

  private OverviewReport report(
      Overview overview,
      CatalogSnapshot snapshot,
      @Nullable String account,
      Comparator<Tally> smallerFirst,
      int most,
      Instant now,
      Overview.By by) {
    List<Map.Entry<Overview.Group, Overview.Pair>> groups = overview.groups(smallerFirst);
    int shown = Math.min(most, groups.size());
    Names names = new Names(snapshot, by);
    List<Group> largest =
        groups.subList(0, shown).stream()
            .map(
                entry ->
                    new Group(
                        entry.getKey().account(),
                        entry.getKey().id(),
                        names.of(entry.getKey()),
                        overview.start(entry.getKey().account()),
                        Sum.of(entry.getValue().current()),
                        Sum.of(entry.getValue().before())))
            .toList();
    List<Bar> bars = new ArrayList<>();
    overview.bars().forEach((at, tally) -> bars.add(new Bar(at, Sum.of(tally))));
    return new OverviewReport(
        overview.start(account),
        now,
        overview.lastBar(),
        overview.current().mainCurrency(),
        Sum.of(overview.current()),
        Sum.of(overview.before()),
        bars,
        largest,
        shown == groups.size() ? null : others(groups.subList(shown, groups.size())),
        freshness.of(overview.sequence(), now, overview.exact()));
  }

  private static Others others(List<Map.Entry<Overview.Group, Overview.Pair>> groups) {
    Tally current = new Tally();
    Tally before = new Tally();
    for (Map.Entry<Overview.Group, Overview.Pair> group : groups) {
      current.add(group.getValue().current());
      before.add(group.getValue().before());
    }
    return new Others(groups.size(), Sum.of(current), Sum.of(before));
  }

  /** What people call accounts and teams; looked up once for all rows. */
  private record Names(CatalogSnapshot snapshot, Overview.By by) {
    @Nullable String of(Overview.Group group) {
      String account = group.account();
      if (account == null) {
        return null;
      }
      return switch (by) {
        case ACCOUNT -> nameOf(account);
        case TEAM ->
            snapshot.teams(account).stream()
                .filter(team -> team.id().equals(group.id()))
                .map(team -> team.name())
                .findFirst()
                .orElse(null);
        case KEY, MODEL -> null;
      };
    }

    private @Nullable String nameOf(String id) {
      Account account = snapshot.account(id);
      return account == null ? null : account.name();
    }
  }

  private static Comparator<Tally> comparator(
      Measure measure, @Nullable String currency, Overview overview) {
    return switch (measure) {
      case TOKENS -> Comparator.comparingLong(Tally::tokens);
      case REQUESTS -> Comparator.comparingLong(Tally::requests);
      case COST -> {
        String text = Parameters.text(currency);
        String main = overview.current().mainCurrency();
        String first = text != null ? text : main == null ? "" : main;
        yield Comparator.<Tally, BigDecimal>comparing(tally -> tally.cost(first))
            .thenComparingLong(Tally::tokens);
      }
    };
  }

  private static void requireTeam(CatalogSnapshot snapshot, Overview.Question question) {
    String team = question.team();
    if (team == null) {
      return;
    }
    String account = question.account();
    if (account == null
        || snapshot.teams(account).stream().noneMatch(known -> known.id().equals(team))) {
      throw ProblemException.parameter(
          "team", "must be the id of a team of the account that the parameter account names");
    }
  }

  private static Span span(@Nullable String code) {
    String text = Parameters.text(code);
    return text == null
        ? Span.MONTH
        : Span.of(text)
            .orElseThrow(
                () -> ProblemException.parameter("span", "must be one of " + Span.codes()));
  }

  private static <T extends Enum<T>> T choice(
      String name, @Nullable String code, T[] values, T usual) {
    String text = Parameters.text(code);
    if (text == null) {
      return usual;
    }
    return Arrays.stream(values)
        .filter(value -> value.name().toLowerCase(Locale.ROOT).equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                ProblemException.parameter(
                    name,
                    "must be one of "
                        + Arrays.stream(values)
                            .map(value -> value.name().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", "))));
  }

  private static int groups(@Nullable String limit) {
    if (limit == null) {
      return USUAL_GROUPS;
    }
    try {
      int groups = Integer.parseInt(limit);
      if (groups >= 1 && groups <= MOST_GROUPS) {
        return groups;
      }
    } catch (NumberFormatException e) {
      // Reported below, with the range.
    }
    throw ProblemException.parameter(
        "limit", "must be a whole number from 1 to %,d".formatted(MOST_GROUPS));
  }

  private static @Nullable String filter(String name, @Nullable String value) {
    if (value != null && value.length() > LONGEST_FILTER) {
      throw ProblemException.parameter(
          name, "may have at most %d characters".formatted(LONGEST_FILTER));
    }
    return Parameters.text(value);
  }
}
