package dev.taximeter.api.alerts;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.Cursors;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.event.Alert;
import dev.taximeter.contract.event.AlertMark;
import dev.taximeter.contract.event.Incident;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Which thresholds of which quotas usage has reached. */
@RestController
@Tag(name = "Alerts")
public final class AlertsController {
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private final AlertHistory history;
  private final AccountDirectory directory;
  private final Incidents incidents;
  private final Marks marks;
  private final Clock clock;

  public AlertsController(
      AlertHistory history,
      AccountDirectory directory,
      Incidents incidents,
      Marks marks,
      Clock clock) {
    this.history = history;
    this.directory = directory;
    this.incidents = incidents;
    this.marks = marks;
    this.clock = clock;
  }

  @Schema(
      name = "Alert",
      description = "Usage has reached a threshold: one per quota, window and threshold.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record AlertView(
      @Schema(example = "0f8fad5b-d9cb-369f-a165-70867728950e") String id,
      @Schema(example = "acme") String account,
      @Schema(description = "The quota's id.", example = "acme-month") String quota,
      @Schema(
              type = "string",
              allowableValues = {
                "total_tokens",
                "input_tokens",
                "output_tokens",
                "requests",
                "cost"
              },
              example = "cost")
          Quota.Metric metric,
      @Schema(
              type = "string",
              allowableValues = {"minute", "hour", "day", "week", "month"},
              example = "month")
          Quota.Window window,
      @Schema(description = "Only usage of the key of this name; absent: of all.")
          @Nullable String key,
      @Schema(description = "Only usage of this model; absent: of all.") @Nullable String model,
      @Schema(
              description =
                  "The window in the account's zone: a month, an ISO week or a day; of an hour or a"
                      + " minute its start in UTC.",
              example = "2026-11")
          String period,
      @Schema(description = "First instant.") Instant periodStart,
      @Schema(description = "First instant after.") Instant periodEnd,
      @Schema(description = "Percent of the limit.", example = "80") int threshold,
      @Schema(
              description = "As it was then: tokens, requests, or money in the currency.",
              type = "string",
              example = "100")
          BigDecimal limit,
      @Schema(
              description = "Of the window, with the request that reached the threshold.",
              type = "string",
              example = "80.25")
          BigDecimal value,
      @Schema(description = "ISO 4217; absent unless cost is limited.", example = "USD")
          @Nullable String currency,
      @Schema(
              description =
                  "When the request that reached it completed; when the quota was changed, if that"
                      + " did.")
          Instant crossedAt,
      @Schema(
              description =
                  "Identity of that request's line; absent if a change of the quota reached it.",
              example = "9f86d081884c7d659a2feaa0c55ad015")
          @Nullable String line,
      @Schema(description = "Whether the window had ended before the line was read.") boolean late,
      @Schema(description = "The account's sequence number with that request.") long sequence,
      @Schema(description = "When the account's writer decided.") Instant decidedAt,
      @Schema(description = "Milliseconds from reading the line to the decision.", example = "214")
          @Nullable Long delayMillis,
      @Schema(description = "Who looks at it; absent if nobody said so.")
          @Nullable Acknowledged acknowledged) {
    static AlertView of(Alert alert, @Nullable AlertMark mark) {
      Instant arrival = alert.arrival();
      return new AlertView(
          alert.id(),
          alert.account(),
          alert.quota(),
          alert.metric(),
          alert.window(),
          alert.key(),
          alert.model(),
          alert.period(),
          alert.periodStart(),
          alert.periodEnd(),
          alert.threshold(),
          alert.limit(),
          alert.value(),
          alert.metric() == Quota.Metric.COST ? alert.currency() : null,
          alert.crossedAt(),
          alert.line(),
          alert.late(),
          alert.sequence(),
          alert.decidedAt(),
          arrival == null ? null : Duration.between(arrival, alert.decidedAt()).toMillis(),
          Acknowledged.of(mark));
    }
  }

