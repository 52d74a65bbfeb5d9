package dev.taximeter.api.signin;

import dev.taximeter.api.limits.ClientAddress;
import dev.taximeter.api.limits.WastedTime;
import dev.taximeter.api.web.Problem;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.catalog.AccessToken.Role;
import jakarta.servlet.http.HttpServletRequest;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Bearer tokens: the administrator's from the file, compared by hash and in constant time, those
 * that people have made, looked up by the whole hash, and those of an identity provider.
 */
public final class BearerTokens implements Authenticator {
  private static final Caller ADMINISTRATOR =
      new Caller(
          Caller.ADMINISTRATOR,
          Caller.ADMINISTRATOR,
          Role.ADMINISTRATOR,
          null,
          null,
          Caller.Means.TOKEN);

  private final byte[] administrator;

  /** Request attribute that holds why a signed token was not accepted. */
  private static final String VERDICT = BearerTokens.class.getName();

  /** Three parts of base64url. What looks so is neither the file's token nor one made here. */
  private static final Pattern SIGNED =
      Pattern.compile("eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*");

  /** When an identity provider that does not answer may answer again. */
  private static final Duration PROVIDER_ANSWERS = Duration.ofSeconds(5);

  private final Tokens tokens;
  private final IdentityTokens identities;
  private final KeyHolders keys;
  private final LongSupplier nanos;
  private final WastedTime wasted = new WastedTime();
  private final KnownTokens known = new KnownTokens();

  /**
   * @param administrator the token in the file
   * @param tokens those that people have made
   * @param identities those that an identity provider signs
   * @param keys the gateway's keys, which are no tokens: whoever sends one is told so
   */
  public BearerTokens(
      String administrator, Tokens tokens, IdentityTokens identities, KeyHolders keys) {
    this(administrator, tokens, identities, keys, System::nanoTime);
  }

  BearerTokens(
      String administrator,
      Tokens tokens,
      IdentityTokens identities,
      KeyHolders keys,
      LongSupplier nanos) {
    this.administrator = Hashes.sha256(administrator);
    this.tokens = tokens;
    this.identities = identities;
    this.keys = keys;
    this.nanos = nanos;
  }

  @Override
  public boolean concerns(HttpServletRequest request) {
    return Bearer.isIn(request);
  }

  @Override
  public @Nullable Caller authenticate(HttpServletRequest request) {
    String secret = Bearer.of(request);
    if (secret == null) {
      return null;
    }
    if (MessageDigest.isEqual(Hashes.sha256(secret), administrator)) {
      return ADMINISTRATOR;
    }
    if (SIGNED.matcher(secret).matches()) {
      IdentityTokens.Verdict verdict = checked(secret, ClientAddress.of(request));
      request.setAttribute(VERDICT, verdict);
      return verdict instanceof IdentityTokens.Verdict.Accepted good ? good.caller() : null;
    }
    Caller holder = tokens.holderOf(secret);
    if (holder != null) {
      tokens.used(holder);
    }
    return holder;
  }

  /**
   * Checking a signature takes a while, and anybody can make one up. So time that is wasted for an
   * address is limited; tokens that were good before are checked all the same, and new ones as long
   * as time is left: whoever shares an address with an attacker, behind a proxy, still gets in.
   */
  private IdentityTokens.Verdict checked(String token, String address) {
    Duration wait = known.has(token) ? Duration.ZERO : wasted.toWait(address);
    if (!wait.isZero()) {
      return new IdentityTokens.Verdict.NotChecked(wait);
    }
    long began = nanos.getAsLong();
    IdentityTokens.Verdict verdict = identities.check(token);
    if (verdict instanceof IdentityTokens.Verdict.Accepted) {
      known.good(token);
    } else if (verdict instanceof IdentityTokens.Verdict.Refused) {
      known.worthNothing(token);
      wasted.wasted(address, Duration.ofNanos(nanos.getAsLong() - began));
    }
    return verdict;
  }

  @Override
  public boolean complete() {
    return tokens.complete();
  }

  @Override
  public Duration retryAfter(HttpServletRequest request) {
    return request.getAttribute(VERDICT) instanceof IdentityTokens.Verdict.NotChecked not
        ? not.retryAfter()
        : PROVIDER_ANSWERS;
  }

  @Override
  public Problem refusal(HttpServletRequest request) {
    Object verdict = request.getAttribute(VERDICT);
    if (verdict instanceof IdentityTokens.Verdict.Unknown unknown) {
      return Problem.of(ProblemType.NOT_READY, unknown.reason(), List.of());
    }
    if (verdict instanceof IdentityTokens.Verdict.NotChecked) {
      return Problem.of(
          ProblemType.RATE_LIMITED,
          "Too many tokens with wrong signatures come from this address; this one is not checked"
              + " before Retry-After.",
          List.of());
    }
    if (verdict instanceof IdentityTokens.Verdict.Refused refused) {
      return Problem.of(ProblemType.UNAUTHENTICATED, refused.reason(), List.of());
    }
    String secret = Bearer.of(request);
    if (secret != null && keys.holderOf(secret) != null) {
      return Problem.of(
          ProblemType.UNAUTHENTICATED,
          "This is an API key of the gateway, which may only ask about itself: GET /v1/key. For this"
              + " address a token is needed; the operator of this installation makes them.",
          List.of());
    }
    return Problem.of(
        ProblemType.UNAUTHENTICATED,
        secret != null && tokens.isMistyped(secret)
            ? "This token is cut off or mistyped: its checksum is wrong. Copy all of it again."
            : "This token is not valid: unknown, expired or revoked. The administrator's is in the"
                + " file admin-token in the data directory; POST /v1/tokens makes others.",
        List.of());
  }
}
