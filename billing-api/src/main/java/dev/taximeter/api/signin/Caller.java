package dev.taximeter.api.signin;

import dev.taximeter.contract.catalog.AccessToken.Role;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who asks.
 *
 * @param id of the token, or of the key that proved it
 * @param name what the author of a change is recorded as
 * @param role what the caller may do
 * @param account id of the one account that the caller sees; null for all
 * @param expiresAt when the proof ends; null if it never does
 * @param means how the caller proved who it is
 */
public record Caller(
    String id,
    String name,
    Role role,
    @Nullable String account,
    @Nullable Instant expiresAt,
    Means means) {
  /** Request attribute that holds the caller. */
  public static final String ATTRIBUTE = Caller.class.getName();

  /** Id and name of the token in the file. */
  public static final String ADMINISTRATOR = "admin";

  /** Proofs of identity. */
  public enum Means {
    /** A token in {@code Authorization}: programs, and pages that cannot be tricked into it. */
    TOKEN,
    /** A browser's cookie, sent by itself: it changes something only from {@link OwnPages}. */
    SESSION,
    /** A gateway's API key: it may ask about itself, and nothing else. */
    API_KEY
  }

  /** {@return whether the caller sees an account} */
  public boolean sees(String id) {
    return account == null || account.equals(id);
  }

  Caller by(Means other) {
    return new Caller(id, name, role, account, expiresAt, other);
  }
}
