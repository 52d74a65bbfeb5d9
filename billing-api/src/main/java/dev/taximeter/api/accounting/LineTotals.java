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
 */
public record LineTotals(long read, Map<Fate, Long> decided, Map<Fate, Long> present) {
  public LineTotals {
    decided = Map.copyOf(decided);
    present = Map.copyOf(present);
  }
}
