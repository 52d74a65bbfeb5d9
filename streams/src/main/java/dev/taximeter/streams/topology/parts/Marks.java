package dev.taximeter.streams.topology.parts;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Marks of a task that outlive its process. Nearly all are taken away before the transaction in
 * which they were made is over, and cost nothing then: only what {@link #writeBack} still finds
 * reaches the store. It must be called when the transaction is prepared: {@link CommitHook}.
 */
public final class Marks {
  private static final byte[] MARK = {1};

  private final KeyValueStore<String, byte[]> store;
  private final Set<String> unwritten = new LinkedHashSet<>();
  private final Set<String> undeleted = new LinkedHashSet<>();

  /**
   * @param store holds nothing else; without a cache, as {@link CommitHook} says
   */
  public Marks(KeyValueStore<String, byte[]> store) {
    this.store = store;
  }

  /** {@return the stored marks that begin with this, in the order of their keys} */
  List<String> stored(String prefix) {
    List<String> keys = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> marks =
        store.prefixScan(prefix, new StringSerializer())) {
      marks.forEachRemaining(mark -> keys.add(mark.key));
    }
    return keys;
  }

  /**
   * @param key that is not marked
   */
  void add(String key) {
    if (!undeleted.remove(key)) {
      unwritten.add(key);
    }
  }

  /**
   * @param key that is marked
   */
  void remove(String key) {
    if (!unwritten.remove(key)) {
      undeleted.add(key);
    }
  }

  /** Makes the marks as they are now part of the transaction. */
  public void writeBack() {
    unwritten.forEach(key -> store.put(key, MARK));
    unwritten.clear();
    undeleted.forEach(store::delete);
    undeleted.clear();
  }
}
