package dev.taximeter.api.gate;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountDetails;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.event.GateState;
import dev.taximeter.contract.event.GateState.Limit;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Decides from the catalogue and from what the account's writer told. Pure. */
final class GateRules {
  private GateRules() {}

  /**
   * @param team that the key's usage counts for; null for none
   * @param account the key's
   * @param state null if nothing was told of the account
   * @param models whether quotas of the models that a glob stands for concern the request
   */
  static Verdict decide(
      ApiKey key,
      @Nullable String team,
      Account account,
      @Nullable GateState state,
      Predicate<String> models,
      Instant now) {
    if (key.expiresAt() != null && !now.isBefore(key.expiresAt())) {
      return Verdict.refused(Verdict.Reason.KEY_EXPIRED);
    }
    Verdict.Reason closed = business(account.details(), now);
    if (closed != null) {
      return Verdict.refused(closed);
    }
    if (state == null) {
      return Verdict.PASS;
    }
    BigDecimal balance = state.balance(now);
    if (balance != null && balance.signum() <= 0) {
      return new Verdict(Verdict.Reason.BALANCE_EXHAUSTED, null, balance, funded(state, now));
    }
    return quotas(
        state.limits().stream().filter(limit -> concerns(limit, key, team, models)).toList(), now);
  }

  /** {@return when there is money again by itself; null if that is not known} */
  private static @Nullable Instant funded(GateState state, Instant now) {
    GateState.Next next = state.next();
    return next != null && now.isBefore(next.at()) && next.balance().signum() > 0
        ? next.at()
        : null;
  }

  private static Verdict.@Nullable Reason business(AccountDetails details, Instant now) {
    Instant closing = details.closing();
    if (details.status() == AccountDetails.Status.SUSPENDED) {
      return Verdict.Reason.ACCOUNT_SUSPENDED;
    }
    boolean over =
        closing == null ? details.status() == AccountDetails.Status.CLOSED : !now.isBefore(closing);
    return over ? Verdict.Reason.ACCOUNT_CLOSED : null;
  }

  private static boolean concerns(
      Limit limit, ApiKey key, @Nullable String team, Predicate<String> models) {
    String glob = limit.model();
    return (limit.key() == null || limit.key().equals(key.name()))
        && (limit.team() == null || limit.team().equals(team))
        && (glob == null || models.test(glob));
  }

  private static Verdict quotas(List<Limit> limits, Instant now) {
    Limit last =
        limits.stream()
            .filter(limit -> limit.isReached(now))
            .max(Comparator.comparing(Limit::until))
            .orElse(null);
    if (last != null) {
      return new Verdict(Verdict.Reason.QUOTA_REACHED, last.quota(), BigDecimal.ZERO, last.until());
    }
    return limits.stream()
        .min(Comparator.comparing(limit -> share(limit, now)))
        .map(limit -> new Verdict(null, limit.quota(), limit.remaining(now), limit.until()))
        .orElse(Verdict.PASS);
  }

  private static BigDecimal share(Limit limit, Instant now) {
    return limit.remaining(now).divide(limit.limit(), MathContext.DECIMAL32);
  }
}
