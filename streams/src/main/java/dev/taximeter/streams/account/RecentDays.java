package dev.taximeter.streams.account;

import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.packed.PackedReader;
import dev.taximeter.contract.packed.PackedWriter;
import dev.taximeter.streams.topology.parts.StoreBuilders;
import dev.taximeter.streams.topology.parts.StoreKeys;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;

/**
 * What each key used of each model on each day of the account's zone, for as long as a window of a
 * quota can be open: a quota that is defined in the middle of its window begins with it. Sums lie
 * in memory until {@link #writeBack}, which has to happen in the transaction of the usage.
 */
final class RecentDays {
  static final String DAYS = "account-days";

  /** The longest window is a month, and begins at most a day before its first whole day. */
  private static final int DAYS_KEPT = 40;

  /** Decoded days kept by a task; about 200 bytes each. */
  private static final int MOST_DAYS = 20_000;

  /**
   * Entries of one account and day. Clients write names of models, and of all of them there would
   * be an entry; what is beyond them has no model's name any more.
   */
  static final int MOST_PER_DAY = 1_000;

  /** Models of which there are too many: quotas of models do not begin with what they used. */
  static final String OTHER_MODELS = "";

  /** Accounts' days whose entries are counted in memory; the others are counted again. */
  private static final int MOST_COUNTED = 2_000;

  /** Stored days that are looked at in a sweep. */
  private static final int SWEPT_AT_ONCE = 5_000;

  private final KeyValueStore<String, byte[]> store;
  private final Map<String, Sums> days = new LinkedHashMap<>(16, 0.75f, true);
  private final Set<String> changed = new LinkedHashSet<>();

  /** Entries by account and day. */
  private final Map<String, Integer> counts = new LinkedHashMap<>(16, 0.75f, true);

  /** The last day that was swept; null before the first. */
  private @Nullable String swept;

  RecentDays(KeyValueStore<String, byte[]> store) {
    this.store = store;
  }

  static StoreBuilder<?> store() {
    return StoreBuilders.writeThrough(DAYS, Serdes.String(), Serdes.ByteArray());
  }

  /**
   * What one key used of one model on one day.
   *
   * @param key the key's name
   * @param inputTokens with cached ones
   * @param outputTokens with reasoning
   */
  record Sums(
      LocalDate day,
      String key,
      String model,
      long requests,
      long inputTokens,
      long outputTokens,
      BigDecimal cost) {
    private Sums with(UsageEvent event) {
      return new Sums(
          day,
          key,
          model,
          requests + 1,
          inputTokens + event.usage().tokens().inputTokens(),
          outputTokens + event.usage().tokens().outputTokens(),
          cost.add(event.cost()));
    }
  }

  /**
   * Adds an event.
   *
   * @param zone the account's
   */
  void add(UsageEvent event, ZoneId zone, Instant now) {
    Usage usage = event.usage();
    LocalDate day = usage.completion().atZone(zone).toLocalDate();
    if (isOver(day, now)) {
      return;
    }
    String model = usage.model();
    String storeKey = StoreKeys.of(event.account(), day.toString(), usage.key(), model);
    Sums known = find(storeKey);
    if (known == null && !hasRoom(event.account(), day)) {
      model = OTHER_MODELS;
      storeKey = StoreKeys.of(event.account(), day.toString(), usage.key(), model);
      known = find(storeKey);
    }
    if (known == null) {
      known = new Sums(day, usage.key(), model, 0, 0, 0, BigDecimal.ZERO);
      counts.computeIfPresent(dayKey(event.account(), day), (key, count) -> count + 1);
    }
    days.put(storeKey, known.with(event));
    changed.add(storeKey);
    if (changed.size() >= MOST_DAYS) {
      writeBack();
    }
  }

  private @Nullable Sums find(String storeKey) {
    Sums known = days.get(storeKey);
    if (known != null) {
      return known;
    }
    byte[] stored = store.get(storeKey);
    return stored == null ? null : unpack(stored);
  }

  private boolean hasRoom(String account, LocalDate day) {
    String dayKey = dayKey(account, day);
    Integer count = counts.get(dayKey);
    if (count == null) {
      writeBack();
      count = 0;
      try (KeyValueIterator<String, byte[]> entries =
          store.prefixScan(dayKey, new StringSerializer())) {
        while (entries.hasNext() && count < MOST_PER_DAY) {
          entries.next();
          count++;
        }
      }
      counts.put(dayKey, count);
    }
    return count < MOST_PER_DAY;
  }

  private static String dayKey(String account, LocalDate day) {
    return StoreKeys.of(account, day.toString());
  }

  private static boolean isOver(LocalDate day, Instant now) {
    return day.isBefore(LocalDate.ofInstant(now, ZoneOffset.UTC).minusDays(DAYS_KEPT));
  }

  /**
   * What an account used on the days of a window, as far as they lie in it wholly.
   *
   * @param start inclusive
   * @param end exclusive
   * @param zone the account's
   */
  List<Sums> within(String account, Instant start, Instant end, ZoneId zone) {
    writeBack();
    List<Sums> found = new ArrayList<>();
    LocalDate day = start.atZone(zone).toLocalDate();
    if (day.atStartOfDay(zone).toInstant().isBefore(start)) {
      day = day.plusDays(1);
    }
    for (; !day.plusDays(1).atStartOfDay(zone).toInstant().isAfter(end); day = day.plusDays(1)) {
      try (KeyValueIterator<String, byte[]> entries =
          store.prefixScan(StoreKeys.of(account, day.toString()), new StringSerializer())) {
        entries.forEachRemaining(entry -> found.add(unpack(entry.value)));
      }
    }
    return found;
  }

  /** Writes what has changed to the store, and forgets what was not used for longest. */
  void writeBack() {
    for (String key : changed) {
      Sums sums = days.get(key);
      if (sums != null) {
        store.put(key, pack(sums));
      }
    }
    changed.clear();
    Iterator<Sums> eldest = days.values().iterator();
    while (days.size() > MOST_DAYS) {
      eldest.next();
      eldest.remove();
    }
    Iterator<Integer> counted = counts.values().iterator();
    while (counts.size() > MOST_COUNTED) {
      counted.next();
      counted.remove();
    }
  }

  /** Deletes days of long ago, some at a time. */
  void sweep(Instant now) {
    List<String> over = new ArrayList<>();
    int looked = 0;
    String last = null;
    try (KeyValueIterator<String, byte[]> entries =
        swept == null ? store.all() : store.range(swept, null)) {
      while (entries.hasNext() && looked < SWEPT_AT_ONCE) {
        var entry = entries.next();
        looked++;
        last = entry.key;
        if (isOver(unpack(entry.value).day, now)) {
          over.add(entry.key);
        }
      }
    }
    swept = looked < SWEPT_AT_ONCE ? null : last;
    for (String key : over) {
      days.remove(key);
      changed.remove(key);
      store.delete(key);
    }
  }

  private static byte[] pack(Sums sums) {
    return new PackedWriter()
        .number(AccountBooks.LAYOUT)
        .number(sums.day.toEpochDay())
        .text(sums.key)
        .text(sums.model)
        .number(sums.requests)
        .number(sums.inputTokens)
        .number(sums.outputTokens)
        .decimal(sums.cost)
        .toBytes();
  }

  private static Sums unpack(byte[] stored) {
    PackedReader packed = AccountBooks.reader(stored);
    return new Sums(
        LocalDate.ofEpochDay(packed.number()),
        packed.text(),
        packed.text(),
        packed.number(),
        packed.number(),
        packed.number(),
        packed.decimal());
  }
}
