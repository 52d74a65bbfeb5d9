package dev.taximeter.api.catalog;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
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

/** Who changed what in the catalogue, when and why. */
@RestController
@Tag(name = "Catalogue")
public final class CatalogHistoryController {
  private static final Pattern RECORD_ID =
      Pattern.compile("(account|key|priceBook|plan|quota|credit|team)/[a-z0-9][a-z0-9_.-]{0,63}");
  private static final Pattern VERSION = Pattern.compile("[0-9]{1,18}");

  private final CatalogHistory history;

  public CatalogHistoryController(CatalogHistory history) {
    this.history = history;
  }

  @Schema(name = "Revision", description = "One version of a resource.")
  record RevisionView(
      @Schema(example = "account/acme") String id,
      @Schema(description = "Catalogue version that brought it: when we learned it.", example = "7")
          long version,
      @Schema(description = "When it was decided.") Instant at,
      @Schema(example = "admin") String author,
      @Schema(example = "new contract") String reason,
      @Schema(description = "Id of the command that brought it.") String commandId,
      @Schema(description = "The resource as it was from then on.", implementation = Object.class)
          JsonNode resource) {
    static RevisionView of(CatalogHistory.Revision revision) {
      return new RevisionView(
          revision.id(),
          revision.version(),
          revision.at(),
          revision.author(),
          revision.reason(),
          revision.commandId(),
          Json.MAPPER.readTree(revision.resource()));
    }
  }

  @Schema(description = "One page of versions, newest first unless asked for otherwise.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record RevisionPage(
      List<RevisionView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.", example = "7")
          @Nullable String next) {}

  @Operation(
      summary = "Read the history of a resource",
      description =
          "Every version with its author, reason and instant. A change appears a moment after it was"
              + " made, once it has landed.")
  @Refuses(ProblemType.HISTORY_UNAVAILABLE)
  @GetMapping("/v1/catalog/history")
  RevisionPage history(
      @Parameter(
              description =
                  "Kind and id of the resource: account/ID, plan/ID, priceBook/ID, team/ID,"
                      + " quota/ID, credit/ID, or key/FINGERPRINT.",
              example = "account/acme")
          @RequestParam(name = "id")
          String id,
      @Parameter(hidden = true) @Listing.By(value = "version", descending = true) Listing listing) {
    if (!RECORD_ID.matcher(id).matches()) {
      throw ProblemException.parameter(
          "id",
          "must be account/, plan/, priceBook/, team/, quota/ or credit/ with an id, or key/ with a"
              + " fingerprint");
    }
    String cursor = listing.cursor();
    if (cursor != null && !VERSION.matcher(cursor).matches()) {
      throw ProblemException.parameter("cursor", "must be the previous page's next");
    }
    Long after = cursor == null ? null : Long.valueOf(cursor);
    Page<CatalogHistory.Revision> page =
        Page.of(
            history.of(id, listing.descending(), after, listing.size() + 1),
            listing.size(),
            revision -> Long.toString(revision.version()));
    return new RevisionPage(page.shown(RevisionView::of), page.next());
  }
}
