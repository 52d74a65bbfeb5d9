package dev.taximeter.api.accounts;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.Change;
import dev.taximeter.api.catalog.Resources;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.IdempotencyKeys;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.api.web.SecretFormat;
import dev.taximeter.api.web.Tagged;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.GateIdentity;
import dev.taximeter.contract.security.RootSecret;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** API keys of accounts. Only a new key's answer ever holds a raw key. */
@RestController
@Tag(name = "Keys")
public final class KeysController {
  private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern LAST_FOUR = Pattern.compile("[\\x21-\\x7e]{4}");
  private static final String PREFIX = "tmk_";
  private static final Set<String> STATES = Set.of("active", "expired", "replaced");
  private static final int SHORTEST_SECRET = 8;
  private static final int LONGEST_SECRET = 512;

  private final CatalogView catalog;
  private final AccountDirectory directory;
  private final IdempotencyKeys idempotency;
  private final Resources resources;
  private final RootSecret rootSecret;
  private final Clock clock;
  private final SecretFormat secrets = new SecretFormat(PREFIX);

  public KeysController(
      CatalogView catalog,
      AccountDirectory directory,
      IdempotencyKeys idempotency,
      Resources resources,
      RootSecret rootSecret,
      Clock clock) {
    this.catalog = catalog;
    this.directory = directory;
    this.idempotency = idempotency;
    this.resources = resources;
    this.rootSecret = rootSecret;
    this.clock = clock;
  }

  @Schema(name = "Key", description = "An API key, as far as it is kept.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record KeyView(
      @Schema(example = "acme") String account,
      @Schema(description = "What its usage is shown under.", example = "acme-prod") String name,
      @Schema(description = "The raw key's last four characters.", example = "…9f3A") String masked,
      @Schema(
              description = "HMAC-SHA-256 of the raw key.",
              example = "6b1f0e1a5d2c4b7f8e9d0a1b2c3d4e5f6b1f0e1a5d2c4b7f8e9d0a1b2c3d4e5f")
          String fingerprint,
      @Schema(description = "The raw key; shown once, when it is made here.")
          @Nullable String secret,
      @Schema(description = "Id of the team that uses it.", example = "search")
          @Nullable String team,
      @Schema(description = "Usage that completes then or later is flagged key-expired.")
          @Nullable Instant expiresAt,
      @Schema(description = "Fingerprint of the key that took over its name.")
          @Nullable String replacedBy) {
    static KeyView of(ApiKey key, @Nullable String secret) {
      return new KeyView(
          key.account(),
          key.name(),
          "…" + key.lastFour(),
          key.fingerprint(),
          secret,
          key.team(),
          key.expiresAt(),
          key.replacedBy());
    }
  }

  @Schema(description = "What to change of a key; what is absent stays as it is.")
  record KeyChange(
      @Schema(description = "Id of one of the account's teams; empty for none.", example = "search")
          @Nullable String team,
      @Schema(description = "When it expires. Its usage counts all the same and is flagged.")
          @Nullable Instant expiresAt) {}

  @Schema(description = "The key that takes over a name.")
  record Rotation(
      @Schema(
              description =
                  "An existing raw key; fingerprinted at once, never stored. Without it and without"
                      + " fingerprint a key is made.")
          @Nullable String secret,
      @Schema(description = "An existing key's fingerprint, 64 hex digits.")
          @Nullable String fingerprint,
      @Schema(description = "The raw key's last four characters, with fingerprint.")
          @Nullable String lastFour,
      @Schema(description = "When the key before expires; now, if it is not given.")
          @Nullable Instant oldExpiresAt) {
    /** Shows no secret. */
    @Override
    public String toString() {
      return "Rotation[oldExpiresAt=" + oldExpiresAt + "]";
    }
  }

  @Schema(description = "One page of an account's keys, by name.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record KeyList(
      List<KeyView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next) {}

  @Schema(description = "When a key expires for good.")
  record Revocation(
      @Schema(description = "When it expires; now, if it is not given.") @Nullable Instant at) {}

  @Schema(description = "A key to make, or to register.")
  record NewKey(
      @Schema(description = "Unique within the account.", example = "acme-prod")
          @Nullable String name,
      @Schema(
              description =
                  "An existing raw key to register; fingerprinted at once, never stored. Without it"
                      + " and without fingerprint a key is made.",
              example = "sk-existing-key")
          @Nullable String secret,
      @Schema(description = "An existing key's fingerprint to register, 64 hex digits.")
          @Nullable String fingerprint,
      @Schema(description = "The raw key's last four characters, with fingerprint.")
          @Nullable String lastFour) {
    /** Shows no secret. */
    @Override
    public String toString() {
      return "NewKey[name=" + name + "]";
    }
  }

