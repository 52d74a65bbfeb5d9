package dev.taximeter.api.signin;

import org.jspecify.annotations.Nullable;

/** Those who hold an API key of the gateway. */
public interface KeyHolders {
  /**
   * Finds who holds a raw key.
   *
   * @param rawKey as it was sent; never kept
   * @return null if the key is unknown, or worth nothing any more
   */
  @Nullable Caller holderOf(String rawKey);

  /** {@return whether all keys are known here; not yet in a process that has just started} */
  boolean complete();
}
