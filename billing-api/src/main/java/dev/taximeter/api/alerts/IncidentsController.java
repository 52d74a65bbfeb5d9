package dev.taximeter.api.alerts;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.contract.event.Incident;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What is or was wrong for a while. */
@RestController
@Tag(name = "Alerts")
public final class IncidentsController {
  private final Incidents incidents;
  private final Marks marks;
  private final AccountDirectory directory;

  public IncidentsController(Incidents incidents, Marks marks, AccountDirectory directory) {
    this.incidents = incidents;
    this.marks = marks;
    this.directory = directory;
  }

  @Schema(name = "Incident", description = "Something that is or was wrong for a while.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record IncidentView(
      @Schema(example = "0f8fad5b-d9cb-469f-a165-70867728950e") String id,
      @Schema(
              allowableValues = {
                "balance-low",
                "balance-exhausted",
                "unpriced-model",
                "leakage",
                "tampering",
                "gap",
                "silent-source",
                "residual",
                "drift"
              },
              example = "gap")
          String kind,
      @Schema(description = "Whom it concerns; absent: the installation.") @Nullable String account,
      @Schema(description = "What it is about; empty if there is but one of its kind.")
          String subject,
      @Schema(description = "As things were when it began.") String text,
      @Schema(description = "Facts, as text: value, limit and what else there is to say.")
          Map<String, String> details,
      @Schema(allowableValues = {"open", "acknowledged", "resolved"}) String status,
      @Schema(description = "When it was found.") Instant since,
      @Schema(description = "When it was over.") @Nullable Instant resolvedAt,
      @Schema(description = "Who looks at it; absent if nobody said so.")
          AlertsController.@Nullable Acknowledged acknowledged) {}

  @Schema(description = "One page of incidents, newest first unless asked otherwise.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record IncidentPage(
      List<IncidentView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next) {}

  @Operation(
      summary = "List incidents",
      description =
          """
          What is wrong, and what was: balances, leakage, tampering, models without a price, gaps, \
          silent sources, lines without a fate, differences of the audit. Each begins once and ends \
          once. A token of one account sees what concerns its balance.\
          """)
  @Refuses(ProblemType.NOT_FOUND)
  @GetMapping("/v1/incidents")
  IncidentPage list(
      @Parameter(description = "Only of this account.", example = "acme")
          @RequestParam(name = "account", required = false)
          @Nullable String account,
      @Parameter(description = "Only of this status.", example = "open")
          @RequestParam(name = "status", required = false)
          @Nullable String status,
      @Parameter(hidden = true) @Listing.By(value = "beginning", descending = true) Listing listing,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    if (status != null && !List.of("open", "acknowledged", "resolved").contains(status)) {
      throw ProblemException.parameter("status", "must be open, acknowledged or resolved");
    }
    String only = account == null ? null : directory.account(account).id();
    Page<Incident> page =
        Page.of(
            incidents.all().stream()
                .filter(incident -> isSeen(incident, caller))
                .filter(incident -> only == null || only.equals(incident.account()))
                .filter(incident -> status == null || statusOf(incident).equals(status)),
            incident -> "%015d %s".formatted(incident.since().toEpochMilli(), incident.id()),
            listing);
    return new IncidentPage(page.shown(this::view), page.next());
  }

  @Operation(summary = "Read an incident")
  @GetMapping("/v1/incidents/{incident}")
  IncidentView get(
      @Parameter(description = "Incident id.", example = "0f8fad5b-d9cb-469f-a165-70867728950e")
          @PathVariable("incident")
          String id,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    Incident incident = incidents.find(id);
    if (incident == null || !isSeen(incident, caller)) {
      throw ProblemException.of(
          ProblemType.NOT_FOUND, "There is no such incident; GET /v1/incidents lists all.");
    }
    return view(incident);
  }

  private static boolean isSeen(Incident incident, Caller caller) {
    String own = caller.account();
    return own == null || (incident.kind().isOfAccounts() && own.equals(incident.account()));
  }

  private String statusOf(Incident incident) {
    if (incident.resolvedAt() != null) {
      return "resolved";
    }
    return marks.acknowledgement(incident.id()) == null ? "open" : "acknowledged";
  }

  private IncidentView view(Incident incident) {
    return new IncidentView(
        incident.id(),
        incident.kind().code(),
        incident.account(),
        incident.subject(),
        incident.text(),
        incident.details(),
        statusOf(incident),
        incident.since(),
        incident.resolvedAt(),
        AlertsController.Acknowledged.of(marks.acknowledgement(incident.id())));
  }
}
