package dev.taximeter.contract.event;

import dev.taximeter.contract.catalog.AccountDetails;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What decides whether requests of an account's keys may pass, as its writer knows it. Key: the
 * account's id. An account without a record has nothing that stops it.
 *
 * @param account id
 * @param sequence the account's sequence number of the last usage that is in it
 * @param status whether the account does business
 * @param closing last instant of its business; null if it goes on
 * @param balance what a prepaid account can still spend; null if it pays by bill
 * @param currency ISO 4217 code
 * @param limits its hard quotas, as the catalogue orders them
 * @param decidedAt when the writer decided
 */
public record GateState(
    String account,
    long sequence,
    AccountDetails.Status status,
    @Nullable Instant closing,
    @Nullable BigDecimal balance,
    String currency,
    List<Limit> limits,
    Instant decidedAt) {
  public GateState {
    balance = balance == null ? null : Decimals.canonical(balance);
    limits = List.copyOf(limits);
  }

  /** Whether it says the same, whenever that was decided. */
  public boolean decidesAs(GateState other) {
    return equals(
        new GateState(
            other.account,
            sequence,
            other.status,
            other.closing,
            other.balance,
            other.currency,
            other.limits,
            decidedAt));
  }

  /** Whether nothing in it can stop a request. */
  public boolean stopsNothing() {
    return status == AccountDetails.Status.ACTIVE
        && closing == null
        && balance == null
        && limits.isEmpty();
  }

  /**
   * A hard quota and what its window has.
   *
   * @param quota the quota's id
   * @param key name of the key it limits; null for all
   * @param team id of the team it limits; null for all
   * @param model exact name or glob it limits; null for all
   * @param metric what is limited
   * @param limit tokens, requests, or money in the account's currency
   * @param used in the window
   * @param until when {@code used} falls below the limit by itself if it has reached it, else when
   *     the window ends
   */
  public record Limit(
      String quota,
      @Nullable String key,
      @Nullable String team,
      @Nullable String model,
      Quota.Metric metric,
      BigDecimal limit,
      BigDecimal used,
      Instant until) {
    public Limit {
      limit = Decimals.canonical(limit);
      used = Decimals.canonical(used);
    }

    /** Whether it is reached at an instant, if nothing else is used until then. */
    public boolean isReached(Instant at) {
      return used.compareTo(limit) >= 0 && at.isBefore(until);
    }

    /** {@return what may still be used at an instant; not below 0} */
    public BigDecimal remaining(Instant at) {
      return at.isBefore(until) ? limit.subtract(used).max(BigDecimal.ZERO) : limit;
    }
  }
}
