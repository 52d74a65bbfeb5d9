package dev.taximeter.streams.account;

import dev.taximeter.contract.event.UnattributedKey;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.streams.state.KeyValueIterator;
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

  /**
   * Keys that a task tells apart. Each is an account of its own, with up to 10 kB here and as much
   * in what is published of it: 200 MB at most. Customers have thousands; whoever has millions is
   * guessing, at no cost to him.
   */
  static final int MOST_KEYS = 20_000;

  private final KeyValueStore<String, Holding> store;
  private final int mostKeys;

  /** Of the store, and of what is yet to be written to it. */
  private int keys;

  private final Map<String, Holding> recent = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<String, Holding> changed = new LinkedHashMap<>();

  Holdings(KeyValueStore<String, Holding> store, int mostKeys) {
    this.store = store;
    this.mostKeys = mostKeys;
    try (KeyValueIterator<String, Holding> entries = store.all()) {
      while (entries.hasNext()) {
        entries.next();
        keys++;
      }
    }
  }

  boolean isFull() {
    return keys >= mostKeys;
  }

  /** Whether anything was metered of the key, or somebody claims it. */
  boolean knows(String fingerprint) {
    return isKnown(of(fingerprint));
  }

  private static boolean isKnown(Holding holding) {
    return holding.key().received().requests() > 0 || holding.key().claim() != null;
  }

  /**
   * @param cursor sequence number of the first held event that forwarding has not looked at
   */
  record Holding(UnattributedKey key, long cursor) {}

  /**
   * @param fingerprint null for lines without a key
   */
  Holding of(@Nullable String fingerprint) {
    return of(UnattributedKey.recordKey(fingerprint), () -> UnattributedKey.empty(fingerprint));
  }

  /**
   * @param holder {@link dev.taximeter.contract.event.Holders#ofOverflow}
   */
  Holding ofOverflow(String holder) {
    UnattributedKey empty = UnattributedKey.overflow(holder);
    return of(empty.recordKey(), () -> empty);
  }

  private Holding of(String id, Supplier<UnattributedKey> empty) {
    Holding holding = recent.get(id);
    if (holding == null) {
      Holding stored = store.get(id);
      holding = stored == null ? new Holding(empty.get(), 0) : stored;
      remember(id, holding);
    }
    return holding;
  }

  void put(String id, Holding holding) {
    Holding before = recent.containsKey(id) ? recent.get(id) : store.get(id);
    if (before == null || !isKnown(before)) {
      keys++;
    }
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
