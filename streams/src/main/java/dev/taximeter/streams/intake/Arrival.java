package dev.taximeter.streams.intake;

import dev.taximeter.contract.event.LineSource;
import java.time.Instant;

/**
 * How a line came to us.
 *
 * @param id the line's identity, 32 hex digits
 * @param at when a shipper handed it over
 * @param source file it was read from
 * @param offset byte offset in that file; -1 if unknown
 * @param shipment run of the shipper; empty if unknown
 */
record Arrival(String id, Instant at, LineSource source, long offset, String shipment) {}
