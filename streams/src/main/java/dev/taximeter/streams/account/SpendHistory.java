package dev.taximeter.streams.account;

import dev.taximeter.streams.account.policy.Wallet;
import dev.taximeter.streams.topology.parts.PackedReader;
import dev.taximeter.streams.topology.parts.PackedWriter;
import dev.taximeter.streams.topology.parts.StoreKeys;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * What accounts spent by quarter of an hour, so that a credit that comes later can be matched with
 * what was spent before: a quarter is what all zones' days and months begin with. A quarter is cut
 * where a credit began or ended that was known when the usage came; such instants are exact to the
 * nanosecond.
 *
 * <p>Values are kept in memory until {@link #writeBack}, like the rest of {@link AccountBooks}.
 */
final class SpendHistory {
  static final Duration QUARTER = Duration.ofMinutes(15);

  /** Quarters kept by a task; about 200 bytes each. */
  private static final int MOST_IN_MEMORY = 50_000;

  private final KeyValueStore<String, byte[]> store;
  private final Map<Slot, BigDecimal> slots = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Slot, BigDecimal> changed = new LinkedHashMap<>();

  SpendHistory(KeyValueStore<String, byte[]> store) {
    this.store = store;
  }

  private record Slot(String account, YearMonth period, long revision, Instant from) {
    String storeKey() {
      return prefix(account, period, revision) + from;
    }
  }

  private static String prefix(String account, YearMonth period, long revision) {
    return StoreKeys.of(account, period.toString(), Long.toString(revision));
  }

  static Instant quarterOf(Instant instant) {
    long seconds = QUARTER.toSeconds();
    return Instant.ofEpochSecond(Math.floorDiv(instant.getEpochSecond(), seconds) * seconds);
  }

  /**
   * @param cut the latest instant before at which some credit begins or ends
   */
  void add(
      String account,
      YearMonth period,
      long revision,
      Instant completion,
      Instant cut,
      BigDecimal cost) {
    Instant quarter = quarterOf(completion);
    Slot slot = new Slot(account, period, revision, quarter.isAfter(cut) ? quarter : cut);
    BigDecimal before = slots.get(slot);
    if (before == null) {
      byte[] stored = store.get(slot.storeKey());
      before = stored == null ? BigDecimal.ZERO : unpack(stored);
    }
    BigDecimal after = before.add(cost);
    slots.put(slot, after);
    changed.put(slot, after);
    if (changed.size() >= MOST_IN_MEMORY) {
      writeBack();
    }
  }

  Wallet.Spending of(String account) {
    return new Wallet.Spending() {
      @Override
      public BigDecimal between(YearMonth period, long revision, Instant from, Instant until) {
        BigDecimal sum = BigDecimal.ZERO;
        for (Map.Entry<Instant, BigDecimal> slot : read(account, period, revision).entrySet()) {
          if (!slot.getKey().isBefore(from) && slot.getKey().isBefore(until)) {
            sum = sum.add(slot.getValue());
          }
        }
        return sum;
      }

      @Override
      public boolean isBlurred(YearMonth period, long revision, Instant at) {
        return read(account, period, revision).keySet().stream()
            .anyMatch(from -> from.isBefore(at) && at.isBefore(quarterOf(from).plus(QUARTER)));
      }
    };
  }

  /** All of a month's slots: 3,000 and one for each cut at most. */
  private Map<Instant, BigDecimal> read(String account, YearMonth period, long revision) {
    writeBack();
    Map<Instant, BigDecimal> found = new LinkedHashMap<>();
    for (KeyValue<String, byte[]> entry : scan(prefix(account, period, revision))) {
      int start = prefix(account, period, revision).length();
      found.put(Instant.parse(entry.key.substring(start)), unpack(entry.value));
    }
    return found;
  }

  private List<KeyValue<String, byte[]>> scan(String prefix) {
    List<KeyValue<String, byte[]>> found = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> entries =
        store.prefixScan(prefix, new StringSerializer())) {
      entries.forEachRemaining(found::add);
    }
    return found;
  }

  /** What two revisions of a month have together, by the beginning of each slot. */
  Map<Instant, BigDecimal> together(String account, YearMonth period, long one, long other) {
    Map<Instant, BigDecimal> together = new LinkedHashMap<>(read(account, period, one));
    read(account, period, other)
        .forEach((from, cost) -> together.merge(from, cost, BigDecimal::add));
    return together;
  }

  /** Puts it under a third revision. */
  void merge(String account, YearMonth period, long one, long other, long into) {
    Map<Instant, BigDecimal> together = together(account, period, one, other);
    for (long revision : new long[] {one, other}) {
      scan(prefix(account, period, revision)).forEach(entry -> store.delete(entry.key));
    }
    slots.keySet().removeIf(slot -> slot.account().equals(account) && slot.period().equals(period));
    together.forEach(
        (from, cost) -> store.put(new Slot(account, period, into, from).storeKey(), pack(cost)));
  }

  void writeBack() {
    changed.forEach((slot, cost) -> store.put(slot.storeKey(), pack(cost)));
    changed.clear();
    Iterator<Slot> eldest = slots.keySet().iterator();
    while (slots.size() > MOST_IN_MEMORY) {
      eldest.next();
      eldest.remove();
    }
  }

  private static byte[] pack(BigDecimal cost) {
    return new PackedWriter().number(AccountBooks.LAYOUT).decimal(cost).toBytes();
  }

  private static BigDecimal unpack(byte[] stored) {
    PackedReader packed = AccountBooks.reader(stored);
    return packed.decimal();
  }
}
