package dev.taximeter.api.accounting;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import java.time.Instant;
import java.util.Map;

/**
 * Counters of one shipment, source and hour, added over their writers.
 *
 * @param shipment run of the shipper; empty if the lines came from elsewhere
 * @param hour start of the hour of arrival, UTC
 * @param shipped whether a shipper counted what it handed over; if none did, nothing is known to be
 *     missing
 * @param read lines handed over
 * @param settled lines that an account's writer has rated
 * @param fates lines by fate
 * @param changed when this process last saw any of the counters change
 */
public record Tally(
    String shipment,
    LineSource source,
    Instant hour,
    boolean shipped,
    long read,
    long settled,
    Map<Fate, Long> fates,
    Instant changed) {
  public Tally {
    fates = Map.copyOf(fates);
  }

  long decided() {
    return fates.values().stream().mapToLong(Long::longValue).sum();
  }

  long count(Fate fate) {
    return fates.getOrDefault(fate, 0L);
  }
}
