package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The part of an account's state that every event touches.
 *
 * @param sequence events rated so far
 * @param spent exact usage cost since the account began
 * @param lastCompletion latest completion so far; null before the first event
 */
public record AccountHead(long sequence, BigDecimal spent, @Nullable Instant lastCompletion) {
  public static final AccountHead NEW = new AccountHead(0, BigDecimal.ZERO, null);

  public AccountHead {
    spent = Decimals.canonical(spent);
  }

  public AccountHead afterUsage(Usage usage, Rating rating) {
    Instant last = lastCompletion;
    return new AccountHead(
        sequence + 1,
        spent.add(rating.cost()),
        last == null || usage.completion().isAfter(last) ? usage.completion() : last);
  }
}
