package dev.taximeter.streams.intake;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.streams.topology.parts.Sweep;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The identities of the lines that one part of intake has processed lately, and what became of
 * them.
 *
 * <p>An identity is kept for one and a half horizons after the line was processed. A line that
 * completed within the horizon, and every copy of it, was processed at its completion or later, or
 * minutes earlier if clocks differ: if it is not here, it is new. The remaining half is slack for
 * clocks, and for verdicts on their way.
 *
 * <p>If nothing had been metered anywhere when the store began, nothing is missing but what the
 * sweep has removed, and a first backfill of old files need not ask history about each line.
 *
 * <p>What the sweep has removed is remembered as one instant. A clock that was wrong and is set
 * back therefore cannot make intake believe that it still knows what it has forgotten.
 */
final class Arrivals {
  /** Name of the store: 16 bytes of identity to instant and status. */
  static final String STORE = "arrivals";

  /** Length of an identity; markers have others. */
  private static final int ID_BYTES = 16;

  /** Present if nothing had been metered before the store began. */
  private static final Bytes COMPLETE = Bytes.wrap("complete".getBytes(StandardCharsets.US_ASCII));

  private static final byte[] MARK = {1};

  /** 5,000 entries per second and partition: five times what a busy partition takes in. */
  private static final int SWEEP_ENTRIES = 50_000;

  private static final Bytes FORGOTTEN_BEFORE =
      Bytes.wrap("forgotten".getBytes(StandardCharsets.US_ASCII));

  private static final int ENTRY_BYTES = Long.BYTES + 1;

  /** What is known of a line. Their order is the layout of the store: new ones go to the end. */
  enum Status {
    /** Seen by a program that did not note what became of it. */
    UNKNOWN,
    /** It waits for a verdict of history. */
    IN_LATE_LANE,
    /** It has had a fate other than quarantined. */
    SETTLED,
    /** It is quarantined. */
    QUARANTINED;

    private static final Status[] ALL = values();

    static Status of(Fate fate) {
      return fate == Fate.QUARANTINED ? QUARANTINED : SETTLED;
    }
  }

  private final KeyValueStore<Bytes, byte[]> store;
  private final long horizonMillis;
  private final Sweep<Bytes, byte[]> sweep;
  private long forgottenBefore;
  private long cutoff;
  private boolean swept;
  private final boolean complete;
  private boolean markMissing;

  /**
   * @param horizon lines that completed longer ago than this may have been forgotten
   * @param nothingBefore whether no line had been metered anywhere when this process started
   */
  Arrivals(KeyValueStore<Bytes, byte[]> store, Duration horizon, boolean nothingBefore) {
    this.store = store;
    this.horizonMillis = horizon.toMillis();
    this.sweep = new Sweep<>(store, SWEEP_ENTRIES, this::isOver);
    byte[] stored = store.get(FORGOTTEN_BEFORE);
    this.forgottenBefore = stored == null ? 0 : ByteBuffer.wrap(stored).getLong();
    boolean marked = store.get(COMPLETE) != null;
    this.markMissing = !marked && nothingBefore && isEmpty();
    this.complete = marked || markMissing;
  }

  private boolean isEmpty() {
    try (KeyValueIterator<Bytes, byte[]> entries = store.all()) {
      return !entries.hasNext();
    }
  }

  /**
   * @return null if it has not been seen lately
   */
  @Nullable Status statusOf(Bytes id) {
    byte[] entry = store.get(id);
    if (entry == null) {
      return null;
    }
    return entry.length < ENTRY_BYTES ? Status.UNKNOWN : Status.ALL[entry[Long.BYTES]];
  }

  void remember(Bytes id, Status status, long now) {
    store.put(
        id, ByteBuffer.allocate(ENTRY_BYTES).putLong(now).put((byte) status.ordinal()).array());
  }

  /** Notes that nothing is missing here. The note needs a transaction, which a start has not. */
  void markIfComplete() {
    if (markMissing) {
      store.put(COMPLETE, MARK);
      markMissing = false;
    }
  }

  void forget(Bytes id) {
    store.delete(id);
  }

  /**
   * Whether copies of a line may have been forgotten.
   *
   * @param completion null if the line does not tell it with certainty
   */
  boolean mayHaveForgotten(@Nullable Instant completion, long now) {
    long forgotten = forgottenBefore(now);
    if (forgotten == 0) {
      return false;
    }
    return completion == null || completion.toEpochMilli() < forgotten + horizonMillis / 2;
  }

  /**
   * @return identities that were processed before this instant, Unix milliseconds, may be missing;
   *     0 if none can be
   */
  long forgottenBefore(long now) {
    return complete ? forgottenBefore : Math.max(forgottenBefore, oldest(now));
  }

  /** Removes what is over, a bounded number of entries at a time. */
  void sweep(long now) {
    cutoff = oldest(now);
    swept = false;
    sweep.step();
    if (swept && cutoff > forgottenBefore) {
      forgottenBefore = cutoff;
      store.put(FORGOTTEN_BEFORE, ByteBuffer.allocate(Long.BYTES).putLong(cutoff).array());
    }
  }

  private boolean isOver(Bytes id, byte[] entry) {
    boolean over = id.get().length == ID_BYTES && ByteBuffer.wrap(entry).getLong() < cutoff;
    swept |= over;
    return over;
  }

  private long oldest(long now) {
    return now - horizonMillis - horizonMillis / 2;
  }
}
