package dev.taximeter.api.signin;

import dev.taximeter.api.web.Problem;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.catalog.AccessToken.Role;
import jakarta.servlet.http.HttpServletRequest;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bearer tokens: the administrator's from the file, compared by hash and in constant time, and
 * those that people have made, looked up by the whole hash.
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
  private final Tokens tokens;

  /**
   * @param administrator the token in the file
   */
  public BearerTokens(String administrator, Tokens tokens) {
    this.administrator = Hashes.sha256(administrator);
    this.tokens = tokens;
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
    String secret = Bearer.of(request);
    return Problem.of(
        ProblemType.UNAUTHENTICATED,
        secret != null && tokens.isMistyped(secret)
            ? "This token is cut off or mistyped: its checksum is wrong. Copy all of it again."
            : "This token is not valid: unknown, expired or revoked. The administrator's is in the"
                + " file admin-token in the data directory; POST /v1/tokens makes others.",
        List.of());
  }
}
