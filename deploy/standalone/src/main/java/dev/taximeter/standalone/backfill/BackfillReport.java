package dev.taximeter.standalone.backfill;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.taximeter.contract.event.Fate;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/**
 * What became of a shipment's lines.
 *
 * @param residual lines without a fate: 0 unless the wait was given up
 * @param elapsedSeconds from the first byte to the last landed row
 */
@JsonPropertyOrder({
  "shipment",
  "read",
  "billed",
  "unbillable",
  "duplicate",
  "unattributed",
  "suspense",
  "quarantined",
  "residual",
  "elapsedSeconds"
})
public record BackfillReport(
    String shipment,
    long read,
    long billed,
    long unbillable,
    long duplicate,
    long unattributed,
    long suspense,
    long quarantined,
    long residual,
    BigDecimal elapsedSeconds) {
  private static final int MILLIS_SCALE = 3;

  static BackfillReport of(String shipment, ShipmentCounts.Totals totals, Duration elapsed) {
    return new BackfillReport(
        shipment,
        totals.read(),
        totals.of(Fate.BILLED),
        totals.of(Fate.UNBILLABLE),
        totals.of(Fate.DUPLICATE),
        totals.of(Fate.UNATTRIBUTED),
        totals.of(Fate.SUSPENSE),
        totals.of(Fate.QUARANTINED),
        totals.residual(),
        BigDecimal.valueOf(elapsed.toMillis(), MILLIS_SCALE).setScale(1, RoundingMode.HALF_UP));
  }
}
