package dev.taximeter.api.accounts;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.CatalogWriter;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** API keys of accounts. Only a new key's answer ever holds a raw key. */
@RestController
@Tag(name = "Keys")
public final class KeysController {
  private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern LAST_FOUR = Pattern.compile("[\\x21-\\x7e]{4}");
  private static final int SHORTEST_SECRET = 8;
  private static final int LONGEST_SECRET = 512;

  private final CatalogView catalog;
  private final AccountDirectory directory;
  private final CatalogWriter writer;
  private final RootSecret rootSecret;
  private final KeySecrets secrets = new KeySecrets();

  public KeysController(
      CatalogView catalog,
      AccountDirectory directory,
      CatalogWriter writer,
      RootSecret rootSecret) {
    this.catalog = catalog;
    this.directory = directory;
    this.writer = writer;
    this.rootSecret = rootSecret;
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
          @Nullable String secret) {
    static KeyView of(ApiKey key, @Nullable String secret) {
      return new KeyView(
          key.account(), key.name(), "…" + key.lastFour(), key.fingerprint(), secret);
    }
  }

  @Schema(description = "An account's keys, by name.")
  record KeyList(List<KeyView> items) {}

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

  @Operation(summary = "List an account's keys", description = "Raw keys are not kept.")
  @GetMapping("/v1/accounts/{account}/keys")
  KeyList list(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account) {
    String id = directory.account(account).id();
    return new KeyList(
        catalog.snapshot().keys(id).stream().map(key -> KeyView.of(key, null)).toList());
  }

  @Operation(
      summary = "Make or register a key",
      description =
          """
          Without secret and fingerprint a key is made and shown in this answer only. The answer \
          comes once every part of intake attributes lines by it. Registering the same key again \
          changes nothing.""")
  @PostMapping("/v1/accounts/{account}/keys")
  ResponseEntity<KeyView> create(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @RequestBody NewKey body,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    String id = directory.account(account).id();
    String made = body.secret() == null && body.fingerprint() == null ? secrets.create() : null;
    ApiKey key = read(id, body, made);
    boolean exists = checkConflicts(key);
    try {
      writer.write(
          new Catalog(List.of(), List.of(key), List.of(), List.of(), List.of(), List.of()),
          caller.name(),
          "");
    } catch (ProblemException e) {
      throw made != null && e.type() == ProblemType.NOT_ACKNOWLEDGED ? lost(key) : e;
    }
    return ResponseEntity.status(exists ? HttpStatus.OK : HttpStatus.CREATED)
        .body(KeyView.of(key, made));
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

  /** Returns whether this very key is registered already. */
  private boolean checkConflicts(ApiKey key) {
    for (ApiKey other : catalog.snapshot().catalog().keys()) {
      boolean sameKey = other.fingerprint().equals(key.fingerprint());
      boolean sameName = other.account().equals(key.account()) && other.name().equals(key.name());
      if (sameKey && sameName) {
        return true;
      }
      if (sameKey) {
        throw ProblemException.of(
            ProblemType.CONFLICT,
            "This key is registered already, as %s of account %s."
                .formatted(other.name(), other.account()));
      }
      if (sameName) {
        throw ProblemException.of(
            ProblemType.CONFLICT,
            "Account %s has another key named %s; choose another name."
                .formatted(key.account(), key.name()));
      }
    }
    return false;
  }
}
