package dev.taximeter.api.kafka;

import dev.taximeter.api.unattributed.UnattributedKeys;
import dev.taximeter.contract.event.UnattributedKey;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** The latest record of each key in {@code unattributed.keys.v1}. */
public final class LiveUnattributedKeys implements UnattributedKeys, TopicView.Sink {
  private final Records<UnattributedKey> records = new Records<>(UnattributedKey.class);
  private final NavigableMap<String, UnattributedKey> keys = new ConcurrentSkipListMap<>();

  @Override
  public void accept(List<ConsumerRecord<String, byte[]>> batch) {
    for (ConsumerRecord<String, byte[]> record : batch) {
      UnattributedKey key = records.read(record);
      if (key != null) {
        keys.put(UnattributedKey.recordKey(key.fingerprint()), key);
      }
    }
  }

  @Override
  public @Nullable UnattributedKey find(String id) {
    return keys.get(id);
  }

  @Override
  public NavigableMap<String, UnattributedKey> all() {
    return Collections.unmodifiableNavigableMap(keys);
  }
}
