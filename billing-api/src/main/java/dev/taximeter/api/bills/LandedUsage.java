package dev.taximeter.api.bills;

import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.rating.TotalPrice;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The usage of accounts as it has landed in history, with the prices that it was rated with. */
public interface LandedUsage {
  /**
   * Some usage of an account.
   *
   * @param from first completion
   * @param to first completion after
   * @param after events behind this sequence number of the account
   * @param sequence events up to this one
   */
  record Slice(String account, Instant from, Instant to, long after, long sequence) {
    /** All usage up to a sequence number. */
    public Slice(String account, Instant from, Instant to, long sequence) {
      this(account, from, to, 0, sequence);
    }
  }

  /** The first and the last completion of some usage. */
  record Span(Instant from, Instant to) {}

  /**
   * How much there is.
   *
   * @param unpriced how many of the requests had no price
   */
  record Counts(long requests, long unpriced) {}

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
   * @return null if there is none
   */
  @Nullable Span span(Slice slice);

  Counts counts(Slice slice);

  /**
   * @return the account's sequence number of the last event that was settled by then; 0 if none was
   */
  long settledBy(String account, Instant at);
}
