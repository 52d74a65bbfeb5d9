package dev.taximeter.api.kafka;

import dev.taximeter.api.unattributed.UnattributedKeys;
import dev.taximeter.contract.event.UnattributedKey;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The latest record of each key in {@code unattributed.keys.v1}. When there are too many, the one
 * with the fewest requests gives way, so that usage worth a look stays in sight of whoever works
 * through the list, however many keys somebody guesses, and models somebody invents. Claimed keys
 * and shared records stay.
 */
public final class LiveUnattributedKeys implements UnattributedKeys, TopicView.Sink {
  /** Keys held: some 2 kB each, apart from their models. */
  public static final int MOST_KEYS = 20_000;

  /**
   * Models held, of all keys that may give way: up to 400 bytes each, as names are the client's
   * word. With as many as each key can have, the keys alone would fill the heap.
   */
  static final int MOST_MODELS = 100_000;

  private static final Logger LOG = LoggerFactory.getLogger(LiveUnattributedKeys.class);

  private final Records<UnattributedKey> records = new Records<>(UnattributedKey.class);
  private final NavigableMap<String, UnattributedKey> keys = new ConcurrentSkipListMap<>();
  private final int mostKeys;
  private final int mostModels;

  /** Of keys that may give way; used by the view's thread only. */
  private int models;

  /** Keys that may give way; used by the view's thread only. */
  private final TreeSet<Rank> ranks = new TreeSet<>(Rank.ORDER);

  private volatile boolean complete = true;

  public LiveUnattributedKeys() {
    this(MOST_KEYS, MOST_MODELS);
  }

  LiveUnattributedKeys(int mostKeys, int mostModels) {
    this.mostKeys = mostKeys;
    this.mostModels = mostModels;
  }

  private record Rank(long requests, Instant lastSeen, String id) {
    static final Comparator<Rank> ORDER =
        Comparator.comparingLong(Rank::requests)
            .thenComparing(Rank::lastSeen)
            .thenComparing(Rank::id);

    static @Nullable Rank of(UnattributedKey key) {
      return key.claim() != null || key.fingerprint() == null
          ? null
          : new Rank(
              key.received().requests(),
              key.lastSeen() == null ? Instant.EPOCH : key.lastSeen(),
              key.recordKey());
    }
  }

  @Override
  public void accept(List<ConsumerRecord<String, byte[]>> batch) {
    for (ConsumerRecord<String, byte[]> record : batch) {
      UnattributedKey key = records.read(record);
      if (key != null) {
        put(key);
      }
    }
  }

  private void put(UnattributedKey key) {
    UnattributedKey before = keys.put(key.recordKey(), key);
    Rank old = before == null ? null : Rank.of(before);
    if (before != null && old != null) {
      ranks.remove(old);
      models -= before.models().size();
    }
    Rank rank = Rank.of(key);
    if (rank != null) {
      ranks.add(rank);
      models += key.models().size();
    }
    while (ranks.size() > mostKeys || (models > mostModels && !ranks.isEmpty())) {
      Rank least = ranks.first();
      ranks.remove(least);
      UnattributedKey leaving = keys.remove(least.id());
      models -= leaving == null ? 0 : leaving.models().size();
      if (complete) {
        complete = false;
        LOG.warn(
            "More than {} unknown keys, or {} models of theirs: those with the fewest requests are not shown; the table unattributed_keys has all",
            mostKeys,
            mostModels);
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

  @Override
  public boolean complete() {
    return complete;
  }
}
