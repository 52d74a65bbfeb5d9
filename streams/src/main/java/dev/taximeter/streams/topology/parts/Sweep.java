package dev.taximeter.streams.topology.parts;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Removes entries that are over from a store, a bounded number of entries at a time, so that no
 * sweep holds up the lines that wait behind it.
 */
public final class Sweep<K, V> {
  private final KeyValueStore<K, V> store;
  private final int entriesPerStep;
  private final BiPredicate<K, V> isOver;
  private @Nullable K cursor;

  public Sweep(KeyValueStore<K, V> store, int entriesPerStep, BiPredicate<K, V> isOver) {
    this.store = store;
    this.entriesPerStep = entriesPerStep;
    this.isOver = isOver;
  }

  /** Looks at the next entries; begins again after the last one. */
  public void step() {
    List<K> over = new ArrayList<>();
    K next = null;
    int seen = 0;
    try (KeyValueIterator<K, V> entries = entries()) {
      while (entries.hasNext()) {
        KeyValue<K, V> entry = entries.next();
        if (seen == entriesPerStep) {
          next = entry.key;
          break;
        }
        seen++;
        if (isOver.test(entry.key, entry.value)) {
          over.add(entry.key);
        }
      }
    }
    cursor = next;
    over.forEach(store::delete);
  }

  private KeyValueIterator<K, V> entries() {
    return cursor == null ? store.all() : store.range(cursor, null);
  }
}
