package dev.taximeter.streams.account;

import dev.taximeter.contract.event.UnattributedKey;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What was metered of each unknown key of a task. Keys used lately are kept decoded, because a
 * first backfill, before there is any catalogue, is all of unknown keys; {@link #writeBack} writes
 * what has changed to the store, which has to happen in the transaction of the change.
 */
final class Holdings {
  /** Decoded keys kept by a task: 1 kB each, 10 kB with as many models as one can have. */
  private static final int MOST_IN_MEMORY = 2_000;

  private final KeyValueStore<String, Holding> store;
  private final Map<String, Holding> recent = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<String, Holding> changed = new LinkedHashMap<>();

  Holdings(KeyValueStore<String, Holding> store) {
    this.store = store;
  }

  /**
   * @param cursor sequence number of the first held event that forwarding has not looked at
   */
  record Holding(UnattributedKey key, long cursor) {}

  /**
   * @param fingerprint null for lines without a key
   */
  Holding of(@Nullable String fingerprint) {
    String id = UnattributedKey.recordKey(fingerprint);
    Holding holding = recent.get(id);
    if (holding == null) {
      Holding stored = store.get(id);
      holding = stored == null ? new Holding(UnattributedKey.empty(fingerprint), 0) : stored;
      remember(id, holding);
    }
    return holding;
  }

  void put(String id, Holding holding) {
    changed.put(id, holding);
    remember(id, holding);
    if (changed.size() >= MOST_IN_MEMORY) {
      writeBack();
    }
  }

  /** What has changed must not be read from the store before it is there. */
  private void remember(String id, Holding holding) {
    recent.put(id, holding);
    if (recent.size() <= MOST_IN_MEMORY) {
      return;
    }
    Iterator<Map.Entry<String, Holding>> oldestFirst = recent.entrySet().iterator();
    String oldest = oldestFirst.next().getKey();
    oldestFirst.remove();
    Holding unwritten = changed.remove(oldest);
    if (unwritten != null) {
      store.put(oldest, unwritten);
    }
  }

  void writeBack() {
    changed.forEach(store::put);
    changed.clear();
  }
}
