package dev.taximeter.api.accounting;

import java.time.Instant;
import java.util.List;

/** The latest conservation counters. */
public interface LineCounts {
  /** Hours before this one are no longer held here; history has them. */
  Instant heldFrom();

  /** All counters of the hours from {@link #heldFrom} on. */
  List<Tally> tallies();

  /** Sums over everything seen, hours that are no longer held included. */
  LineTotals totals();

  /** Whether every counter that has been published is in. */
  boolean caughtUp();
}
