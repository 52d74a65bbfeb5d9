package dev.taximeter.api.signin;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/** The secret in the header {@code Authorization}. */
final class Bearer {
  private static final String SCHEME = "Bearer ";

  /** Longer values are not even hashed. Signed tokens with many claims have some 4,000. */
  private static final int MOST_CHARACTERS = 6_144;

  private Bearer() {}

  static boolean isIn(HttpServletRequest request) {
    return request.getHeader("Authorization") != null;
  }

  /** {@return null if there is none, or it cannot be one} */
  static @Nullable String of(HttpServletRequest request) {
    String header = request.getHeader("Authorization");
    if (header == null
        || header.length() > MOST_CHARACTERS
        || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return null;
    }
    String secret = header.substring(SCHEME.length()).strip();
    return secret.isEmpty() ? null : secret;
  }
}
