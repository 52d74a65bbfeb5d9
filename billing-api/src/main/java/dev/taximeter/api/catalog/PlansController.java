package dev.taximeter.api.catalog;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.api.web.Tagged;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.money.Decimals;
import dev.taximeter.contract.security.RootSecret;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Plans: which book accounts pay by, and what is added to its prices. */
@RestController
@Tag(name = "Catalogue")
public final class PlansController {
  private final CatalogView catalog;
  private final Resources resources;
  private final FileEntries entries;
  private final Clock clock;

  public PlansController(
      CatalogView catalog, Resources resources, RootSecret rootSecret, Clock clock) {
    this.catalog = catalog;
    this.resources = resources;
    this.entries = new FileEntries(rootSecret);
    this.clock = clock;
  }

  @Schema(name = "Plan", description = "What accounts pay by now.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record PlanView(
      @Schema(
              description = "1 to 64 of a-z 0-9 - _ . beginning with a letter or digit.",
              example = "pay-as-you-go")
          @Nullable String id,
      @Schema(description = "Id of its price book.", example = "list") String priceBook,
      @Schema(description = "Charge for each billed request.", example = "0.001")
          @Nullable String perRequest,
      @Schema(description = "Taken off the book's prices, in percent.", example = "10")
          @Nullable String discountPercent,
      @Schema(description = "Added to the book's prices, in percent.", example = "15")
          @Nullable String markupPercent,
      @Schema(description = "Id of a cost book of what the provider charges.", example = "provider")
          @Nullable String costBook,
      @Schema(
              description =
                  "First instant that the terms apply to, when they are written; the instant of the"
                      + " decision if absent. Not in the past of an account that has the plan.",
              accessMode = Schema.AccessMode.WRITE_ONLY)
          @Nullable Instant effectiveFrom,
      @Schema(
              description =
                  "All terms, by instant, if there were others or will be: usage is priced by those"
                      + " of the instant at which it completes. Passed over when it is written.")
          @Nullable List<PlanTermsView> versions,
      @Schema(
              description =
                  "Catalogue version that changed it last, as in its ETag; passed over when it is"
                      + " written.",
              example = "7")
          @Nullable Long version) {
    static PlanView of(Plan plan, long version, Instant now) {
      PlanTermsView terms = PlanTermsView.of(plan.at(now));
      return new PlanView(
          plan.id(),
          terms.priceBook(),
          terms.perRequest(),
          terms.discountPercent(),
          terms.markupPercent(),
          terms.costBook(),
          null,
          plan.later().isEmpty() ? null : plan.versions().stream().map(PlanTermsView::of).toList(),
          version);
    }
  }

  @Schema(name = "PlanTerms", description = "What a plan says from an instant on.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record PlanTermsView(
      @Schema(description = "First instant; absent for those that apply from the beginning.")
          @Nullable Instant effectiveFrom,
      @Schema(description = "Id of the price book.", example = "list") String priceBook,
      @Schema(description = "Charge for each billed request.", example = "0.001")
          @Nullable String perRequest,
      @Schema(description = "Taken off the book's prices, in percent.", example = "10")
          @Nullable String discountPercent,
      @Schema(description = "Added to the book's prices, in percent.", example = "15")
          @Nullable String markupPercent,
      @Schema(description = "Id of a cost book of what the provider charges.", example = "provider")
          @Nullable String costBook) {
    static PlanTermsView of(Plan terms) {
      int percent = terms.adjustPercent().signum();
      return new PlanTermsView(
          terms.effectiveFrom(),
          terms.priceBook(),
          terms.perRequest().signum() == 0 ? null : Decimals.plain(terms.perRequest()),
          percent < 0 ? Decimals.plain(terms.adjustPercent().negate()) : null,
          percent > 0 ? Decimals.plain(terms.adjustPercent()) : null,
          terms.costBook());
    }
  }

  @Schema(description = "One page of plans, by id.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record PlanPage(
      List<PlanView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next) {}

  @Operation(summary = "List plans")
  @GetMapping("/v1/plans")
  PlanPage list(
      @Parameter(description = "Only plans that use this price book now.", example = "list")
          @RequestParam(name = "priceBook", required = false)
          @Nullable String priceBook,
      @Parameter(hidden = true) @Listing.By("id") Listing listing) {
    CatalogSnapshot snapshot = catalog.snapshot();
    Page<Plan> page =
        Page.of(
            snapshot.catalog().plans().stream()
                .filter(
                    plan ->
                        priceBook == null
                            || plan.at(clock.instant()).priceBook().equals(priceBook)),
            Plan::id,
            listing);
    return new PlanPage(
        page.shown(
            plan -> PlanView.of(plan, snapshot.versionOf("plan/" + plan.id()), clock.instant())),
        page.next());
  }

  @Operation(summary = "Read a plan")
  @Tagged
  @GetMapping("/v1/plans/{plan}")
  ResponseEntity<PlanView> get(
      @Parameter(description = "Id of the plan.", example = "pay-as-you-go") @PathVariable("plan")
          String id) {
    return answer(id, HttpStatus.OK);
  }

  private ResponseEntity<PlanView> answer(String id, HttpStatus status) {
    String record = "plan/" + id;
    return resources.answer(
        status,
        record,
        snapshot -> {
          Plan plan = find(snapshot, id);
          if (plan == null) {
            throw ProblemException.of(
                ProblemType.NOT_FOUND, "There is no such plan; GET /v1/plans lists all.");
          }
          return PlanView.of(plan, snapshot.versionOf(record), clock.instant());
        });
  }

  private static @Nullable Plan find(CatalogSnapshot snapshot, String id) {
    return snapshot.catalog().plans().stream()
        .filter(plan -> plan.id().equals(id))
        .findFirst()
        .orElse(null);
  }

  @Operation(
      summary = "Create or replace a plan",
      description =
          "In the format of the catalogue file. The answer comes once metering works by it, for"
              + " usage that is rated from then on. The same again changes nothing.",
      requestBody =
          @io.swagger.v3.oas.annotations.parameters.RequestBody(
              required = true,
              content =
                  @Content(
                      mediaType = "application/json",
                      schema = @Schema(implementation = PlanView.class))))
  @ApiResponse(responseCode = "201", description = "Made.", useReturnTypeSchema = true)
  @ApiResponse(
      responseCode = "200",
      description = "Replaced, or the same.",
      useReturnTypeSchema = true)
  @Tagged
  @Refuses(ProblemType.INVALID_CATALOG)
  @PutMapping(path = "/v1/plans/{plan}", consumes = "application/json")
  ResponseEntity<PlanView> put(
      @Parameter(description = "Id of the plan.", example = "pay-as-you-go") @PathVariable("plan")
          String id,
      @RequestBody byte[] body,
      @Parameter(hidden = true) Change change) {
    return resources.change(
        "plans/" + id,
        body,
        change,
        () -> {
          Resources.Written written =
              resources.write(
                  "plan/" + id, change, snapshot -> entries.read("plans", id, body, snapshot));
          boolean existed = find(written.over(), id) != null;
          return answer(id, existed ? HttpStatus.OK : HttpStatus.CREATED);
        });
  }
}
