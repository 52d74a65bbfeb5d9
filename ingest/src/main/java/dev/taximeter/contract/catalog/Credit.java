package dev.taximeter.contract.catalog;

import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Money granted to an account in advance.
 *
 * @param amount above 0, in the account's currency
 * @param expiresAt pays only for usage completed before; null if it never expires
 */
public record Credit(String id, String account, BigDecimal amount, @Nullable Instant expiresAt) {
  public Credit {
    amount = Decimals.canonical(amount);
  }
}
