package dev.taximeter.api.accounts;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
import dev.taximeter.contract.catalog.Quota;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Quotas of accounts, as the catalogue has them. */
@RestController
@Tag(name = "Accounts")
public final class QuotasController {
  private final CatalogView catalog;
  private final AccountDirectory directory;

  public QuotasController(CatalogView catalog, AccountDirectory directory) {
    this.catalog = catalog;
    this.directory = directory;
  }

  @Schema(name = "Quota", description = "A limit over a window in the account's zone.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record QuotaView(
      @Schema(example = "acme-month") String id,
      @Schema(example = "acme") String account,
      @Schema(description = "Only usage of the key of this name; absent: of all.")
          @Nullable String key,
      @Schema(description = "Only usage of the keys of this team; absent: of all.")
          @Nullable String team,
      @Schema(description = "Only usage of this model; absent: of all.") @Nullable String model,
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
      @Schema(
              description =
                  "calendar: windows follow each other; sliding: the last minute, hour, 24 hours, 7 or"
                      + " 30 days at any instant, in steps of 1 second, 1 minute, 15 minutes, 2 or 8"
                      + " hours.",
              type = "string",
              allowableValues = {"calendar", "sliding"},
              example = "calendar")
          Quota.Kind kind,
      @Schema(description = "Where days, weeks and months begin; absent: as the calendar's do.")
          @Nullable AnchorView anchor,
      @Schema(
              description = "Tokens, requests, or money in the account's currency.",
              type = "string",
              example = "100")
          BigDecimal limit,
      @Schema(
              description = "soft: alerts; hard: the gate refuses requests, too.",
              type = "string",
              allowableValues = {"soft", "hard"},
              example = "soft")
          Quota.Enforcement enforcement,
      @Schema(description = "Percentages of the limit that alert.", example = "[80,100]")
          List<Integer> thresholds) {
    static QuotaView of(Quota quota) {
      return new QuotaView(
          quota.id(),
          quota.account(),
          quota.key(),
          quota.team(),
          quota.model(),
          quota.metric(),
          quota.window(),
          quota.kind(),
          AnchorView.of(quota.anchor()),
          quota.limit(),
          quota.enforcement(),
          quota.thresholds());
    }
  }

  @Schema(name = "QuotaAnchor", description = "Where a window begins, in the account's zone.")
  record AnchorView(
      @Schema(
              description =
                  "Of a month 1 to 31, its last day if it is shorter; of a week 1 (Monday) to 7.",
              example = "1")
          int day,
      @Schema(description = "0 to 23.", example = "0") int hour) {
    static @Nullable AnchorView of(Quota.@Nullable Anchor anchor) {
      return anchor == null ? null : new AnchorView(anchor.day(), anchor.hour());
    }
  }

  @Schema(description = "One page of an account's quotas, by id.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record QuotaPage(
      List<QuotaView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next) {}

  @Operation(
      summary = "List an account's quotas",
      description = "As the catalogue has them; the catalogue file changes them.")
  @GetMapping("/v1/accounts/{account}/quotas")
  QuotaPage list(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(hidden = true) @Listing.By("id") Listing listing) {
    String id = directory.account(account).id();
    Page<Quota> page =
        Page.of(
            catalog.snapshot().catalog().quotas().stream()
                .filter(quota -> quota.account().equals(id)),
            Quota::id,
            listing);
    return new QuotaPage(page.shown(QuotaView::of), page.next());
  }
}
