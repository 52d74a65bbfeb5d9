package dev.taximeter.api.bills;

import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.rating.TotalPrice;
import java.time.Instant;
import java.util.List;

/** The usage of accounts as it has landed in history, with the prices that it was rated with. */
public interface LandedUsage {
  /**
   * Some usage of an account.
   *
   * @param from first completion
   * @param to first completion after
   * @param sequence events up to this sequence number of the account
   */
  record Slice(String account, Instant from, Instant to, long sequence) {}

  /**
   * What was known at an instant.
   *
   * @param sequence the account's sequence number of the last event that was settled by then; 0 if
   *     none was
   * @param requests of the month, among the events up to there
   * @param unpriced how many of these had no price
   */
  record Known(long sequence, long requests, long unpriced) {}

  /**
   * @return whether every event of the account up to the sequence number has landed
   */
  boolean isComplete(String account, long sequence);

  /**
   * Sums of requests that stand on the same lines, whatever prices their terms have.
   *
   * @param changes instants at which prices change, within the slice, ascending
   * @param promptLimits lengths of prompts at which prices change, ascending
   * @param most at most so many
   */
  List<TotalPrice.Group> groups(
      Slice slice, List<Instant> changes, List<Long> promptLimits, int most);

  /**
   * What was charged, by line.
   *
   * @param most at most so many
   */
  List<BillLine> charged(Slice slice, int most);

  /**
   * @param from first completion of the month
   * @param to first completion after
   */
  Known known(String account, Instant from, Instant to, Instant at);
}
