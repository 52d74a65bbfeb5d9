package dev.taximeter.api.tokens;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** When tokens were used, as all APIs together know it. */
public interface TokenUses {
  /** {@return when a token was used last, to the hour; null if never} */
  @Nullable Instant lastUse(String token);

  /** Tells all that a token was used. Does not wait, and may be lost. */
  void note(String token, Instant at);
}
