package dev.taximeter.api.accounting;

import dev.taximeter.contract.event.Fate;
import java.util.Map;

/**
 * Lines counted over all sources and hours that have been seen here since this process began to
 * read. What is read on starting is part of it, so that a restart does not change the numbers.
 *
 * @param read lines handed over by shippers; only grows
 * @param decided by fate: how often it was decided; only grows. A line that moves to another fate
 *     counts under both
 * @param present by fate: lines that have it now
 * @param settled lines of usage that are in their accounts' states
 */
public record LineTotals(
    long read, Map<Fate, Long> decided, Map<Fate, Long> present, long settled) {
  public static final LineTotals NONE = new LineTotals(0, Map.of(), Map.of(), 0);

  public LineTotals {
    decided = Map.copyOf(decided);
    present = Map.copyOf(present);
  }

  /** Lines of usage that are in their accounts' states, or on their way there. */
  public long usage() {
    return present.getOrDefault(Fate.BILLED, 0L) + present.getOrDefault(Fate.UNATTRIBUTED, 0L);
  }
}
