package dev.taximeter.api.unattributed;

import dev.taximeter.contract.event.UnattributedKey;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/** What metering says of keys that nobody had registered when they were used. */
public interface UnattributedKeys {
  /**
   * Finds a key.
   *
   * @param id the fingerprint, or {@code none}
   * @return null if nothing was metered of it
   */
  @Nullable UnattributedKey find(String id);

  /** A view of all, by fingerprint, ascending; may change while it is read. */
  NavigableMap<String, UnattributedKey> all();

  /** Whether all keys are here; else those with the fewest requests are left out. */
  boolean complete();
}
