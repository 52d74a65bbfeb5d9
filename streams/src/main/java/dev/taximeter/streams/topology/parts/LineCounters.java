package dev.taximeter.streams.topology.parts;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineSource;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The conservation counters of one task. They are kept for ever: there is one per shipment, source
 * and hour, and a counter that was forgotten would start again below what its readers have.
 *
 * <p>Counting happens in memory; {@link #writeBack} makes it part of the transaction of the lines
 * that were counted and must be called when that is prepared: {@link CommitHook}.
 */
public final class LineCounters {
  /** Their order is the layout of the stored counters: new fates go to the end. */
  private static final Fate[] FATES = Fate.values();

  /** A counter is written for every line, so it is a few bytes: settled, then each fate. */
  private static final int COUNTER_BYTES = Long.BYTES * (1 + FATES.length);

  /** Counters in memory between two commits; what is more is written early. */
  private static final int MOST_OPEN = 1_000;

  private static final long HOUR_MILLIS = Duration.ofHours(1).toMillis();

  private final String writer;
  private final KeyValueStore<String, byte[]> counts;
  private final PendingEmissions pending;
  private final Map<String, ByteBuffer> open = new HashMap<>();
  private @Nullable Counted lastCounted;

  /**
   * @param writer name in the published records
   * @param counts holds the counters of this task only; without a cache, as {@link CommitHook} says
   * @param pending receives the keys that changed
   */
  public LineCounters(
      String writer, KeyValueStore<String, byte[]> counts, PendingEmissions pending) {
    this.writer = writer;
    this.counts = counts;
    this.pending = pending;
  }

  /** Counts a line whose fate was decided. */
  public void decided(String shipment, LineSource source, Instant arrival, Fate fate) {
    add(shipment, source, arrival, 1 + fate.ordinal(), 1);
  }

  /**
   * Counts that a line that was counted with one fate, here or by another writer, has another now.
   * The sum over all fates stays as it was.
   */
  public void moved(String shipment, LineSource source, Instant arrival, Fate from, Fate to) {
    add(shipment, source, arrival, 1 + from.ordinal(), -1);
    add(shipment, source, arrival, 1 + to.ordinal(), 1);
  }

  /** Counts a line that its account's writer has rated. */
  public void settled(String shipment, LineSource source, Instant arrival) {
    add(shipment, source, arrival, 0, 1);
  }

  /** Takes a line off that is on its way to another account, whose writer will count it. */
  public void unsettled(String shipment, LineSource source, Instant arrival) {
    add(shipment, source, arrival, 0, -1);
  }

  private void add(String shipment, LineSource source, Instant arrival, int counter, long lines) {
    Counted counted = counted(shipment, source, arrival);
    int position = counter * Long.BYTES;
    ByteBuffer counters = counted.counters();
    counters.putLong(position, counters.getLong(position) + lines);
  }

  /** Lines come in runs of one shipment, source and hour. */
  private Counted counted(String shipment, LineSource source, Instant arrival) {
    long hour = Math.floorDiv(arrival.toEpochMilli(), HOUR_MILLIS);
    Counted last = lastCounted;
    if (last == null || !last.matches(shipment, source, hour)) {
      Instant start = Instant.ofEpochMilli(hour * HOUR_MILLIS);
      String key = new LineCount(writer, shipment, source, start, 0, 0, Map.of()).recordKey();
      last = new Counted(shipment, source, hour, open(key));
      lastCounted = last;
    }
    return last;
  }

  /** Whoever has it may change it until the next commit. */
  private ByteBuffer open(String key) {
    ByteBuffer counters = open.get(key);
    if (counters == null) {
      if (open.size() == MOST_OPEN) {
        writeBack();
      }
      counters = load(key);
      open.put(key, counters);
      pending.mark(key);
    }
    return counters;
  }

  /** Writes what was counted since the last call to the stores. */
  public void writeBack() {
    open.forEach((key, counters) -> counts.put(key, counters.array().clone()));
    open.clear();
    lastCounted = null;
  }

  private record Counted(String shipment, LineSource source, long hour, ByteBuffer counters) {
    boolean matches(String otherShipment, LineSource otherSource, long otherHour) {
      return hour == otherHour && shipment.equals(otherShipment) && source.equals(otherSource);
    }
  }

  /**
   * Publishes the counters that changed.
   *
   * @return how many
   */
  public int drain(Consumer<LineCount> publish) {
    writeBack();
    return pending.drain(
        key -> {
          publish.accept(toLineCount(key, load(key)));
          return 1;
        });
  }

  /** A counter from before a fate was added is shorter. */
  private ByteBuffer load(String key) {
    byte[] stored = counts.get(key);
    ByteBuffer counters = ByteBuffer.allocate(COUNTER_BYTES);
    return stored == null ? counters : counters.put(0, stored);
  }

  /** The key is {@link LineCount#recordKey}; no part of it holds a tab. */
  private static LineCount toLineCount(String key, ByteBuffer counters) {
    String[] parts = key.split("\t", -1);
    long settled = counters.getLong(0);
    Map<Fate, Long> fates = new EnumMap<>(Fate.class);
    for (Fate fate : FATES) {
      long count = counters.getLong((1 + fate.ordinal()) * Long.BYTES);
      if (count != 0) {
        fates.put(fate, count);
      }
    }
    return new LineCount(
        parts[0],
        parts[1],
        new LineSource(parts[2], parts[3]),
        Instant.ofEpochMilli(Long.parseLong(parts[4])),
        0,
        settled,
        fates);
  }
}
