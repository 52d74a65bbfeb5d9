package dev.taximeter.api.accounting;

import dev.taximeter.api.web.HistoryUnavailableException;
import java.time.Instant;
import java.util.List;

/** Conservation counters as they have landed. */
public interface LineCountHistory {
  /**
   * Reads the counters of a range of hours.
   *
   * @param from first hour
   * @param before first hour after
   * @param mostTallies bound on the answer; one more may be returned
   * @throws HistoryUnavailableException if history does not answer
   */
  List<Tally> tallies(Instant from, Instant before, int mostTallies);
}
