package dev.taximeter.standalone.backfill;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineCount;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/** Adds up the conservation counters of one shipment as they arrive. Not thread-safe. */
final class ShipmentCounts {
  private final String shipment;
  private final Map<String, LineCount> latest = new HashMap<>();

  ShipmentCounts(String shipment) {
    this.shipment = shipment;
  }

  /** Takes a counter; it replaces the earlier one of its key, since counters are cumulative. */
  void accept(LineCount count) {
    if (count.shipment().equals(shipment)) {
      latest.put(count.recordKey(), count);
    }
  }

  /**
   * A shipment's lines so far.
   *
   * @param read lines handed over by the shipper
   * @param settled lines that an account's writer has rated
   * @param fates lines by fate
   */
  record Totals(long read, long settled, Map<Fate, Long> fates) {
    long of(Fate fate) {
      return fates.getOrDefault(fate, 0L);
    }

    long decided() {
      return fates.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Lines without a fate: in flight, or lost. */
    long residual() {
      return read - decided();
    }

    /**
     * Whether every line has its fate, and all usage among them is in its account's state.
     *
     * @param expected lines that were shipped
     */
    boolean isSettled(long expected) {
      return read == expected
          && residual() == 0
          && settled == of(Fate.BILLED) + of(Fate.UNATTRIBUTED);
    }
  }

  Totals totals() {
    long read = 0;
    long settled = 0;
    Map<Fate, Long> fates = new EnumMap<>(Fate.class);
    for (LineCount count : latest.values()) {
      read += count.read();
      settled += count.settled();
      count.fates().forEach((fate, lines) -> fates.merge(fate, lines, Long::sum));
    }
    return new Totals(read, settled, Map.copyOf(fates));
  }
}
