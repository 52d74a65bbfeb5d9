package dev.taximeter.contract.catalog;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A token that may ask the API. Its secret is never kept.
 *
 * @param id unique for ever
 * @param name unique among the tokens in force; what its changes are recorded under
 * @param hash SHA-256 of the secret, 64 hex digits; enough, because the secret has 256 random bits
 * @param role what it may do
 * @param account id of the one account that it sees; null for all
 * @param createdAt when it was made
 * @param createdBy name of the token that made it
 * @param expiresAt worth nothing then and later; null if it never expires
 * @param revokedAt when it was revoked, for good; null if it was not
 */
public record AccessToken(
    String id,
    String name,
    String hash,
    Role role,
    @Nullable String account,
    Instant createdAt,
    String createdBy,
    @Nullable Instant expiresAt,
    @Nullable Instant revokedAt) {
  /** What a name may be, for people. */
  public static final String NAME_RULE =
      "1 to 64 letters, digits, spaces and . _ @ -, beginning with a letter or digit, and not admin";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9 ._@-]{0,63}");

  /** Of the token in the file, which is not in the catalogue. */
  private static final String RESERVED_NAME = "admin";

  /** {@return whether a token may have a name} */
  public static boolean isName(String name) {
    return NAME.matcher(name).matches() && !name.equalsIgnoreCase(RESERVED_NAME);
  }

  /** What a token may do, the most first. */
  public enum Role {
    /** All. */
    ADMINISTRATOR,
    /** Reads all, writes prices, accounts and money; of one account, its keys only. */
    BILLING,
    /** Reads. */
    VIEWER;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** {@return the role of a code; empty if there is none} */
    public static Optional<Role> of(String code) {
      return Arrays.stream(values()).filter(role -> role.code().equals(code)).findFirst();
    }

    /** {@return whether it may do all that the other may} */
    public boolean includes(Role other) {
      return compareTo(other) <= 0;
    }
  }

  /** {@return whether it is worth something at an instant} */
  public boolean isInForce(Instant at) {
    return revokedAt == null && (expiresAt == null || at.isBefore(expiresAt));
  }

  /** {@return the same token, worth nothing from an instant on} */
  public AccessToken revoked(Instant at) {
    return new AccessToken(id, name, hash, role, account, createdAt, createdBy, expiresAt, at);
  }
}
