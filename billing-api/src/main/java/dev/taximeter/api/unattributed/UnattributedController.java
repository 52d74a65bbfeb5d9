package dev.taximeter.api.unattributed;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.accounts.KeyNames;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.CatalogWriter;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.AsOfTime;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.api.web.Waiting;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.event.Holders;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.UnattributedKey;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Usage of unknown keys: a work list, and claims. */
@RestController
@Tag(name = "Unattributed usage")
public final class UnattributedController {
  private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");

  /** A small backlog is forwarded meanwhile, so that the answer is final. */
  private static final Duration FORWARDING_PATIENCE = Duration.ofSeconds(1);

  private final UnattributedKeys keys;
  private final CatalogView catalog;
  private final CatalogWriter writer;
  private final Freshness freshness;
  private final Clock clock;

  public UnattributedController(
      UnattributedKeys keys,
      CatalogView catalog,
      CatalogWriter writer,
      Freshness freshness,
      Clock clock) {
    this.keys = keys;
    this.catalog = catalog;
    this.writer = writer;
    this.freshness = freshness;
    this.clock = clock;
  }

  @Schema(description = "Requests and their tokens.")
  record UnattributedAmount(
      @Schema(example = "42") long requests,
      @Schema(
              description = "Prompt tokens, cached and cache-written ones included.",
              example = "51200")
          long inputTokens,
      @Schema(description = "Of inputTokens: read from a cache.", example = "20480")
          long cachedInputTokens,
      @Schema(description = "Of inputTokens: written to a cache.", example = "0")
          long cacheWriteTokens,
      @Schema(description = "Answer tokens, reasoning included.", example = "8192")
          long outputTokens,
      @Schema(description = "Of outputTokens: reasoning.", example = "1024") long reasoningTokens) {
    static UnattributedAmount of(UnattributedKey.Amount amount) {
      TokenCounts tokens = amount.tokens();
      return new UnattributedAmount(
          amount.requests(),
          tokens.inputTokens(),
          tokens.cachedInput(),
          tokens.cacheWrite(),
          tokens.outputTokens(),
          tokens.reasoning());
    }
  }

  @Schema(description = "What was received of one model.")
  record UnattributedModel(
      @Schema(description = "As the log names it; * for all beyond 50.", example = "qwen-max")
          String model,
      UnattributedAmount received) {}

  @Schema(description = "Who claims the key's usage, by whose decision.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record UnattributedClaim(
      @Schema(example = "acme") String account,
      @Schema(example = "acme-prod") String keyName,
      @Schema(
              description = "Usage that completed earlier stays unclaimed; absent if none does.",
              example = "2026-11-01T00:00:00Z")
          @Nullable Instant from,
      @Schema(
              description = "Whether usage from before the claim is still being forwarded.",
              example = "false")
          boolean forwarding,
      @Schema(
              description = "What has become of the key's usage, in a sentence.",
              example = "All usage of the key goes to acme.")
          String outcome,
      @Schema(description = "Who made the claim.", example = "admin") String by,
      @Schema(example = "they sent the key's last digits") String reason,
      @Schema(example = "2026-11-24T09:30:00.123Z") Instant at) {
    static @Nullable UnattributedClaim of(UnattributedKey key) {
      UnattributedKey.Claim claim = key.claim();
      return claim == null
          ? null
          : new UnattributedClaim(
              claim.account(),
              claim.keyName(),
              claim.from(),
              claim.forwarding(),
              sentence(key, claim),
              claim.author(),
              claim.reason(),
              claim.at());
    }
  }

  private static String sentence(UnattributedKey key, UnattributedKey.Claim claim) {
    long held = key.held().requests();
    if (claim.forwarding()) {
      return "%d requests have gone to %s, and %d more are on their way; ask again in a moment."
          .formatted(key.claimed().requests(), claim.account(), held);
    }
    if (held > 0 && claim.from() != null) {
      return "%d requests have gone to %s; %d that completed before %s are not claimed and stay held: claim again with an earlier from, or without, to have them."
          .formatted(key.claimed().requests(), claim.account(), held, claim.from());
    }
    return "All usage of the key that can be claimed goes to %s: %d requests so far."
        .formatted(claim.account(), key.claimed().requests());
  }

  @Schema(description = "The account that the key is registered for.")
  record UnattributedOwner(
      @Schema(example = "acme") String account, @Schema(example = "acme-prod") String keyName) {}

