package dev.taximeter.streams.topology.parts;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gathers what one account is sent between two commits, so that it becomes one record: a record
 * costs Kafka and its readers more than the few bytes of a line. What is gathered is in memory
 * only, and so must be {@linkplain #drain sent} when the transaction is prepared: {@link
 * CommitHook}.
 *
 * @param <T> one item of a record
 */
public final class Gathering<T> {
  /** Items of a record. */
  static final int MOST_ITEMS = 500;

  /** Bytes of a record, unless a single item has more. */
  static final int MOST_BYTES = 512 << 10;

  /** Items of all accounts that wait; more are sent early, in the same transaction. */
  static final int MOST_WAITING = 20_000;

  /** Sends a record. */
  @FunctionalInterface
  public interface Sender<T> {
    /**
     * @param items in the order in which they were added
     * @param timestamp the latest of theirs, Unix milliseconds
     */
    void send(String account, List<T> items, long timestamp);
  }

  private static final class Open<T> {
    private final List<T> items = new ArrayList<>();
    private long bytes;
    private long timestamp = Long.MIN_VALUE;
  }

  private final Sender<T> sender;
  private final Map<String, Open<T>> open = new LinkedHashMap<>();
  private int waiting;

  /**
   * @param sender must not fail on what was added: its record was announced to be small enough
   */
  public Gathering(Sender<T> sender) {
    this.sender = sender;
  }

  /**
   * @param bytes that the item takes in a record at most
   * @param timestamp Unix milliseconds
   */
  public void add(String account, T item, int bytes, long timestamp) {
    Open<T> record = open.computeIfAbsent(account, name -> new Open<>());
    if (record.bytes + bytes > MOST_BYTES || record.items.size() == MOST_ITEMS) {
      send(account, record);
      record = new Open<>();
      open.put(account, record);
    }
    record.items.add(item);
    record.bytes += bytes;
    record.timestamp = Math.max(record.timestamp, timestamp);
    waiting++;
    if (waiting >= MOST_WAITING) {
      drain();
    }
  }

  /** Sends all that was gathered. */
  public void drain() {
    open.forEach(this::send);
    open.clear();
  }

  private void send(String account, Open<T> record) {
    if (!record.items.isEmpty()) {
      sender.send(account, record.items, record.timestamp);
      waiting -= record.items.size();
    }
  }
}
