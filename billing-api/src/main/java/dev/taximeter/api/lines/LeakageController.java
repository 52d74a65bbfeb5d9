package dev.taximeter.api.lines;

import com.fasterxml.jackson.annotation.JsonInclude;
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
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Answers that the provider charges for and nobody pays. */
@RestController
@Tag(name = "Lines")
public final class LeakageController {
  private static final Set<String> GROUPS = Set.of("key", "model", "reason");
  static final int LONGEST_ACCOUNT = 100;

  private final LineService service;
  private final Freshness freshness;
  private final Clock clock;

  public LeakageController(LineService service, Freshness freshness, Clock clock) {
    this.service = service;
    this.freshness = freshness;
    this.clock = clock;
  }

  @Schema(description = "Leakage of one group.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record LeakageRow(
      @Schema(
              description =
                  "The account whose key it is by the catalogue of now; unattributed:… if the key"
                      + " is in no account, or absent.",
              example = "acme")
          String account,
      @Schema(
              description = "The key's name, empty if the line had no key; only with groupBy=key.",
              example = "acme-prod")
          @Nullable String key,
      @Schema(
              description =
                  "Empty if the line does not tell it, which is the rule; only with groupBy=model.",
              example = "qwen-max")
          @Nullable String model,
      @Schema(
              description =
                  "client-left: broken off before the counts arrived; success-without-usage: a good"
                      + " answer without counts. Only with groupBy=reason.",
              example = "client-left")
          @Nullable String reason,
      @Schema(description = "Answers without counts.", example = "3") long lines) {}

  @Schema(description = "How fresh an answer about lines is.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record LinesAsOf(
      @Schema(description = "When the answer was made.", example = "2026-11-24T09:30:00.123Z")
          Instant time,
      @Schema(
              description =
                  "When the latest line arrived that has landed without being billed; absent if"
                      + " none did within two days.",
              example = "2026-11-24T09:29:58.204Z")
          @Nullable Instant latestArrival,
      Completeness completeness) {}

  @Schema(description = "Leakage by account and what groupBy names; in that order.")
  record LeakageReport(
      List<LeakageRow> rows,
      @Schema(description = "Sum over the rows.", example = "12") long total,
      LinesAsOf asOf) {}

  @Operation(
      summary = "Read leakage",
      description =
          """
          Answers that the provider charges for although the log has no counts of them: broken off \
          by the client or the upstream, or good and without a usage report. Lines are counted, \
          tokens are never estimated. A line counts at its completion, or at its arrival if it does \
          not tell when it completed. Groups without leakage have no row.""")
  @Refuses({ProblemType.NOT_FOUND, ProblemType.TOO_MANY_ROWS, ProblemType.HISTORY_UNAVAILABLE})
  @GetMapping("/v1/leakage")
  LeakageReport leakage(
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
              description =
                  "What else gets rows of its own: key, model, reason, or several with commas.",
              example = "key,reason")
          @RequestParam(name = "groupBy", required = false)
          @Nullable String groupBy) {
    Set<String> groups = groups(groupBy);
    String payer = account(account);
    LineService.Range range =
        service.range(payer, Parameters.instant("from", from), Parameters.instant("to", to));
    Instant now = clock.instant();
    Instant latest = service.latestArrival();
    List<LeakageRow> rows =
        service
            .leakage(
                payer,
                range,
                groups.contains("key"),
                groups.contains("model"),
                groups.contains("reason"))
            .stream()
            .map(
                leak ->
                    new LeakageRow(
                        leak.account(), leak.key(), leak.model(), leak.reason(), leak.lines()))
            .toList();
    return new LeakageReport(
        rows,
        rows.stream().mapToLong(LeakageRow::lines).sum(),
        new LinesAsOf(now, latest, freshness.completeness()));
  }

  static @Nullable String account(@Nullable String account) {
    if (account != null && account.length() > LONGEST_ACCOUNT) {
      throw ProblemException.parameter(
          "account", "may have at most %d characters".formatted(LONGEST_ACCOUNT));
    }
    return Parameters.text(account);
  }

  private static Set<String> groups(@Nullable String groupBy) {
    Set<String> groups = new TreeSet<>();
    if (groupBy != null) {
      for (String group : groupBy.split(",", -1)) {
        if (!group.isBlank() && !GROUPS.contains(group.strip())) {
          throw ProblemException.parameter(
              "groupBy", "may hold key, model and reason, with commas");
        }
        groups.add(group.strip());
      }
    }
    return groups;
  }
}
