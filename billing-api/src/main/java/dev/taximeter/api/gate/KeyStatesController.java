package dev.taximeter.api.gate;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
import dev.taximeter.contract.catalog.ApiKey;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** What the gate would say, for people. */
@RestController
@Tag(name = "Accounts")
public final class KeyStatesController {
  private final CatalogView catalog;
  private final AccountDirectory directory;
  private final Gate gate;
  private final Clock clock;

  public KeyStatesController(
      CatalogView catalog, AccountDirectory directory, Gate gate, Clock clock) {
    this.catalog = catalog;
    this.directory = directory;
    this.gate = gate;
    this.clock = clock;
  }

  @Schema(name = "KeyState", description = "Whether the gate lets a key's requests pass.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record KeyStateView(
      @Schema(description = "The key's name.", example = "acme-prod") String key,
      @Schema(
              description = "HMAC-SHA-256 of the raw key.",
              example = "6b1f0e1a5d2c4b7f8e9d0a1b2c3d4e5f6b1f0e1a5d2c4b7f8e9d0a1b2c3d4e5f")
          String fingerprint,
      @Schema(example = "false") boolean allowed,
      @Schema(
              description = "Why not; absent if it may.",
              allowableValues = {
                "key_expired",
                "account_suspended",
                "account_closed",
                "balance_exhausted",
                "quota_reached"
              },
              example = "quota_reached")
          @Nullable String reason,
      @Schema(
              description =
                  "The hard quota that stops it, or else the one with the least left; quotas of models"
                      + " are left out, since they stop only requests for those models.",
              example = "acme-month")
          @Nullable String quota,
      @Schema(
              description = "What is left of that quota, or of the balance if that stops it.",
              type = "string",
              example = "0")
          @Nullable BigDecimal remaining,
      @Schema(description = "When that changes by itself.") @Nullable Instant until,
      @Schema(description = "Seconds until requests may pass again.", example = "3600")
          @Nullable Long retryAfterSeconds) {
    static KeyStateView of(ApiKey key, Verdict verdict, Instant now) {
      Verdict.Reason reason = verdict.reason();
      return new KeyStateView(
          key.name(),
          key.fingerprint(),
          verdict.allowed(),
          reason == null ? null : reason.code(),
          verdict.quota(),
          verdict.remaining(),
          verdict.until(),
          verdict.retryAfterSeconds(now));
    }
  }

  @Schema(description = "One page of what the gate says of an account's keys, by name.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record KeyStatePage(
      List<KeyStateView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next) {}

  @Operation(
      summary = "Show whether the gate lets an account's keys pass",
      description =
          "Decided from hard quotas, the balance of prepaid accounts, and what the catalogue says of"
              + " account and key; as the gate itself answers, whether or not a gateway asks it.")
  @GetMapping("/v1/accounts/{account}/key-states")
  KeyStatePage list(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(hidden = true) @Listing.By("key") Listing listing) {
    String id = directory.account(account).id();
    Instant now = clock.instant();
    Page<ApiKey> page =
        Page.of(
            catalog.snapshot().keys(id).stream(),
            key -> key.name() + '\n' + key.fingerprint(),
            listing);
    return new KeyStatePage(
        page.shown(
            key -> KeyStateView.of(key, gate.checkWithoutModels(key.fingerprint(), now), now)),
        page.next());
  }
}
