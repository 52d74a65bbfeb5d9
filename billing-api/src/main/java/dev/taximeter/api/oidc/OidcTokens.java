package dev.taximeter.api.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.BadJWSException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.settings.OidcSettings;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.signin.IdentityTokens;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tokens that the configured provider has signed for this installation. Signatures are asymmetric
 * only: who can check a token must not be able to make one. Thread-safe.
 */
public final class OidcTokens implements IdentityTokens {
  /** Of names and ids of callers who come with such a token; no other token's name has a colon. */
  public static final String PREFIX = "oidc:";

  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512);

  /** A key that the provider takes back is worth nothing after so long. */
  private static final Duration KEYS_KEPT = Duration.ofMinutes(5);

  /** While the provider does not answer, its last keys hold so long. */
  private static final Duration OUTAGE = Duration.ofHours(1);

  /** How long requests wait for another that reads the keys. */
  private static final Duration READING = Duration.ofSeconds(5);

  /** Tokens with unknown keys make us ask the provider at most twice in so long. */
  private static final Duration BETWEEN_READS = Duration.ofSeconds(30);

  /** OpenID Connect's rule for subjects. */
  private static final Pattern SUBJECT = Pattern.compile("[\\x21-\\x7e]{1,255}");

  private final RemoteKeys keys;
  private final Grants grants;
  private final CatalogView catalog;
  private final Clock clock;
  private final Duration longestLife;
  private final Duration clockSkew;
  private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

  public OidcTokens(OidcSettings settings, CatalogView catalog, Clock clock) {
    this.keys = new RemoteKeys(settings.keys());
    this.grants = new Grants(settings);
    this.catalog = catalog;
    this.clock = clock;
    this.longestLife = settings.longestLife();
    this.clockSkew = settings.clockSkew();
    processor.setJWSTypeVerifier(
        new DefaultJOSEObjectTypeVerifier<>(
            JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
    processor.setJWSKeySelector(
        new JWSVerificationKeySelector<>(
            ALGORITHMS,
            JWKSourceBuilder.create(keys)
                .cache(KEYS_KEPT.toMillis(), READING.toMillis())
                .refreshAheadCache(false)
                .rateLimited(BETWEEN_READS.toMillis())
                .outageTolerant(OUTAGE.toMillis())
                .build()));
    processor.setJWTClaimsSetVerifier(claims(settings, clock));
  }

  private static DefaultJWTClaimsVerifier<SecurityContext> claims(
      OidcSettings settings, Clock clock) {
    DefaultJWTClaimsVerifier<SecurityContext> verifier =
        new DefaultJWTClaimsVerifier<>(
            settings.audiences(),
            new JWTClaimsSet.Builder().issuer(settings.issuer()).build(),
            Set.of("sub", "exp"),
            Set.of()) {
          @Override
          protected Date currentTime() {
            return Date.from(clock.instant());
          }
        };
    verifier.setMaxClockSkew((int) settings.clockSkew().toSeconds());
    return verifier;
  }

  @Override
  public Verdict check(String token) {
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      if (!ALGORITHMS.contains(jwt.getHeader().getAlgorithm())) {
        return new Verdict.Refused(
            "This token's signature is none that is accepted: RS, PS or ES with 256, 384 or 512.");
      }
      if (jwt.getHeader().getKeyID() == null) {
        return new Verdict.Refused("This token does not say by its kid which key has signed it.");
      }
      return accepted(processor.process(jwt, null));
    } catch (ParseException e) {
      return new Verdict.Refused("This token is no signed JWT.");
    } catch (BadJWTException e) {
      return new Verdict.Refused(
          "This token is genuine, but not good here: %s.".formatted(e.getMessage()));
    } catch (Grants.NothingException e) {
      return new Verdict.Refused(e.reason());
    } catch (BadJWSException e) {
      return new Verdict.Refused("This token's signature is wrong.");
    } catch (BadJOSEException | JOSEException e) {
      // A key that was just made may be unknown only because the provider does not answer.
      return keys.failed()
          ? new Verdict.Unknown(
              "The identity provider's keys cannot be read now, so this token cannot be checked.")
          : new Verdict.Refused(
              "This token was signed with a key that the identity provider does not have.");
    }
  }

  private Verdict accepted(JWTClaimsSet claims) throws Grants.NothingException {
    String subject = claims.getSubject();
    Date ends = claims.getExpirationTime();
    if (subject == null || ends == null) {
      return new Verdict.Refused("This token has no sub, or never ends.");
    }
    if (!SUBJECT.matcher(subject).matches()) {
      return new Verdict.Refused("This token's sub is not 1 to 255 visible ASCII characters.");
    }
    if (lives(claims, ends.toInstant()).compareTo(longestLife) > 0) {
      return new Verdict.Refused(
          "This token lives longer than %s, the longest that is accepted here (%s); have the identity provider make shorter ones."
              .formatted(longestLife, OidcSettings.TOKEN_LIFETIME));
    }
    Grants.Granted granted = grants.of(claims);
    String account = granted.account();
    if (account != null && !isKnown(account)) {
      return new Verdict.Refused("This token is of an account that does not exist here.");
    }
    return new Verdict.Accepted(
        new Caller(
            PREFIX + subject,
            PREFIX + subject,
            granted.role(),
            account,
            ends.toInstant(),
            Caller.Means.TOKEN));
  }

  /** From when it was made; of one that does not say so, from now on. */
  private Duration lives(JWTClaimsSet claims, Instant ends) {
    Date made = claims.getIssueTime();
    return made == null
        ? Duration.between(clock.instant(), ends).minus(clockSkew)
        : Duration.between(made.toInstant(), ends);
  }

  /** Accounts of unknown keys are not a customer's, either. */
  private boolean isKnown(String account) {
    return !account.startsWith(AccountDirectory.UNATTRIBUTED)
        && catalog.snapshot().account(account) != null;
  }
}
