package dev.taximeter.api.lines;

import dev.taximeter.api.usage.Buckets;
import dev.taximeter.api.web.HistoryUnavailableException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Single lines, billed or not, as they have landed. A line counts at its completion. */
public interface LineHistory {
  /**
   * Counts answers that the provider charges for and the log has no counts of. A line that does not
   * tell when it completed counts at its arrival.
   *
   * @param most groups that are allowed; one more may be returned
   * @throws HistoryUnavailableException if history does not answer
   */
  List<LeakageSum> leakage(LeakageQuery query, int most);

  /**
   * Counts lines, attempts and operations by bucket; buckets without lines are left out.
   *
   * @throws HistoryUnavailableException if history does not answer
   */
  List<OperationSum> operations(OperationQuery query);

  /**
   * When the latest line arrived that has landed and was not billed; null if none did within the
   * last days.
   *
   * @param since earlier arrivals do not matter
   * @throws HistoryUnavailableException if history does not answer
   */
  @Nullable Instant latestArrival(Instant since);

  /**
   * What to count of leakage.
   *
   * @param payers whose lines
   * @param from inclusive
   * @param to exclusive
   */
  record LeakageQuery(Payers payers, Instant from, Instant to, boolean byModel, boolean byReason) {}

  /**
   * Leakage of one key.
   *
   * @param fingerprint of the key; empty if the line had none
   * @param model empty if not asked for, or if the line tells none
   * @param reason code of the reason; empty if not asked for
   */
  record LeakageSum(String fingerprint, String model, String reason, long lines) {}

  /**
   * What to count of operations.
   *
   * @param account whose usage; null for all
   * @param payers whose other lines
   */
  record OperationQuery(@Nullable String account, Payers payers, Buckets buckets) {}

  /**
   * Counts of one bucket. An operation stands in the bucket of its last line.
   *
   * @param start beginning of the bucket, milliseconds since 1970
   * @param lines all lines, copies and unreadable ones apart
   * @param attempts of these: calls of a model
   * @param fallbackAttempts of these: failed ones that the gateway followed by another
   * @param operations calls of a model as the client made them: attempts of one request id are one
   * @param repeatedRequestIds request ids that stand on several lines with usage
   * @param linesOfRepeatedRequestIds the lines with usage that they stand on
   */
  record OperationSum(
      long start,
      long lines,
      long attempts,
      long fallbackAttempts,
      long operations,
      long repeatedRequestIds,
      long linesOfRepeatedRequestIds) {}

  /**
   * Whose lines: all, or those with one of some keys.
   *
   * @param fingerprints of keys; empty text stands for lines without a key. Null if they do not
   *     matter
   * @param fingerprintPrefix what the key's fingerprint begins with; null if it does not matter
   */
  record Payers(@Nullable List<String> fingerprints, @Nullable String fingerprintPrefix) {
    /** Everybody. */
    public static final Payers ALL = new Payers(null, null);

    public Payers {
      fingerprints = fingerprints == null ? null : List.copyOf(fingerprints);
    }
  }
}
