package dev.taximeter.api.signin;

import java.time.Duration;

/** Tokens that an identity provider signs for people and programs it knows. */
public interface IdentityTokens {
  /** No provider is trusted: every token is somebody else's. */
  IdentityTokens NONE =
      token -> new Verdict.Refused("This installation trusts no identity provider's tokens.");

  /**
   * Checks a token.
   *
   * @param token a JWT, as far as one can see
   */
  Verdict check(String token);

  /** What a token is worth. Reasons are whole sentences for people and never quote the token. */
  sealed interface Verdict {
    /** It is good. */
    record Accepted(Caller caller) implements Verdict {}

    /** It is worth nothing. */
    record Refused(String reason) implements Verdict {}

    /** Nobody can say now. */
    record Unknown(String reason) implements Verdict {}

    /** Nobody has looked: too many others of the same origin were worth nothing. */
    record NotChecked(Duration retryAfter) implements Verdict {}
  }
}
