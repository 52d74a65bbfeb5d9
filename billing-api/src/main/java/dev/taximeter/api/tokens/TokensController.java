package dev.taximeter.api.tokens;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.CatalogWriter;
import dev.taximeter.api.catalog.Revisions;
import dev.taximeter.api.settings.ApiSettings;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.contract.catalog.AccessToken;
import dev.taximeter.contract.catalog.AccessToken.Role;
import dev.taximeter.contract.catalog.Catalog;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Tokens of this API. Only a new token's answer ever holds its secret. */
@RestController
@Tag(name = "Tokens")
public final class TokensController {
  private static final int ID_BYTES = 8;

  /** What RFC 3339 can write. */
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

  private final CatalogView catalog;
  private final CatalogWriter writer;
  private final TokenUses uses;
  private final Clock clock;
  private final @Nullable Duration longestLife;
  private final SecureRandom random = new SecureRandom();

  public TokensController(
      CatalogView catalog,
      CatalogWriter writer,
      TokenUses uses,
      Clock clock,
      ApiSettings settings) {
    this.catalog = catalog;
    this.writer = writer;
    this.uses = uses;
    this.clock = clock;
    this.longestLife = settings.access().longestTokenLife();
  }

  @Schema(name = "Token", description = "A token of this API, as far as it is kept.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record TokenView(
      @Schema(example = "tok_4f1d2c3b9a8e7f60") String id,
      @Schema(
              description = "Unique among tokens in force; its changes are recorded under it.",
              example = "month-end job")
          String name,
      @Schema(
              description = "What it may do.",
              allowableValues = {"administrator", "billing", "viewer"})
          String role,
      @Schema(
              description = "The one account that it sees; absent if it sees all.",
              example = "acme")
          @Nullable String account,
      @Schema(
              description = "Whether it is worth something.",
              allowableValues = {"active", "expired", "revoked"})
          String status,
      @Schema(description = "The token itself; shown once, when it is made.")
          @Nullable String secret,
      @Schema(description = "When it was made.") Instant createdAt,
      @Schema(description = "Name of the token that made it.", example = "admin") String createdBy,
      @Schema(description = "Worth nothing then and later; absent if it never expires.")
          @Nullable Instant expiresAt,
      @Schema(description = "When it was revoked.") @Nullable Instant revokedAt,
      @Schema(description = "When it was used last, to the hour; absent if never.")
          @Nullable Instant lastUsed) {
    /** Shows no secret. */
    @Override
    public String toString() {
      return "TokenView[id=" + id + ", name=" + name + "]";
    }
  }

  @Schema(description = "One page of tokens, by id.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record TokenPage(
      List<TokenView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next) {}

  @Schema(description = "A token to make.")
  record NewToken(
      @Schema(
              description = "Unique among tokens in force: " + AccessToken.NAME_RULE + ".",
              example = "month-end job")
          @Nullable String name,
      @Schema(
              description =
                  "administrator may do all. billing reads all and writes prices, accounts and"
                      + " money; of one account, it writes its keys only. viewer reads.",
              allowableValues = {"administrator", "billing", "viewer"})
          @Nullable String role,
      @Schema(
              description =
                  "The one account that it sees, for a customer; viewer and billing only.",
              example = "acme")
          @Nullable String account,
      @Schema(
              description =
                  "Worth nothing then and later. If absent, it ends with the token that makes it,"
                      + " if that one does, and as late as the installation allows.")
          @Nullable Instant expiresAt) {}

  @Operation(
      summary = "Make a token",
      description =
          """
          The answer shows the token once; only a hash is kept. It never grants more, nor for \
          longer, than the token that makes it. Revoking that one leaves the tokens alone that it \
          made.""")
  @Refuses(ProblemType.CONFLICT)
  @PostMapping("/v1/tokens")
  @ResponseStatus(HttpStatus.CREATED)
  TokenView create(
      @RequestBody NewToken body,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    if (caller.means() == Caller.Means.SESSION && Parameters.text(body.account()) == null) {
      throw ProblemException.of(
          ProblemType.FORBIDDEN,
          "A browser's session makes tokens of one account only, which end and can be told apart;"
              + " make this one with Authorization: Bearer and a token.");
    }
    String secret = AccessTokens.FORMAT.create();
    AccessToken token = read(body, caller, secret);
    checkGrant(token, caller);
    checkConflicts(token);
    try {
      writer.write(Catalog.of(token), caller.name(), "");
    } catch (ProblemException e) {
      throw e.type() == ProblemType.NOT_ACKNOWLEDGED ? lost(token) : e;
    }
    return view(token, secret);
  }

  @Operation(
      summary = "List tokens",
      description = "With those that have expired or were revoked. Secrets are not kept.")
  @GetMapping("/v1/tokens")
  TokenPage list(@Parameter(hidden = true) @Listing.By("id") Listing listing) {
    Page<AccessToken> page =
        Page.of(catalog.snapshot().tokens().values().stream(), AccessToken::id, listing);
    return new TokenPage(page.shown(token -> view(token, null)), page.next());
  }

  @Operation(summary = "Read a token", description = "Its secret is not kept.")
  @GetMapping("/v1/tokens/{token}")
  TokenView get(
      @Parameter(description = "Token id.", example = "tok_4f1d2c3b9a8e7f60") @PathVariable("token")
          String id) {
    return view(find(id), null);
  }

