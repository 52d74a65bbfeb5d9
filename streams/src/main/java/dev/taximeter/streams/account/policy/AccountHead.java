package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.event.AccountState.CreditState;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of an account's state that every event touches.
 *
 * @param sequence events rated so far
 * @param spent exact usage cost since the account began
 * @param credits in draw-down order
 * @param lastCompletion latest completion so far; null before the first event
 */
public record AccountHead(
    long sequence, BigDecimal spent, List<CreditState> credits, @Nullable Instant lastCompletion) {
  public static final AccountHead NEW = new AccountHead(0, BigDecimal.ZERO, List.of(), null);

  public AccountHead {
    spent = Decimals.canonical(spent);
    credits = List.copyOf(credits);
  }

  public AccountHead afterUsage(Usage usage, Rating rating) {
    Instant last = lastCompletion;
    return new AccountHead(
        sequence + 1,
        spent.add(rating.cost()),
        Credits.afterUsage(credits, usage.completion(), rating.cost()),
        last == null || usage.completion().isAfter(last) ? usage.completion() : last);
  }

  /**
   * @param now when the terms were decided
   */
  public AccountHead afterTerms(AccountTerms terms, Instant now) {
    return new AccountHead(
        sequence,
        spent,
        Credits.afterGrants(credits, terms.credits(), spent, lastCompletion, now),
        lastCompletion);
  }
}
