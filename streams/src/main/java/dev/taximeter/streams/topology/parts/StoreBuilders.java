package dev.taximeter.streams.topology.parts;

import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** The kinds of stores that the topology is built of. All are on disk and in a changelog topic. */
public final class StoreBuilders {
  private StoreBuilders() {}

  /**
   * For values that many records change between two commits: writes of one key are gathered in
   * memory, and the last one goes to disk and changelog with the commit.
   */
  public static <V> StoreBuilder<KeyValueStore<String, V>> gathering(String name, Serde<V> values) {
    return Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(name), Serdes.String(), values)
        .withCachingEnabled()
        .withLoggingEnabled(Map.of());
  }

  /** For entries that are written once: every write goes to disk and changelog at once. */
  public static <K, V> StoreBuilder<KeyValueStore<K, V>> writeThrough(
      String name, Serde<K> keys, Serde<V> values) {
    return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), keys, values)
        .withCachingDisabled()
        .withLoggingEnabled(Map.of());
  }
}