  @Schema(
      name = "UnattributedKey",
      description = "An unknown key: received = claimed + held + lapsed.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record KeyView(
      @Schema(
              description =
                  "HMAC-SHA-256 of the raw key; none for all lines without a key; overflow-N for"
                      + " what part N of metering has no room to tell apart: keys beyond 20,000 a"
                      + " partition, and lines beyond 50,000 in suspense.",
              example = "6b1f0e1a5d2c4b7f8e9d0a1b2c3d4e5f6b1f0e1a5d2c4b7f8e9d0a1b2c3d4e5f")
          String fingerprint,
      @Schema(
              description = "Under which GET /v1/usage shows what was received.",
              example = "unattributed:6b1f0e1a5d2c4b7f")
          String account,
      @Schema(description = "The raw key's last four characters.", example = "…9f3A")
          @Nullable String masked,
      @Schema(description = "Earliest completion.", example = "2026-11-01T08:00:00Z")
          @Nullable Instant firstSeen,
      @Schema(description = "Latest completion.", example = "2026-11-24T09:00:00Z")
          @Nullable Instant lastSeen,
      UnattributedAmount received,
      UnattributedAmount claimed,
      UnattributedAmount held,
      UnattributedAmount lapsed,
      List<UnattributedModel> models,
      @Nullable UnattributedOwner registered,
      @Nullable UnattributedClaim claim,
      @Schema(description = "Absent in lists, which have their own.") @Nullable AsOfTime asOf) {
    static KeyView of(UnattributedKey key, @Nullable ApiKey registered, @Nullable AsOfTime asOf) {
      return new KeyView(
          key.recordKey(),
          key.holder(),
          key.lastFour() == null ? null : "…" + key.lastFour(),
          key.firstSeen(),
          key.lastSeen(),
          UnattributedAmount.of(key.received()),
          UnattributedAmount.of(key.claimed()),
          UnattributedAmount.of(key.held()),
          UnattributedAmount.of(key.lapsed()),
          key.models().stream()
              .map(m -> new UnattributedModel(m.model(), UnattributedAmount.of(m.received())))
              .toList(),
          registered == null
              ? null
              : new UnattributedOwner(registered.account(), registered.name()),
          UnattributedClaim.of(key),
          asOf);
    }
  }

  @Schema(description = "One page of unknown keys, by fingerprint.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record UnattributedPage(
      List<KeyView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next,
      @Schema(
              description =
                  "False if there are more than 20,000 unknown keys: those with the fewest requests"
                      + " are not shown; the table unattributed_keys has all.",
              example = "true")
          boolean complete,
      AsOfTime asOf) {}

  @Schema(description = "Who is to pay for a key's usage.")
  record NewClaim(
      @Schema(description = "Id of the paying account.", example = "acme") @Nullable String account,
      @Schema(description = "The key's name, unique within the account.", example = "acme-prod")
          @Nullable String keyName,
      @Schema(
              description = "Usage that completed earlier stays unclaimed; absent: none does.",
              example = "2026-11-01T00:00:00Z")
          @Nullable String from,
      @Schema(
              description = "Why; kept with the claim.",
              example = "they sent the key's last digits")
          @Nullable String reason) {}

