package dev.taximeter.api.signin;

/**
 * Who asks.
 *
 * @param name what the author of a change is recorded as
 * @param means how the caller proved who it is
 */
public record Caller(String name, Means means) {
  /** Request attribute that holds the caller. */
  public static final String ATTRIBUTE = Caller.class.getName();

  /** Proofs of identity. */
  public enum Means {
    /** A token in {@code Authorization}: programs, and pages that cannot be tricked into it. */
    TOKEN,
    /** A browser's cookie, sent by itself: it may read, never change. */
    SESSION
  }
}
