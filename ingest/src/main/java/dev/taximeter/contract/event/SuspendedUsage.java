package dev.taximeter.contract.event;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Usage whose counts are known, while its payer is not certain, or whether it was counted before. A
 * person decides it, by the evidence. Carries no raw key and no text of the request.
 *
 * @param usage with fate {@link Fate#SUSPENSE} and an empty key
 * @param reason why nobody is billed for it yet
 * @param evidence what there is to decide by
 */
public record SuspendedUsage(Usage usage, Reason reason, Evidence evidence) {
  public SuspendedUsage {
    if (usage.fate() != Fate.SUSPENSE) {
      throw new IllegalArgumentException("usage in suspense is not " + usage.fate().code());
    }
  }

  /**
   * What a person can see of the line.
   *
   * @param excerpt the line's shape: letters and digits masked, at most 200 characters
   * @param candidates keys that the line names as payer; often empty
   */
  public record Evidence(String excerpt, List<Candidate> candidates) {
    public Evidence {
      candidates = List.copyOf(candidates);
    }
  }

  /**
   * A key that the line names as payer.
   *
   * @param fingerprint of the raw key, 64 hex digits
   * @param lastFour the raw key's last four characters; empty if it has fewer than 12
   * @param account whose key it was when the line arrived; null if nobody's
   * @param keyName its name in that account; null if nobody's
   * @param signed whether a gate's signature proves that it passed with that key, at whatever time;
   *     null if the line has the raw key
   */
  public record Candidate(
      String fingerprint,
      String lastFour,
      @Nullable String account,
      @Nullable String keyName,
      @Nullable Boolean signed) {
    /** A key that the line has itself. */
    public Candidate(
        String fingerprint, String lastFour, @Nullable String account, @Nullable String keyName) {
      this(fingerprint, lastFour, account, keyName, null);
    }
  }
}
