package dev.taximeter.api.signin;

import dev.taximeter.api.web.Problem;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.catalog.AccessToken.Role;
import jakarta.servlet.http.HttpServletRequest;
import java.security.MessageDigest;
import java.util.List;
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

  private final Tokens tokens;
  private final IdentityTokens identities;
  private final KeyHolders keys;

  /**
   * @param administrator the token in the file
   * @param tokens those that people have made
   * @param identities those that an identity provider signs
   * @param keys the gateway's keys, which are no tokens: whoever sends one is told so
   */
  public BearerTokens(
      String administrator, Tokens tokens, IdentityTokens identities, KeyHolders keys) {
    this.administrator = Hashes.sha256(administrator);
    this.tokens = tokens;
    this.identities = identities;
    this.keys = keys;
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
      IdentityTokens.Verdict verdict = identities.check(secret);
      request.setAttribute(VERDICT, verdict);
      return verdict instanceof IdentityTokens.Verdict.Accepted good ? good.caller() : null;
    }
    Caller holder = tokens.holderOf(secret);
    if (holder != null) {
      tokens.used(holder);
    }
    return holder;
  }

  @Override
  public boolean complete() {
    return tokens.complete();
  }

  @Override
  public Problem refusal(HttpServletRequest request) {
    Object verdict = request.getAttribute(VERDICT);
    if (verdict instanceof IdentityTokens.Verdict.Unknown unknown) {
      return Problem.of(ProblemType.NOT_READY, unknown.reason(), List.of());
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