  @Operation(
      summary = "List unknown keys",
      description =
          """
          What was metered of keys that nobody had registered when they were used. received is \
          history and never shrinks; of it, claimed went on to an account, held waits for a claim, \
          and lapsed can no longer be claimed: it was held for 400 days, or came when a million \
          requests of the key were held already. Usage without any key can only be listed.\
          """)
  @GetMapping("/v1/unattributed")
  UnattributedPage list(
      @Parameter(
              description = "Only keys that somebody claims, or that nobody does.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"claimed", "unclaimed"}))
          @RequestParam(name = "state", required = false)
          @Nullable String state,
      @Parameter(hidden = true) @Listing.By("fingerprint") Listing listing) {
    Boolean claimed = claimed(state);
    Map<String, ApiKey> registered = new HashMap<>();
    catalog.snapshot().catalog().keys().forEach(key -> registered.put(key.fingerprint(), key));
    Page<UnattributedKey> page =
        Page.of(
            keys.all().values().stream()
                .filter(key -> claimed == null || claimed == (key.claim() != null)),
            UnattributedKey::recordKey,
            listing);
    return new UnattributedPage(
        page.shown(key -> KeyView.of(key, registered.get(key.fingerprint()), null)),
        page.next(),
        keys.complete(),
        asOf());
  }

  private AsOfTime asOf() {
    return freshness.at(clock.instant());
  }

  private static @Nullable Boolean claimed(@Nullable String state) {
    if (Parameters.text(state) == null) {
      return null;
    }
    if ("claimed".equals(state) || "unclaimed".equals(state)) {
      return "claimed".equals(state);
    }
    throw ProblemException.parameter("state", "must be claimed or unclaimed");
  }

  @Operation(summary = "Read an unknown key")
  @GetMapping("/v1/unattributed/{fingerprint}")
  KeyView get(
      @Parameter(description = "The key's fingerprint, or none.") @PathVariable("fingerprint")
          String fingerprint) {
    return KeyView.of(find(fingerprint), registered(fingerprint), asOf());
  }

  @Operation(
      summary = "Claim an unknown key",
      description =
          """
          Registers the key for an account and makes the account pay for what was metered of it: all \
          usage that is held, from an instant on if one is given, and all that still arrives. Each \
          request is billed once, priced at the instant it completed. The answer comes once the \
          claim is in force; claim.forwarding says whether held usage is still on its way: claimed \
          counts what has gone, held what has not. Claiming again with an earlier from, or without, \
          widens a claim; nothing takes one back. Registering a key by another route does not move \
          earlier usage.\
          """)
  @Refuses(ProblemType.CONFLICT)
  @PostMapping("/v1/unattributed/{fingerprint}/claim")
  KeyView claim(
      @Parameter(description = "The key's fingerprint.") @PathVariable("fingerprint")
          String fingerprint,
      @RequestBody NewClaim body,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    if (fingerprint.equals(Holders.NO_KEY) || fingerprint.startsWith(Holders.OVERFLOW)) {
      throw ProblemException.of(
          ProblemType.REFUSED,
          "Usage without any key, or metered together beyond the bounds, can only be listed:"
              + " nothing in it tells whose it is.");
    }
    UnattributedKey key = isLeftOut(fingerprint) ? null : find(fingerprint);
    String account = body.account() == null ? "" : body.account();
    if (catalog.snapshot().account(account) == null) {
      throw ProblemException.field(
          "account", "must name an account of the catalogue; GET /v1/accounts lists all");
    }
    String name = KeyNames.checked("keyName", body.keyName());
    String reason = Parameters.note("reason", body.reason());
    Instant from = from(body.from());
    String lastFour = key == null || key.lastFour() == null ? "" : key.lastFour();
    ApiKey claimed = new ApiKey(account, name, fingerprint, lastFour);
    checkConflicts(claimed);
    writer.write(
        new Catalog(List.of(), List.of(claimed), List.of(), List.of(), List.of(), List.of()),
        List.of(new Order.Claim(fingerprint, account, name, from)),
        caller.name(),
        reason,
        result -> {
          UnattributedKey seen = keys.find(fingerprint);
          return seen != null
              && seen.claim() != null
              && seen.claim().commandId().equals(result.id());
        });
    // If forwarding goes on for longer, the answer says so.
    Waiting.until(() -> !isForwarding(keys.find(fingerprint)), FORWARDING_PATIENCE);
    return get(fingerprint);
  }

  /** Metering knows keys that are not shown here, and takes claims to them. */
  private boolean isLeftOut(String fingerprint) {
    return !keys.complete()
        && keys.find(fingerprint) == null
        && FINGERPRINT.matcher(fingerprint).matches();
  }

  private UnattributedKey find(String fingerprint) {
    UnattributedKey key = keys.find(fingerprint);
    if (key == null) {
      throw ProblemException.of(
          ProblemType.NOT_FOUND,
          (keys.complete()
                  ? "Nothing was metered of an unknown key with this fingerprint; GET"
                      + " /v1/unattributed lists all."
                  : "The key is not among those that are shown; the table unattributed_keys has"
                      + " all.")
              + " A key that was not used yet is registered with POST"
              + " /v1/accounts/{account}/keys.");
    }
    return key;
  }

  private @Nullable ApiKey registered(String fingerprint) {
    return catalog.snapshot().catalog().keys().stream()
        .filter(key -> key.fingerprint().equals(fingerprint))
        .findFirst()
        .orElse(null);
  }

  private static @Nullable Instant from(@Nullable String text) {
    Instant from;
    try {
      from = Parameters.instant("from", text);
    } catch (ProblemException e) {
      throw ProblemException.field(
          "from", "must be an RFC 3339 time with a zone, such as 2026-11-01T00:00:00Z");
    }
    return from;
  }

  private void checkConflicts(ApiKey claimed) {
    for (ApiKey other : catalog.snapshot().catalog().keys()) {
      boolean sameKey = other.fingerprint().equals(claimed.fingerprint());
      boolean sameName =
          other.account().equals(claimed.account()) && other.name().equals(claimed.name());
      if (sameKey && !sameName) {
        throw ProblemException.of(
            ProblemType.CONFLICT,
            other.account().equals(claimed.account())
                ? "Account %s has this key already, as %s; claim it under that name."
                    .formatted(other.account(), other.name())
                : "This key is registered already, as %s of account %s."
                    .formatted(other.name(), other.account()));
      }
      if (sameName && !sameKey) {
        throw ProblemException.of(
            ProblemType.CONFLICT,
            "Account %s has another key named %s; choose another name."
                .formatted(claimed.account(), claimed.name()));
      }
    }
  }

  private static boolean isForwarding(@Nullable UnattributedKey key) {
    return key != null && key.claim() != null && key.claim().forwarding();
  }
}
