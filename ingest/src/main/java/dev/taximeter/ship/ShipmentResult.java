package dev.taximeter.ship;

import dev.taximeter.contract.event.LineSource;
import java.util.Map;

/**
 * What a backfill shipped.
 *
 * @param shipment its id, 16 hex digits: names it in {@link
 *     dev.taximeter.contract.event.LineCount#shipment}
 * @param lines lines shipped
 * @param bytes bytes of the files' content, after decompression
 * @param linesBySource lines of each file; 0 for empty ones
 */
public record ShipmentResult(
    String shipment, long lines, long bytes, Map<LineSource, Long> linesBySource) {
  public ShipmentResult {
    linesBySource = Map.copyOf(linesBySource);
  }
}
