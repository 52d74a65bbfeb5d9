package dev.taximeter.api.oidc;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.taximeter.api.settings.OidcSettings;
import dev.taximeter.contract.catalog.AccessToken.Role;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes rights of claims: what the mapping says, and nothing else. */
final class Grants {
  private final OidcSettings settings;

  Grants(OidcSettings settings) {
    this.settings = settings;
  }

  /**
   * What a token grants.
   *
   * @param account id of the one account that it sees; null for all
   */
  record Granted(Role role, @Nullable String account) {}

  /** A token grants nothing, or what cannot be. */
  static final class NothingException extends Exception {
    private static final long serialVersionUID = 1;

    private final String reason;

    NothingException(String reason) {
      super(reason);
      this.reason = reason;
    }

    String reason() {
      return reason;
    }
  }

  /**
   * Reads a token's rights. Roles of one account narrow: who has one of them sees one account only,
   * whatever else the token says.
   *
   * @throws NothingException with a sentence for people
   */
  Granted of(JWTClaimsSet claims) throws NothingException {
    List<OidcSettings.Grant> mapped =
        values(claim(claims.getClaims(), settings.roleClaim()))
            .map(settings.roles()::get)
            .filter(Objects::nonNull)
            .toList();
    boolean narrowed = mapped.stream().anyMatch(OidcSettings.Grant::ofAccount);
    // Roles stand in order, the one that may do most first.
    Role role =
        mapped.stream()
            .filter(grant -> grant.ofAccount() == narrowed)
            .map(OidcSettings.Grant::role)
            .min(Comparator.naturalOrder())
            .orElseThrow(
                () ->
                    new NothingException(
                        "This token is genuine, but its claim %s names no role of this installation; TAXIMETER_OIDC_ROLES maps them."
                            .formatted(settings.roleClaim())));
    return new Granted(role, narrowed ? account(claims) : null);
  }

  private String account(JWTClaimsSet claims) throws NothingException {
    if (claim(claims.getClaims(), settings.accountClaim()) instanceof String account
        && !account.isBlank()) {
      return account;
    }
    throw new NothingException(
        "This token is of one account, but its claim %s does not name one."
            .formatted(settings.accountClaim()));
  }

  /** A claim by its whole name, or by the way to it, as in {@code realm_access.roles}. */
  private static @Nullable Object claim(Map<?, ?> claims, String name) {
    if (claims.containsKey(name)) {
      return claims.get(name);
    }
    int dot = name.indexOf('.');
    return dot > 0 && claims.get(name.substring(0, dot)) instanceof Map<?, ?> inner
        ? claim(inner, name.substring(dot + 1))
        : null;
  }

  /** A list of texts, or one text with spaces between, as {@code scope} has them. */
  private static Stream<String> values(@Nullable Object claim) {
    if (claim instanceof String text) {
      return Stream.of(text.split(" ", -1));
    }
    return claim instanceof List<?> list
        ? list.stream().filter(String.class::isInstance).map(String.class::cast)
        : Stream.empty();
  }
}
