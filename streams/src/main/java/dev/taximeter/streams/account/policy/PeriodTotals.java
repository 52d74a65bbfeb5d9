package dev.taximeter.streams.account.policy;

/**
 * Counts of a billing period that stand on no bill line.
 *
 * @param requests events that completed in it
 * @param unpriced how many of them had no price
 */
public record PeriodTotals(long requests, long unpriced) {
  public static final PeriodTotals NONE = new PeriodTotals(0, 0);

  public PeriodTotals after(Rating rating) {
    return new PeriodTotals(requests + 1, unpriced + (rating.unpriced() ? 1 : 0));
  }
}
