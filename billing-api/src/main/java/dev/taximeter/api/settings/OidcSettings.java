package dev.taximeter.api.settings;

import dev.taximeter.contract.catalog.AccessToken.Role;
import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.SettingsException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which identity provider's tokens are accepted, and what they grant.
 *
 * @param issuer what their {@code iss} must be, to the letter
 * @param audiences one of these must be in their {@code aud}: the names that the provider knows
 *     this installation by
 * @param keys where the provider's public keys are read, as a JWK set: https, or this machine
 * @param roleClaim claim with the roles: a name, or the way to it with dots
 * @param roles what each value of that claim grants; other values grant nothing
 * @param accountClaim claim with the account of those whose role is of one account
 * @param clockSkew how far the provider's clock may be off
 * @param longestLife from a token's {@code iat} to its {@code exp}, at most
 */
public record OidcSettings(
    String issuer,
    Set<String> audiences,
    URI keys,
    String roleClaim,
    Map<String, Grant> roles,
    String accountClaim,
    Duration clockSkew,
    Duration longestLife) {
  /** How long tokens may live. */
  public static final String TOKEN_LIFETIME = "TAXIMETER_OIDC_TOKEN_LIFETIME";

  private static final String OF_ACCOUNT = "account-";
  private static final String USUAL_ROLES =
      "taximeter-administrator=administrator,taximeter-billing=billing,taximeter-viewer=viewer,"
          + "taximeter-account-billing=account-billing,taximeter-account-viewer=account-viewer";
  private static final Duration USUAL_SKEW = Duration.ofMinutes(1);

  /** A token cannot be taken back. Providers make them for minutes or hours, a day at most. */
  private static final Duration USUAL_LIFETIME = Duration.ofHours(24);

  private static final Duration MOST_SKEW = Duration.ofMinutes(5);
  private static final Pattern SEPARATOR = Pattern.compile("[,\\s]+");
  private static final Set<String> THIS_MACHINE =
      Set.of("localhost", "127.0.0.1", "[::1]", "[0:0:0:0:0:0:0:1]");

  /**
   * What a value of the role claim grants.
   *
   * @param ofAccount whether it sees one account only, which the token names
   */
  public record Grant(Role role, boolean ofAccount) {}

  public OidcSettings {
    audiences = Set.copyOf(audiences);
    roles = Map.copyOf(roles);
  }

  /** {@return the settings; null if no provider's tokens are accepted} */
  static @Nullable OidcSettings from(Environment environment) {
    String issuer = environment.optional("TAXIMETER_OIDC_ISSUER");
    if (issuer == null) {
      return null;
    }
    Set<String> audiences =
        words(
                environment.required(
                    "TAXIMETER_OIDC_AUDIENCE",
                    "the name that the identity provider knows this installation by, as in the"
                        + " tokens' aud"))
            .collect(Collectors.toSet());
    return new OidcSettings(
        issuer,
        audiences,
        keys(
            environment.required(
                "TAXIMETER_OIDC_JWKS_URL",
                "the address of the identity provider's keys, the jwks_uri of its"
                    + " /.well-known/openid-configuration")),
        environment.text("TAXIMETER_OIDC_ROLE_CLAIM", "roles"),
        roles(environment.text("TAXIMETER_OIDC_ROLES", USUAL_ROLES)),
        environment.text("TAXIMETER_OIDC_ACCOUNT_CLAIM", "taximeter_account"),
        skew(environment),
        environment.duration(TOKEN_LIFETIME, USUAL_LIFETIME));
  }

  private static Stream<String> words(String text) {
    return Stream.of(SEPARATOR.split(text, -1)).filter(word -> !word.isEmpty());
  }

  /** Whoever could change the keys on their way could sign tokens. */
  private static URI keys(String address) {
    try {
      URI uri = URI.create(address);
      String host = uri.getHost();
      boolean https = "https".equals(uri.getScheme());
      boolean here = "http".equals(uri.getScheme()) && host != null && THIS_MACHINE.contains(host);
      if (host != null && uri.getUserInfo() == null && (https || here)) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Reported below.
    }
    throw new SettingsException(
        "TAXIMETER_OIDC_JWKS_URL must be an https address, or an http one on this machine, without"
            + " user and password");
  }

  private static Map<String, Grant> roles(String mapping) {
    Map<String, Grant> roles = new LinkedHashMap<>();
    words(mapping)
        .forEach(
            pair -> {
              int equals = pair.lastIndexOf('=');
              Grant grant = equals > 0 ? grant(pair.substring(equals + 1)) : null;
              if (grant == null || roles.put(pair.substring(0, equals), grant) != null) {
                throw new SettingsException(
                    "TAXIMETER_OIDC_ROLES must hold pairs such as finance=billing, each value of"
                        + " the claim once, with administrator, billing, viewer, account-billing or"
                        + " account-viewer behind the equals sign; not "
                        + pair);
              }
            });
    if (roles.isEmpty()) {
      throw new SettingsException("TAXIMETER_OIDC_ROLES must map at least one role");
    }
    return roles;
  }

  private static @Nullable Grant grant(String code) {
    boolean ofAccount = code.startsWith(OF_ACCOUNT);
    Role role = Role.of(ofAccount ? code.substring(OF_ACCOUNT.length()) : code).orElse(null);
    // An administrator of one account would be one of all: of tokens, sources and lines.
    return role == null || (ofAccount && role == Role.ADMINISTRATOR)
        ? null
        : new Grant(role, ofAccount);
  }

  private static Duration skew(Environment environment) {
    Duration skew = environment.duration("TAXIMETER_OIDC_CLOCK_SKEW", USUAL_SKEW);
    if (skew.compareTo(MOST_SKEW) > 0) {
      throw new SettingsException(
          "TAXIMETER_OIDC_CLOCK_SKEW must be at most " + MOST_SKEW + ", not " + skew);
    }
    return skew;
  }
}
