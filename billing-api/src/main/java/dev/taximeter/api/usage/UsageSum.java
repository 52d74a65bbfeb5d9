package dev.taximeter.api.usage;

import dev.taximeter.contract.event.TokenCounts;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Usage of one group in one bucket.
 *
 * @param start beginning of the bucket, milliseconds since 1970
 * @param key null if keys are not told apart
 * @param model null if models are not told apart
 * @param currency ISO 4217 code; empty if unattributed
 * @param team id of the team that has the key now; null if teams are not told apart, or it has none
 */
public record UsageSum(
    long start,
    String account,
    @Nullable String key,
    @Nullable String model,
    long requests,
    TokenCounts tokens,
    String currency,
    BigDecimal cost,
    @Nullable String team) {
  /** Usage without regard to teams. */
  public UsageSum(
      long start,
      String account,
      @Nullable String key,
      @Nullable String model,
      long requests,
      TokenCounts tokens,
      String currency,
      BigDecimal cost) {
    this(start, account, key, model, requests, tokens, currency, cost, null);
  }

  UsageSum of(@Nullable String itsTeam, boolean byKey) {
    return new UsageSum(
        start, account, byKey ? key : null, model, requests, tokens, currency, cost, itsTeam);
  }

  /** Both together, of the same group. */
  UsageSum plus(UsageSum other) {
    return new UsageSum(
        start,
        account,
        key,
        model,
        requests + other.requests,
        tokens.plus(other.tokens),
        currency,
        cost.add(other.cost),
        team);
  }
}
