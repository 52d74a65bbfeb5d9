package dev.taximeter.contract.event;

import java.time.Instant;
import java.util.Map;

/**
 * Lines counted by one writer for one shipment, source and hour. The latest record of a key
 * replaces the earlier, and readers add over writers. A line that gets another payer is moved from
 * one fate to another by the writer that held it, so the counters of one writer alone can be
 * negative.
 *
 * <p>For each shipment, source and hour: lines read (writer {@code shipper}) = sum of {@code fates}
 * (writers {@code intake-N}), and billed + unattributed = {@code settled} (writers {@code
 * account-N}), apart from what is in flight.
 *
 * @param writer {@code shipper}, {@code intake-N} or {@code account-N}, N a partition
 * @param shipment run of the shipper; empty if the line came from elsewhere
 * @param hour start of the hour of arrival, UTC
 * @param read lines handed over, counted where they were shipped; 0 for other writers
 * @param settled lines that an account's writer has rated; 0 for other writers. A line that goes on
 *     to another account counts again there, and is taken off here
 * @param fates lines by fate, counted where it was decided; of {@code account-N}: lines moved to
 *     that fate, negative if away from it
 */
public record LineCount(
    String writer,
    String shipment,
    LineSource source,
    Instant hour,
    long read,
    long settled,
    Map<Fate, Long> fates) {
  public LineCount {
    fates = Map.copyOf(fates);
  }

  /**
   * @return the record key: everything that makes counters comparable
   */
  public String recordKey() {
    return String.join(
        "\t", writer, shipment, source.host(), source.path(), Long.toString(hour.toEpochMilli()));
  }
}
