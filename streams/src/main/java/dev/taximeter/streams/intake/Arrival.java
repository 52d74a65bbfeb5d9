package dev.taximeter.streams.intake;

import dev.taximeter.contract.event.LateLine;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.Usage;
import java.time.Instant;

/**
 * How a line came to us.
 *
 * @param id the line's identity, 32 hex digits
 * @param at when a shipper handed it over, by its clock: up to {@link RawLine#MOST_AHEAD} from now.
 *     The shipper counts what it has read by that instant, so fates are counted by it too
 * @param source file it was read from
 * @param offset byte offset in that file; -1 if unknown
 * @param shipment run of the shipper; empty if unknown
 */
record Arrival(String id, Instant at, LineSource source, long offset, String shipment) {
  /**
   * @param now Unix milliseconds
   * @return when it arrived, as far as that is believed: nothing arrives after it has been read
   */
  Instant believed(long now) {
    return Instant.ofEpochMilli(Math.min(at.toEpochMilli(), now));
  }

  static Arrival of(LateLine line) {
    Usage usage = line.usage();
    if (usage != null) {
      return new Arrival(
          line.id(), usage.arrival(), usage.source(), usage.offset(), usage.shipment());
    }
    LineFate fate = line.fate();
    if (fate == null) {
      throw new IllegalStateException("a late line is usage or has a fate");
    }
    return new Arrival(line.id(), fate.arrival(), fate.source(), fate.offset(), fate.shipment());
  }
}
