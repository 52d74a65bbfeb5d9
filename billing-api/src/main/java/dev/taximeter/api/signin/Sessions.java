package dev.taximeter.api.signin;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseCookie;

/** Browser sessions. They end with this process. */
public final class Sessions implements Authenticator {
  static final Duration LIFETIME = Duration.ofHours(12);
  private static final int MOST_SESSIONS = 1_000;
  private static final String COOKIE = "taximeter-session";
  private static final int MOST_CHARACTERS = 128;
  private static final Caller VISITOR = new Caller("admin", Caller.Means.SESSION);

  private final OneTimeSecrets secrets;

  public Sessions(Clock clock) {
    this.secrets = new OneTimeSecrets(clock, LIFETIME, MOST_SESSIONS);
  }

  /**
   * @param secure whether the browser may send it over TLS only
   */
  ResponseCookie open(boolean secure) {
    return ResponseCookie.from(COOKIE, secrets.issue().secret())
        .httpOnly(true)
        .sameSite("Strict")
        .secure(secure)
        .path("/")
        .maxAge(LIFETIME)
        .build();
  }

  @Override
  public boolean concerns(HttpServletRequest request) {
    return secretOf(request) != null;
  }

  @Override
  public @Nullable Caller authenticate(HttpServletRequest request) {
    String secret = secretOf(request);
    return secret != null && secrets.knows(secret) ? VISITOR : null;
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
