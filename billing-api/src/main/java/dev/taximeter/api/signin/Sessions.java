package dev.taximeter.api.signin;

import dev.taximeter.api.web.Problem;
import dev.taximeter.api.web.ProblemType;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseCookie;

/**
 * Browser sessions. Each has the rights of the token that its link was made with, ends with it, and
 * with this process.
 */
public final class Sessions implements Authenticator {
  static final Duration LIFETIME = Duration.ofHours(12);
  private static final int MOST_SESSIONS = 10_000;
  private static final int MOST_SESSIONS_OF_ONE = 50;
  private static final String COOKIE = "taximeter-session";
  private static final int MOST_CHARACTERS = 128;

  private final OneTimeSecrets secrets;
  private final Tokens tokens;

  public Sessions(Clock clock, Tokens tokens) {
    this.secrets = new OneTimeSecrets(clock, LIFETIME, MOST_SESSIONS, MOST_SESSIONS_OF_ONE);
    this.tokens = tokens;
  }

  /**
   * @param caller whose rights it has
   * @param secure whether the browser may send it over TLS only
   */
  ResponseCookie open(Caller caller, boolean secure) {
    String secret = secrets.issue(caller.by(Caller.Means.SESSION)).secret();
    return ResponseCookie.from(COOKIE, secret)
        .httpOnly(true)
        .sameSite("Strict")
        .secure(secure)
        .path("/")
        .maxAge(LIFETIME)
        .build();
  }

  /** Ends the session that a request came with. */
  void end(HttpServletRequest request) {
    String secret = secretOf(request);
    if (secret != null) {
      secrets.redeem(secret);
    }
  }

  /** {@return what makes a browser forget its session} */
  static ResponseCookie forgotten() {
    return ResponseCookie.from(COOKIE, "")
        .httpOnly(true)
        .sameSite("Strict")
        .path("/")
        .maxAge(Duration.ZERO)
        .build();
  }

  @Override
  public boolean concerns(HttpServletRequest request) {
    return secretOf(request) != null;
  }

  @Override
  public @Nullable Caller authenticate(HttpServletRequest request) {
    String secret = secretOf(request);
    Caller caller = secret == null ? null : secrets.find(secret);
    return caller != null && tokens.isInForce(caller) ? caller : null;
  }

  /** Sessions are kept here; whether their tokens were revoked is not known at first. */
  @Override
  public boolean complete() {
    return true;
  }

  @Override
  public Problem refusal(HttpServletRequest request) {
    return Problem.of(
        ProblemType.UNAUTHENTICATED,
        "This browser's session has ended. POST /v1/sign-in-codes with a token makes a link for a"
            + " new one.",
        List.of());
  }

  private static @Nullable String secretOf(HttpServletRequest request) {
    Cookie[] cookies = request.getCookies();
    if (cookies != null) {
      for (Cookie cookie : cookies) {
        if (cookie.getName().equals(COOKIE) && cookie.getValue().length() <= MOST_CHARACTERS) {
          return cookie.getValue();
        }
      }
    }
    return null;
  }
}
