package dev.taximeter.streams.account;

import dev.taximeter.contract.event.Usage;
import dev.taximeter.streams.topology.parts.StoreKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Usage that cannot be rated yet: the account's terms have not come, or a defect stood in the way.
 * It counts as in flight until it is rated, so it shows in the conservation counts.
 */
final class HeldUsage {
  private final KeyValueStore<String, Usage> store;

  HeldUsage(KeyValueStore<String, Usage> store) {
    this.store = store;
  }

  /**
   * @param offset of its record: the order in which it is rated later
   * @param place among the usage of that record
   */
  void hold(String account, Usage usage, long offset, int place) {
    store.put(StoreKeys.of(account) + "%019d/%05d".formatted(offset, place), usage);
  }

  /**
   * Tries again what is held for the account, oldest first.
   *
   * @param rate returns whether the usage is rated now; what is not stays held
   */
  void release(String account, Predicate<Usage> rate) {
    List<KeyValue<String, Usage>> held = new ArrayList<>();
    try (KeyValueIterator<String, Usage> entries =
        store.prefixScan(StoreKeys.of(account), new StringSerializer())) {
      entries.forEachRemaining(held::add);
    }
    for (KeyValue<String, Usage> entry : held) {
      if (rate.test(entry.value)) {
        store.delete(entry.key);
      }
    }
  }
}