  @Operation(
      summary = "List an account's keys",
      description =
          "Raw keys are not kept. Of keys that were rotated under one name all are listed.")
  @GetMapping("/v1/accounts/{account}/keys")
  KeyList list(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(description = "Only keys of this team, by its id.", example = "search")
          @RequestParam(name = "team", required = false)
          @Nullable String team,
      @Parameter(
              description =
                  "Only keys that are in use, that have expired, or that another has replaced.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"active", "expired", "replaced"}))
          @RequestParam(name = "state", required = false)
          @Nullable String state,
      @Parameter(hidden = true) @Listing.By("name") Listing listing) {
    String id = directory.account(account).id();
    if (state != null && !STATES.contains(state)) {
      throw ProblemException.parameter("state", "must be active, expired or replaced");
    }
    Page<ApiKey> page =
        Page.of(
            catalog.snapshot().keys(id).stream()
                .filter(key -> team == null || team.equals(key.team()))
                .filter(key -> state == null || state.equals(stateOf(key))),
            key -> key.name() + '\n' + key.fingerprint(),
            listing);
    return new KeyList(page.shown(key -> KeyView.of(key, null)), page.next());
  }

  private String stateOf(ApiKey key) {
    if (key.replacedBy() != null) {
      return "replaced";
    }
    Instant expiresAt = key.expiresAt();
    return expiresAt != null && !expiresAt.isAfter(clock.instant()) ? "expired" : "active";
  }

  @Operation(summary = "Read a key", description = "The one that is in use under a name.")
  @Tagged
  @GetMapping("/v1/accounts/{account}/keys/{key}")
  ResponseEntity<KeyView> get(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(description = "The key's name.", example = "acme-prod") @PathVariable("key")
          String name) {
    return answer(HttpStatus.OK, current(directory.account(account).id(), name), null);
  }

  /** A key with its tag, and its secret if it was made just now. */
  private ResponseEntity<KeyView> answer(HttpStatus status, ApiKey key, @Nullable String secret) {
    return resources.answer(status, record(key), snapshot -> KeyView.of(key, secret));
  }

  private static String record(ApiKey key) {
    return "key/" + key.fingerprint();
  }

  @Operation(
      summary = "Make or register a key",
      description =
          """
          Without secret and fingerprint a key is made and shown in this answer only. The answer \
          comes once every part of intake attributes lines by it. Registering the same key again \
          changes nothing.""")
  @Refuses(ProblemType.CONFLICT)
  @ApiResponse(responseCode = "201", description = "Made.", useReturnTypeSchema = true)
  @ApiResponse(
      responseCode = "200",
      description = "There was the same already.",
      useReturnTypeSchema = true)
  @Tagged
  @PostMapping("/v1/accounts/{account}/keys")
  ResponseEntity<KeyView> create(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @RequestBody NewKey body,
      @Parameter(
              description =
                  "The same when the request is sent again: for a day it gives the same key and"
                      + " secret. Without it each request makes another key.")
          @RequestHeader(name = "Idempotency-Key", required = false)
          @Nullable String idempotencyKey,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    String id = directory.account(account).id();
    String address = "keys/" + id;
    return idempotency.ifGiven(
        address,
        idempotencyKey,
        body,
        () -> {
          String made =
              body.secret() == null && body.fingerprint() == null
                  ? secret(address, caller, idempotencyKey)
                  : null;
          return create(read(id, body, made), made, caller);
        });
  }

  private ResponseEntity<KeyView> create(ApiKey wanted, @Nullable String made, Caller caller) {
    Resources.Written written;
    try {
      written =
          resources.write(
              record(wanted),
              Change.by(caller),
              snapshot -> {
                checkConflicts(wanted, caller, snapshot);
                return Catalog.of(current(snapshot, wanted));
              });
    } catch (ProblemException e) {
      throw made != null && e.type() == ProblemType.NOT_ACKNOWLEDGED ? lost(wanted) : e;
    }
    boolean existed = written.over().key(wanted.fingerprint()) != null;
    return answer(
        existed ? HttpStatus.OK : HttpStatus.CREATED, current(written.over(), wanted), made);
  }

  /** Registering it again must not undo what has been said about it since. */
  private static ApiKey current(CatalogSnapshot snapshot, ApiKey found) {
    ApiKey now = snapshot.key(found.fingerprint());
    return now == null ? found : now;
  }

  /**
   * The key that the same request made before, else a new one. A request is the same only if the
   * same token sends it: else whoever guesses an idempotency key would be shown what another made.
   */
  private String secret(String address, Caller caller, @Nullable String idempotencyKey) {
    if (idempotencyKey == null) {
      return secrets.create();
    }
    Instant now = clock.instant();
    String request = address + '\n' + caller.id() + '\n' + idempotencyKey;
    String before = secrets.derive(rootSecret, request, now.minus(SecretFormat.REPEATED_WITHIN));
    String fingerprint = new Fingerprinter(rootSecret).fingerprint(before);
    boolean known = catalog.snapshot().key(fingerprint) != null;
    return known ? before : secrets.derive(rootSecret, request, now);
  }

  @Operation(
      summary = "Move a key to a team, or let it expire",
      description =
          """
          With If-Match only if nobody changed it since it was read. The same change again changes \
          nothing.""")
  @Tagged
  @PatchMapping("/v1/accounts/{account}/keys/{key}")
  ResponseEntity<KeyView> change(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(description = "The key's name.", example = "acme-prod") @PathVariable("key")
          String name,
      @RequestBody KeyChange body,
      @Parameter(hidden = true) Change change) {
    ApiKey before = current(directory.account(account).id(), name);
    return resources.change(
        "keys/" + before.account() + '/' + name,
        body,
        change,
        () -> write(before, key -> changed(key, body), change));
  }

  @Operation(
      summary = "Revoke a key",
      description =
          """
          It expires, now or at the instant, and for good: its usage counts all the same, because the \
          gateway let it pass, and is flagged key-expired. Take it from the gateway too. Revoking \
          again changes nothing.""")
  @Tagged
  @PostMapping("/v1/accounts/{account}/keys/{key}/revocation")
  ResponseEntity<KeyView> revoke(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(description = "The key's name.", example = "acme-prod") @PathVariable("key")
          String name,
      @RequestBody Revocation body,
      @Parameter(hidden = true) Change change) {
    ApiKey before = current(directory.account(account).id(), name);
    return resources.change(
        "revocations/" + before.account() + '/' + name,
        body,
        change,
        () -> {
          Instant at = body.at() == null ? clock.instant() : body.at();
          return write(before, key -> changed(key, new KeyChange(null, earlier(key, at))), change);
        });
  }

  private static Instant earlier(ApiKey key, Instant at) {
    Instant already = key.expiresAt();
    return already != null && already.isBefore(at) ? already : at;
  }

  private ResponseEntity<KeyView> write(
      ApiKey found, UnaryOperator<ApiKey> changed, Change change) {
    Resources.Written written =
        resources.write(
            record(found), change, snapshot -> Catalog.of(changed.apply(current(snapshot, found))));
    return answer(HttpStatus.OK, changed.apply(current(written.over(), found)), null);
  }

  private static ApiKey changed(ApiKey before, KeyChange body) {
    return new ApiKey(
        before.account(),
        before.name(),
        before.fingerprint(),
        before.lastFour(),
        body.team() == null ? before.team() : Parameters.text(body.team()),
        body.expiresAt() == null ? before.expiresAt() : body.expiresAt(),
        before.replacedBy());
  }

  @Operation(
      summary = "Rotate a key",
      description =
          """
          Another key takes over the name, so that usage goes on under it. The key before still pays \
          for what is done with it, flagged key-replaced, and key-expired from the given instant on. \
          Rotating to the same key again changes nothing; a key that is made here is shown in this \
          answer only.""")
  @Refuses(ProblemType.CONFLICT)
  @ApiResponse(responseCode = "201", description = "Made.", useReturnTypeSchema = true)
  @ApiResponse(
      responseCode = "200",
      description = "There was the same already.",
      useReturnTypeSchema = true)
  @Tagged
  @PostMapping("/v1/accounts/{account}/keys/{key}/rotation")
  ResponseEntity<KeyView> rotate(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(description = "The key's name.", example = "acme-prod") @PathVariable("key")
          String name,
      @RequestBody Rotation body,
      @Parameter(hidden = true) @Change.MakesASecret Change change) {
    ApiKey before = current(directory.account(account).id(), name);
    String address = "rotations/" + before.account() + '/' + name;
    return resources.change(
        address,
        body,
        change,
        () -> {
          String made =
              body.secret() == null && body.fingerprint() == null
                  ? secret(address, change.caller(), change.idempotencyKey())
                  : null;
          return rotate(before, body, made, change);
        });
  }

  private ResponseEntity<KeyView> rotate(
      ApiKey before, Rotation body, @Nullable String made, Change change) {
    ApiKey next =
        read(
            before.account(),
            new NewKey(before.name(), body.secret(), body.fingerprint(), body.lastFour()),
            made);
    if (next.fingerprint().equals(before.fingerprint())) {
      return answer(HttpStatus.OK, before, made);
    }
    Instant expiry = body.oldExpiresAt() == null ? clock.instant() : body.oldExpiresAt();
    Resources.Written written =
        resources.write(
            record(before),
            change,
            snapshot -> {
              ApiKey now = current(snapshot, before);
              checkRotation(now, next, change.caller(), snapshot);
              return Catalog.of(replaced(now, next, expiry), successor(now, next));
            });
    return answer(HttpStatus.CREATED, successor(current(written.over(), before), next), made);
  }

  private static void checkRotation(
      ApiKey now, ApiKey next, Caller caller, CatalogSnapshot snapshot) {
    ApiKey other = snapshot.key(next.fingerprint());
    if (other != null) {
      throw registered(other, caller);
    }
    if (now.replacedBy() != null) {
      throw ProblemException.of(
          ProblemType.CONFLICT,
          "Key %s of account %s was rotated by somebody else meanwhile; read it again."
              .formatted(now.name(), now.account()));
    }
  }

  private static ApiKey replaced(ApiKey now, ApiKey next, Instant expiry) {
    return new ApiKey(
        now.account(),
        now.name(),
        now.fingerprint(),
        now.lastFour(),
        now.team(),
        expiry,
        next.fingerprint());
  }

  private static ApiKey successor(ApiKey now, ApiKey next) {
    return new ApiKey(
        next.account(), next.name(), next.fingerprint(), next.lastFour(), now.team(), null, null);
  }

  /** The key that is in use under a name. */
  private ApiKey current(String account, String name) {
    return catalog.snapshot().keys(account).stream()
        .filter(key -> key.name().equals(name) && key.replacedBy() == null)
        .findFirst()
        .orElseThrow(
            () ->
                ProblemException.of(
                    ProblemType.NOT_FOUND,
                    "Account %s has no such key; GET /v1/accounts/%s/keys lists all."
                        .formatted(account, account)));
  }

  private ApiKey read(String account, NewKey body, @Nullable String made) {
    String name = KeyNames.checked("name", body.name());
    String secret = made != null ? made : body.secret();
    if (secret != null) {
      if (body.fingerprint() != null || body.lastFour() != null) {
        throw ProblemException.field(
            "fingerprint", "must not stand beside secret, which decides it");
      }
      if (secret.length() < SHORTEST_SECRET || secret.length() > LONGEST_SECRET) {
        throw ProblemException.field(
            "secret", "must have %d to %d characters".formatted(SHORTEST_SECRET, LONGEST_SECRET));
      }
      if (GateIdentity.isMeant(secret)) {
        throw ProblemException.field("secret", "must not begin like what a gate signs, with tmg1.");
      }
      return new ApiKey(
          account,
          name,
          new Fingerprinter(rootSecret).fingerprint(secret),
          Fingerprinter.lastFour(secret));
    }
    String fingerprint = body.fingerprint() == null ? "" : body.fingerprint();
    if (!FINGERPRINT.matcher(fingerprint).matches()) {
      throw ProblemException.field("fingerprint", "must be 64 lower-case hex digits");
    }
    String lastFour = body.lastFour() == null ? "" : body.lastFour();
    if (!lastFour.isEmpty() && !LAST_FOUR.matcher(lastFour).matches()) {
      throw ProblemException.field("lastFour", "must be four visible ASCII characters, or absent");
    }
    return new ApiKey(account, name, fingerprint, lastFour);
  }

  /** A repeated request would make another secret. */
  private static ProblemException lost(ApiKey key) {
    return ProblemException.of(
        ProblemType.NOT_ACKNOWLEDGED,
        "The key was not confirmed in time. If GET /v1/accounts/%s/keys shows %s, nobody knows its secret: make one of another name."
            .formatted(key.account(), key.name()));
  }

  /** Whoever does not see the other account learns no more than that the key is taken. */
  private static ProblemException registered(ApiKey other, Caller caller) {
    return ProblemException.of(
        ProblemType.CONFLICT,
        caller.sees(other.account())
            ? "This key is registered already, as %s of account %s."
                .formatted(other.name(), other.account())
            : "This key cannot be registered; make another.");
  }

  private static void checkConflicts(ApiKey key, Caller caller, CatalogSnapshot snapshot) {
    ApiKey same = snapshot.key(key.fingerprint());
    if (same != null && !(same.account().equals(key.account()) && same.name().equals(key.name()))) {
      throw registered(same, caller);
    }
    boolean named =
        snapshot.keys(key.account()).stream()
            .anyMatch(other -> other.name().equals(key.name()) && other.replacedBy() == null);
    if (same == null && named) {
      throw ProblemException.of(
          ProblemType.CONFLICT,
          "Account %s has another key named %s; rotate it, or choose another name."
              .formatted(key.account(), key.name()));
    }
  }
}
