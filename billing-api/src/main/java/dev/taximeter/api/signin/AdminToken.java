package dev.taximeter.api.signin;

import jakarta.servlet.http.HttpServletRequest;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** The administrator's bearer token, compared by hash and in constant time. */
public final class AdminToken implements Authenticator {
  private static final String SCHEME = "Bearer ";

  /** Longer values are not even hashed. */
  private static final int MOST_CHARACTERS = 1_024;

  private static final Caller ADMINISTRATOR = new Caller("admin", Caller.Means.TOKEN);

  private final byte[] hash;

  public AdminToken(String token) {
    this.hash = Hashes.sha256(token);
  }

  @Override
  public boolean concerns(HttpServletRequest request) {
    return request.getHeader("Authorization") != null;
  }

  @Override
  public @Nullable Caller authenticate(HttpServletRequest request) {
    String header = request.getHeader("Authorization");
    if (header == null
        || header.length() > MOST_CHARACTERS
        || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return null;
    }
    byte[] offered = Hashes.sha256(header.substring(SCHEME.length()).strip());
    return MessageDigest.isEqual(offered, hash) ? ADMINISTRATOR : null;
  }
}
