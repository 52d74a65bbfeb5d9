package dev.taximeter.api.alerts;

import dev.taximeter.api.web.HistoryUnavailableException;
import java.time.Instant;

/** How many of the lines that have landed are odd. */
public interface OddLines {
  /**
   * Counts of lines that arrived within a span.
   *
   * @param leaked answers that the provider charges for and that have no counts
   * @param tampered usage of lines into which a client had written
   */
  record Counts(long leaked, long tampered) {}

  /**
   * Counts.
   *
   * @param since earlier arrivals do not matter
   * @throws HistoryUnavailableException if history does not answer
   */
  Counts since(Instant since);
}