  @Operation(
      summary = "Revoke a token",
      description =
          """
          For good, and with it the browser sessions that were opened with it. The answer comes once \
          this process refuses it; others do within a moment. Tokens that it made stay. Revoking it \
          again changes nothing.""")
  @PostMapping("/v1/tokens/{token}/revoke")
  TokenView revoke(
      @Parameter(description = "Token id.", example = "tok_4f1d2c3b9a8e7f60") @PathVariable("token")
          String id,
      @Parameter(description = "Why; kept in the catalogue's history.")
          @RequestParam(name = "reason", defaultValue = "")
          String reason,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    AccessToken token = find(id);
    if (token.revokedAt() == null) {
      token = token.revoked(now());
      writer.write(Catalog.of(token), caller.name(), Revisions.reason(reason));
    }
    return view(token, null);
  }

  private AccessToken find(String id) {
    AccessToken token = catalog.snapshot().tokens().get(id);
    if (token == null) {
      throw ProblemException.of(
          ProblemType.NOT_FOUND, "There is no such token; GET /v1/tokens lists all.");
    }
    return token;
  }

  private AccessToken read(NewToken body, Caller caller, String secret) {
    String name = body.name() == null ? "" : body.name().strip();
    if (!AccessToken.isName(name)) {
      throw ProblemException.field("name", "must be " + AccessToken.NAME_RULE);
    }
    Role role =
        Role.of(body.role() == null ? "" : body.role())
            .orElseThrow(
                () -> ProblemException.field("role", "must be administrator, billing or viewer"));
    String account = Parameters.text(body.account());
    if (account != null && catalog.snapshot().account(account) == null) {
      throw ProblemException.field(
          "account", "must be the id of an account; GET /v1/accounts lists all");
    }
    if (account != null && role == Role.ADMINISTRATOR) {
      throw ProblemException.field("role", "must be viewer or billing for a token of one account");
    }
    Instant expiry = body.expiresAt() == null ? latest(caller) : body.expiresAt();
    if (expiry != null && !expiry.isAfter(now())) {
      throw ProblemException.field("expiresAt", "must be later than now");
    }
    if (expiry != null && expiry.isAfter(LATEST)) {
      throw ProblemException.field("expiresAt", "must be before the year 10000");
    }
    Instant latest = latest(null);
    if (latest != null && expiry != null && expiry.isAfter(latest)) {
      throw ProblemException.field(
          "expiresAt",
          "must not be later than %s: tokens of this installation live for %s at most (%s)"
              .formatted(latest, longestLife, ApiSettings.TOKEN_LIFETIME));
    }
    byte[] id = new byte[ID_BYTES];
    random.nextBytes(id);
    return new AccessToken(
        "tok_" + HexFormat.of().formatHex(id),
        name,
        AccessTokens.hash(secret),
        role,
        account,
        now(),
        caller.name(),
        expiry == null ? null : expiry.truncatedTo(ChronoUnit.MILLIS),
        null);
  }

  /** {@return how long a token may live at most; null for ever} */
  private @Nullable Instant latest(@Nullable Caller maker) {
    Instant makers = maker == null ? null : maker.expiresAt();
    Instant ours = longestLife == null ? null : now().plus(longestLife);
    return ours == null || (makers != null && makers.isBefore(ours)) ? makers : ours;
  }

  /** A token never grants more than its maker has. */
  private static void checkGrant(AccessToken token, Caller maker) {
    boolean sees = maker.account() == null || maker.account().equals(token.account());
    if (!maker.role().includes(token.role()) || !sees) {
      throw ProblemException.of(
          ProblemType.FORBIDDEN, "A token cannot grant more than the one that makes it has.");
    }
    Instant end = maker.expiresAt();
    Instant wanted = token.expiresAt();
    if (end != null && (wanted == null || wanted.isAfter(end))) {
      throw ProblemException.field(
          "expiresAt", "must not be later than %s, when your own token ends".formatted(end));
    }
  }

  private void checkConflicts(AccessToken token) {
    Instant now = now();
    for (AccessToken other : catalog.snapshot().tokens().values()) {
      if (other.name().equals(token.name()) && other.isInForce(now)) {
        throw ProblemException.of(
            ProblemType.CONFLICT,
            "There is a token named %s, %s; revoke it or choose another name."
                .formatted(other.name(), other.id()));
      }
    }
  }

  /** A repeated request would make another secret. */
  private static ProblemException lost(AccessToken token) {
    return ProblemException.of(
        ProblemType.NOT_ACKNOWLEDGED,
        "The token was not confirmed in time. If GET /v1/tokens shows %s, nobody knows its secret: revoke it and make another."
            .formatted(token.id()));
  }

  private TokenView view(AccessToken token, @Nullable String secret) {
    String status =
        token.revokedAt() != null ? "revoked" : token.isInForce(now()) ? "active" : "expired";
    return new TokenView(
        token.id(),
        token.name(),
        token.role().code(),
        token.account(),
        status,
        secret,
        token.createdAt(),
        token.createdBy(),
        token.expiresAt(),
        token.revokedAt(),
        uses.lastUse(token.id()));
  }

  private Instant now() {
    return clock.instant();
  }
}
