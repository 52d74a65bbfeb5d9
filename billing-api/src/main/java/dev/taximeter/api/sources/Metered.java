package dev.taximeter.api.sources;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How far accounts' states have got with what sources vouch for. */
public interface Metered {
  /**
   * @param shipped every line of requests that completed before has been shipped; null if nobody
   *     vouches for that
   * @return every line of requests that completed before is in its account's state; {@code shipped}
   *     or earlier, null if that is not known
   */
  @Nullable Instant through(@Nullable Instant shipped);
}