  @Schema(description = "Somebody looks at an alert.")
  record Acknowledged(
      @Schema(example = "admin") String by,
      @Schema(description = "When.") Instant at,
      @Schema(example = "on it") String note) {
    static @Nullable Acknowledged of(@Nullable AlertMark mark) {
      return mark == null ? null : new Acknowledged(mark.author(), mark.at(), mark.note());
    }
  }

  @Schema(description = "What whoever looks at an alert says.")
  record AcknowledgementNote(
      @Schema(description = "500 characters at most.", example = "on it") @Nullable String note) {}

  @Schema(description = "One page of alerts.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record AlertPage(
      List<AlertView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next) {}

  @Operation(
      summary = "List alerts",
      description =
          """
          Thresholds of quotas that usage has reached, newest first. Each comes once, whatever is \
          killed or shipped again; usage that arrives after its window has ended alerts, too, and \
          is marked late. An alert appears once it has landed, a moment after its usage.\
          """)
  @Refuses({ProblemType.NOT_FOUND, ProblemType.HISTORY_UNAVAILABLE})
  @GetMapping("/v1/alerts")
  AlertPage list(
      @Parameter(description = "Only of this account.", example = "acme")
          @RequestParam(name = "account", required = false)
          @Nullable String account,
      @Parameter(description = "Only of this quota, by its id.", example = "acme-month")
          @RequestParam(name = "quota", required = false)
          @Nullable String quota,
      @Parameter(
              description = "First instant of crossing, RFC 3339.",
              example = "2026-11-01T00:00:00Z")
          @RequestParam(name = "from", required = false)
          @Nullable String from,
      @Parameter(description = "First instant after, RFC 3339.", example = "2026-12-01T00:00:00Z")
          @RequestParam(name = "to", required = false)
          @Nullable String to,
      @Parameter(hidden = true) @Listing.By(value = "instant of crossing", descending = true)
          Listing listing) {
    AlertHistory.Query query =
        new AlertHistory.Query(
            account == null ? null : directory.account(account).id(),
            quota,
            Parameters.instant("from", from),
            Parameters.instant("to", to),
            listing.descending(),
            Cursors.moment(listing.cursor()));
    int size = listing.size();
    Page<Alert> page = Page.of(history.page(query, size + 1), size, AlertsController::cursor);
    return new AlertPage(
        page.shown(alert -> AlertView.of(alert, marks.acknowledgement(alert.id()))), page.next());
  }

  @Operation(
      summary = "Acknowledge an alert or an incident",
      description =
          "Says that somebody looks at it. It changes nothing else; the last one who says so is"
              + " shown.")
  @Refuses(ProblemType.HISTORY_UNAVAILABLE)
  @PostMapping("/v1/alerts/{alert}/acknowledgement")
  Acknowledged acknowledge(
      @Parameter(
              description = "Id of an alert or an incident.",
              example = "0f8fad5b-d9cb-369f-a165-70867728950e")
          @PathVariable("alert")
          String id,
      @RequestBody AcknowledgementNote body,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    String note = Parameters.note("note", body.note());
    String account = accountOf(id);
    if (account == null) {
      throw ProblemException.of(
          ProblemType.NOT_FOUND,
          "There is no such alert; GET /v1/alerts and GET /v1/incidents list all.");
    }
    AlertMark mark =
        new AlertMark(
            AlertMark.Type.ACKNOWLEDGEMENT,
            id,
            account.isEmpty() ? null : account,
            null,
            null,
            clock.instant(),
            null,
            caller.name(),
            note);
    MutesController.keep(marks, mark);
    return new Acknowledged(mark.author(), mark.at(), mark.note());
  }

  /** {@return the account of an alert; empty if the installation; null if there is none} */
  private @Nullable String accountOf(String id) {
    if (!ID.matcher(id).matches()) {
      return null;
    }
    Incident incident = incidents.find(id);
    if (incident != null) {
      String account = incident.account();
      return account == null ? "" : account;
    }
    Alert alert = history.find(id);
    return alert == null ? null : alert.account();
  }

  private static String cursor(Alert alert) {
    return new Cursors.Moment(alert.crossedAt(), alert.id()).encoded();
  }
}
