package dev.taximeter.api.bills;

import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.TokenCounts;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The single lines of the log behind a figure, as they have landed: without any raw key. */
public interface LandedLines {
  /**
   * Some billed usage of an account.
   *
   * @param from first completion; null for all before
   * @param to first completion after; null for all later
   * @param key only this key's, by name; null for all
   * @param model only this model's, by exact name; null for all
   * @param sequence events up to this sequence number of the account
   */
  record Selection(
      String account,
      @Nullable Instant from,
      @Nullable Instant to,
      @Nullable String key,
      @Nullable String model,
      long sequence) {}

  /**
   * A line of the log that was billed.
   *
   * @param sequence the account's sequence number of it
   * @param id the line's identity
   * @param key the key's name
   * @param keyLastFour last four characters of the raw key; empty if unknown
   * @param cost exact
   * @param offset of the line's first byte in its file
   */
  record LandedLine(
      long sequence,
      String id,
      Instant completion,
      Instant start,
      Instant arrival,
      String key,
      String keyLastFour,
      String model,
      TokenCounts tokens,
      BigDecimal cost,
      String host,
      String path,
      long offset,
      List<String> flags) {
    public LandedLine {
      flags = List.copyOf(flags);
    }
  }

  /**
   * What was charged, by line of a bill.
   *
   * @param most at most so many
   * @throws dev.taximeter.api.web.HistoryUnavailableException if history does not answer
   */
  List<BillLine> charged(Selection selection, int most);

  /**
   * @param after only events with higher sequence numbers
   * @param most at most so many
   * @return by sequence number
   * @throws dev.taximeter.api.web.HistoryUnavailableException if history does not answer
   */
  List<LandedLine> lines(Selection selection, long after, int most);

  /**
   * A statement that gives what the usage cost in all, as people can run it themselves.
   *
   * @param granted if not null, the statement gives what is left of it instead
   */
  String statement(Selection selection, @Nullable BigDecimal granted);
}
