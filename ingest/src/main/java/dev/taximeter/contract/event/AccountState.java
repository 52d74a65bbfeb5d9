package dev.taximeter.contract.event;

import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything about an account's money at one sequence number: balance, bill previews and totals are
 * pure functions of this record, so they cannot disagree.
 *
 * @param account id; {@code unattributed:…} for usage that nobody has claimed
 * @param sequence events rated so far; 0 before the first
 * @param termsVersion catalogue version of the terms in force; 0 if unattributed
 * @param currency ISO 4217 code; empty if unattributed
 * @param zone IANA zone that decides months and days
 * @param spent exact usage cost since the account began: the sum over all periods' lines
 * @param requests events since the account began
 * @param credits grants, in the order they are drawn down
 * @param periods usage by billing period, oldest first
 * @param lastCompletion latest completion instant seen; null before the first event
 */
public record AccountState(
    String account,
    long sequence,
    long termsVersion,
    String currency,
    String zone,
    BigDecimal spent,
    long requests,
    List<CreditState> credits,
    List<Period> periods,
    @Nullable Instant lastCompletion) {
  public AccountState {
    spent = Decimals.canonical(spent);
    credits = List.copyOf(credits);
    periods = List.copyOf(periods);
  }

  /**
   * A grant and the usage it may pay for.
   *
   * @param expiresAt end of validity; null if it never expires
   * @param spentBeforeExpiry exact cost of all the account's usage that completed before {@code
   *     expiresAt} (all usage if it never expires)
   */
  public record CreditState(
      String id, BigDecimal amount, @Nullable Instant expiresAt, BigDecimal spentBeforeExpiry) {
    public CreditState {
      amount = Decimals.canonical(amount);
      spentBeforeExpiry = Decimals.canonical(spentBeforeExpiry);
    }
  }

  /**
   * A billing period.
   *
   * @param period calendar month in the account's zone
   * @param requests events that completed in it
   * @param unpriced how many of them had no price
   */
  public record Period(YearMonth period, long requests, long unpriced, List<BillLine> lines) {
    public Period {
      lines = List.copyOf(lines);
    }
  }

  /**
   * Usage of one class at one price version.
   *
   * @param model the event's model, or the price entry's pattern if tiered; {@code *} for requests
   * @param priceVersion {@link dev.taximeter.contract.catalog.PriceEntry#version}, or the plan's
   * @param quantity tokens or requests
   * @param amount exact: a pure function of quantity and price version
   */
  public record BillLine(
      String model, TokenClass tokenClass, String priceVersion, long quantity, BigDecimal amount) {
    public BillLine {
      amount = Decimals.canonical(amount);
    }
  }

  /**
   * What the account was granted, less what expired unused. Credits are drawn down in order of
   * expiry, and a credit pays only for usage that completed before it expired.
   *
   * @param now decides which credits have expired
   */
  public BigDecimal granted(Instant now) {
    BigDecimal granted = BigDecimal.ZERO;
    BigDecimal drawn = BigDecimal.ZERO;
    for (CreditState credit : credits) {
      BigDecimal drawable =
          credit.spentBeforeExpiry().subtract(drawn).max(BigDecimal.ZERO).min(credit.amount());
      drawn = drawn.add(drawable);
      boolean expired = credit.expiresAt() != null && !credit.expiresAt().isAfter(now);
      granted = granted.add(expired ? drawable : credit.amount());
    }
    return granted;
  }
}
