package dev.taximeter.api.kafka;

import dev.taximeter.api.accounting.LineCounts;
import dev.taximeter.api.accounting.LineTotals;
import dev.taximeter.api.accounting.Tally;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineSource;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** The latest counters of {@code line-accounting.v1}; the oldest hours give way to history. */
public final class LiveLineCounts implements LineCounts, TopicView.Sink {
  /** Shipments, sources and hours held: about a kilobyte each. */
  static final int MOST_GROUPS = 20_000;

  private static final String SHIPPER = "shipper";

  private final Records<LineCount> records = new Records<>(LineCount.class);
  private final Clock clock;
  private final int mostGroups;
  private volatile BooleanSupplier current = () -> false;

  // Guarded by this.
  private final NavigableMap<Instant, Map<GroupKey, Group>> hours = new TreeMap<>();
  private int groups;
  private Instant heldFrom = Instant.EPOCH;
  private long read;
  private long settled;
  private final Map<Fate, Long> decided = new EnumMap<>(Fate.class);
  private final Map<Fate, Long> present = new EnumMap<>(Fate.class);

  private record GroupKey(String shipment, LineSource source) {}

  private static final class Group {
    private final Map<String, LineCount> byWriter = new HashMap<>();
    private Instant changed = Instant.EPOCH;
  }

  public LiveLineCounts(Clock clock) {
    this(clock, MOST_GROUPS);
  }

  LiveLineCounts(Clock clock, int mostGroups) {
    this.clock = clock;
    this.mostGroups = mostGroups;
  }

  /** Tells whether the view that feeds this has caught up. */
  void feed(BooleanSupplier caughtUp) {
    current = caughtUp;
  }

  @Override
  public synchronized void accept(List<ConsumerRecord<String, byte[]>> batch) {
    boolean live = current.getAsBoolean();
    for (ConsumerRecord<String, byte[]> record : batch) {
      LineCount count = records.read(record);
      if (count != null && !count.hour().isBefore(heldFrom)) {
        // What was read on starting had changed when it was written.
        add(count, live ? clock.instant() : Instant.ofEpochMilli(record.timestamp()));
      }
    }
  }

  private void add(LineCount count, Instant changed) {
    Map<GroupKey, Group> hour = hours.computeIfAbsent(count.hour(), start -> new HashMap<>());
    GroupKey key = new GroupKey(count.shipment(), count.source());
    Group group = hour.get(key);
    if (group == null) {
      group = new Group();
      hour.put(key, group);
      groups++;
    }
    sumUp(group.byWriter.put(count.writer(), count), count);
    group.changed = changed;
    while (groups > mostGroups && hours.size() > 1) {
      groups -= hours.pollFirstEntry().getValue().size();
      heldFrom = hours.firstKey();
    }
  }

  /** Counters are cumulative within their key, so that what is new is the difference. */
  private void sumUp(@Nullable LineCount before, LineCount now) {
    read += now.read() - (before == null ? 0 : before.read());
    settled += now.settled() - (before == null ? 0 : before.settled());
    for (Fate fate : Fate.values()) {
      long change =
          now.fates().getOrDefault(fate, 0L)
              - (before == null ? 0 : before.fates().getOrDefault(fate, 0L));
      present.merge(fate, change, Long::sum);
      decided.merge(fate, Math.max(0, change), Long::sum);
    }
  }

  @Override
  public synchronized LineTotals totals() {
    return new LineTotals(read, decided, present, settled);
  }

  @Override
  public synchronized Instant heldFrom() {
    return heldFrom;
  }

  @Override
  public boolean caughtUp() {
    return current.getAsBoolean();
  }

  @Override
  public synchronized List<Tally> tallies() {
    List<Tally> tallies = new ArrayList<>();
    hours.forEach(
        (hour, byKey) -> byKey.forEach((key, group) -> tallies.add(tally(hour, key, group))));
    tallies.sort(Comparator.comparing(Tally::hour));
    return tallies;
  }

  private static Tally tally(Instant hour, GroupKey key, Group group) {
    long read = 0;
    long settled = 0;
    Map<Fate, Long> fates = new EnumMap<>(Fate.class);
    for (LineCount count : group.byWriter.values()) {
      read += count.read();
      settled += count.settled();
      count.fates().forEach((fate, lines) -> fates.merge(fate, lines, Long::sum));
    }
    return new Tally(
        key.shipment(),
        key.source(),
        hour,
        group.byWriter.containsKey(SHIPPER),
        read,
        settled,
        fates,
        group.changed);
  }
}
