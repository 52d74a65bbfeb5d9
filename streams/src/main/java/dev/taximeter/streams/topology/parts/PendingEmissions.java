package dev.taximeter.streams.topology.parts;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Remembers whose latest state is still to be published. Many changes of one key make one record.
 *
 * <p>The marks are kept in a store and so are part of the transaction that made the change: a
 * process that dies after that transaction and before the emission publishes after its restart.
 */
public final class PendingEmissions {
  private static final byte[] MARK = {1};

  private final KeyValueStore<String, byte[]> store;
  private final String kind;
  private final Set<String> keys = new LinkedHashSet<>();

  /**
   * @param store may be shared by several kinds
   * @param kind distinguishes them in the store; no slash
   */
  public PendingEmissions(KeyValueStore<String, byte[]> store, String kind) {
    this.store = store;
    this.kind = kind + "/";
    try (KeyValueIterator<String, byte[]> marks =
        store.prefixScan(this.kind, new StringSerializer())) {
      marks.forEachRemaining(mark -> keys.add(mark.key.substring(this.kind.length())));
    }
  }

  public void mark(String key) {
    if (keys.add(key)) {
      store.put(kind + key, MARK);
    }
  }

  /** Takes one mark away without publishing. */
  public void clear(String key) {
    if (keys.remove(key)) {
      store.delete(kind + key);
    }
  }

  /** {@return the keys that are marked now, in the order in which they were marked} */
  public List<String> marked() {
    return List.copyOf(keys);
  }

  public boolean isEmpty() {
    return keys.isEmpty();
  }

  public boolean contains(String key) {
    return keys.contains(key);
  }

  /**
   * Publishes everything that is marked, in the order in which it was marked.
   *
   * @param publish returns how much work it was
   * @return the sum of that work
   */
  public int drain(ToIntFunction<String> publish) {
    int work = 0;
    for (String key : keys) {
      work += publish.applyAsInt(key);
      store.delete(kind + key);
    }
    keys.clear();
    return work;
  }
}
