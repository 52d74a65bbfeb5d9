package dev.taximeter.contract.event;

import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an account's writer knows of whether requests of its keys may pass; what the catalogue says
 * of account and key is not in it. Key: the account's id. An account without a record has nothing
 * that stops it.
 *
 * @param account id
 * @param sequence the account's sequence number of the last usage that is in it
 * @param balance what a prepaid account can still spend; null if it pays by bill
 * @param next what becomes of that balance by itself; null if nothing does
 * @param limits its hard quotas, as the catalogue orders them
 * @param decidedAt when the writer decided
 */
public record GateState(
    String account,
    long sequence,
    @Nullable BigDecimal balance,
    @Nullable Next next,
    List<Limit> limits,
    Instant decidedAt) {
  public GateState {
    balance = balance == null ? null : Decimals.canonical(balance);
    limits = List.copyOf(limits);
  }

  /**
   * The next change of a balance if nothing is used until then: a credit begins or expires.
   *
   * @param at when
   * @param balance from then on
   */
  public record Next(Instant at, BigDecimal balance) {
    public Next {
      balance = Decimals.canonical(balance);
    }
  }

  /** {@return what a prepaid account can spend at an instant; null if it pays by bill} */
  public @Nullable BigDecimal balance(Instant at) {
    return next != null && !at.isBefore(next.at) ? next.balance : balance;
  }

  /** Whether it says the same, whenever that was decided. */
  public boolean decidesAs(GateState other) {
    return equals(
        new GateState(other.account, sequence, other.balance, other.next, other.limits, decidedAt));
  }

  /** Whether nothing in it can stop a request. */
  public boolean stopsNothing() {
    return balance == null && limits.isEmpty();
  }

  /**
   * A hard quota and what its window has.
   *
   * @param quota the quota's id
   * @param key name of the key it limits; null for all
   * @param team id of the team it limits; null for all
   * @param model exact name or glob it limits; null for all
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
