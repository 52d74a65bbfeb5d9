package dev.taximeter.api.signin;

import org.jspecify.annotations.Nullable;

/** The tokens that people have made. */
public interface Tokens {
  /**
   * Finds who holds a secret.
   *
   * @param secret as it was sent; of any length and content
   * @return null if it is worth nothing
   */
  @Nullable Caller holderOf(String secret);

  /** {@return whether the token that a caller came with is still worth something} */
  boolean isInForce(Caller caller);

  /** {@return whether the secret is a token's, but cut off or mistyped} */
  boolean isMistyped(String secret);

  /** {@return whether all tokens are known here; not yet in a process that has just started} */
  boolean complete();

  /** Notes that a token was used. */
  void used(Caller caller);
}
