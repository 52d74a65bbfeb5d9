package dev.taximeter.api.auditlog;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.web.Cursors;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.contract.event.AuditRecord;
import dev.taximeter.contract.event.AuditRecord.Outcome;
import dev.taximeter.contract.json.Json;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Who asked for which change, when, and what came of it. */
@RestController
@Tag(name = "Audit log")
public final class AuditLogController {
  private static final Pattern TOKEN =
      Pattern.compile("admin|tok_[0-9a-f]{16}|oidc:[\\x21-\\x7e]{1,255}");
  private final AuditLogHistory history;

  public AuditLogController(AuditLogHistory history) {
    this.history = history;
  }

  @Schema(name = "AuditedRequest", description = "A request to change something.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record EntryView(
      @Schema(example = "0f8fad5b-d9cb-469f-a165-70867728950e") String id,
      @Schema(description = "When it arrived.") Instant at,
      @Schema(
              description =
                  "Id of the token; admin for the one in the file; oidc: and the subject of an identity"
                      + " provider's.",
              example = "admin")
          String token,
      @Schema(description = "The token's name.", example = "admin") String author,
      @Schema(example = "administrator") String role,
      @Schema(description = "The one account that the token sees; absent if it sees all.")
          @Nullable String account,
      @Schema(description = "Where the connection came from.", example = "127.0.0.1")
          String address,
      @Schema(example = "POST") String method,
      @Schema(example = "/v1/accounts/{account}/credits") String route,
      @Schema(description = "Without its query.", example = "/v1/accounts/acme/credits")
          String path,
      @Schema(
              description =
                  "attempted: the process died before it knew; uncertain: not confirmed in time.",
              allowableValues = {"attempted", "done", "refused", "uncertain"})
          String outcome,
      @Schema(description = "HTTP status that was answered; absent if attempted.", example = "201")
          @Nullable Integer status,
      @Schema(description = "Type of the problem that was answered.") @Nullable String problem,
      @Schema(description = "Why it was refused.") @Nullable String detail,
      @Schema(description = "What the single writers were asked.") List<CommandView> commands) {
    static EntryView of(AuditRecord entry) {
      return new EntryView(
          entry.id(),
          entry.at(),
          entry.token(),
          entry.author(),
          entry.role(),
          entry.account(),
          entry.address(),
          entry.method(),
          entry.route(),
          entry.path(),
          entry.outcome().code(),
          entry.status() == 0 ? null : entry.status(),
          entry.problem(),
          entry.detail(),
          entry.commands().stream().map(CommandView::of).toList());
    }
  }

  @Schema(name = "AuditedCommand", description = "A command and what it did.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record CommandView(
      @Schema(description = "As in the catalogue's history and in the ledger.") String commandId,
      @Schema(
              description = "Changed resources of the catalogue as they were, by record id.",
              implementation = Object.class)
          @Nullable JsonNode before,
      @Schema(
              description = "The same resources afterwards, by record id.",
              implementation = Object.class)
          @Nullable JsonNode after,
      @Schema(description = "What was asked about money or lines.", implementation = Object.class)
          @Nullable JsonNode order,
      @Schema(
              description =
                  "The writer's decision, with its posting; absent if there was none in time.",
              implementation = Object.class)
          @Nullable JsonNode result) {
    static CommandView of(AuditRecord.Asked asked) {
      return new CommandView(
          asked.commandId(),
          tree(asked.before()),
          tree(asked.after()),
          tree(asked.order()),
          tree(asked.result()));
    }

    private static @Nullable JsonNode tree(@Nullable String json) {
      return json == null ? null : Json.MAPPER.readTree(json);
    }
  }

  @Schema(description = "One page of requests, newest first unless asked for otherwise.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record EntryPage(
      List<EntryView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next) {}

  @Operation(
      summary = "Read the audit log",
      description =
          """
          Every request to change something that came with a valid token, also refused ones. Kept for three years. A request appears a moment after it was made, once it has \
          landed. Neither bodies nor secrets are in it.""")
  @GetMapping("/v1/audit-log")
  EntryPage list(
      @Parameter(description = "First instant, RFC 3339.", example = "2026-11-01T00:00:00Z")
          @RequestParam(name = "from", required = false)
          @Nullable String from,
      @Parameter(description = "First instant after, RFC 3339.", example = "2026-12-01T00:00:00Z")
          @RequestParam(name = "to", required = false)
          @Nullable String to,
      @Parameter(description = "Only what came with this token, by its id.", example = "admin")
          @RequestParam(name = "token", required = false)
          @Nullable String token,
      @Parameter(
              description = "Only what ended so.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"attempted", "done", "refused", "uncertain"}))
          @RequestParam(name = "outcome", required = false)
          @Nullable String outcome,
      @Parameter(hidden = true) @Listing.By(value = "instant", descending = true) Listing listing) {
    int size = listing.size();
    AuditLogHistory.Query query =
        new AuditLogHistory.Query(
            Parameters.instant("from", from),
            Parameters.instant("to", to),
            token(token),
            outcome(outcome),
            listing.descending(),
            Cursors.moment(listing.cursor()));
    Page<AuditRecord> page =
        Page.of(history.page(query, size + 1), size, AuditLogController::cursor);
    return new EntryPage(page.shown(EntryView::of), page.next());
  }

  private static @Nullable String token(@Nullable String token) {
    if (token != null && !TOKEN.matcher(token).matches()) {
      throw ProblemException.parameter(
          "token",
          "must be a token's id, such as tok_4f1d2c3b9a8e7f60, admin, or oidc: with a subject");
    }
    return token;
  }

  private static @Nullable Outcome outcome(@Nullable String code) {
    return code == null
        ? null
        : Outcome.of(code)
            .orElseThrow(
                () ->
                    ProblemException.parameter(
                        "outcome", "must be attempted, done, refused or uncertain"));
  }

  private static String cursor(AuditRecord entry) {
    return new Cursors.Moment(entry.at(), entry.id()).encoded();
  }
}
