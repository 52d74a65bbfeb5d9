package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.catalog.PriceSchedule;
import java.math.BigDecimal;

/** The price of a quantity of tokens, exactly. */
public final class Price {
  /** Prices are per million tokens: six places to the left. */
  private static final int MILLION_PLACES = 6;

  private Price() {}

  /**
   * @param quantity tokens, 0 or more
   * @return the amount due for the first {@code quantity} tokens
   */
  public static BigDecimal of(PriceSchedule schedule, long quantity) {
    if (schedule instanceof PriceSchedule.Flat flat) {
      return perMillion(flat.perMillion(), quantity);
    } else if (schedule instanceof PriceSchedule.Graduated graduated) {
      return graduated(graduated, quantity);
    }
    throw new IllegalArgumentException("unknown kind of price");
  }

  private static BigDecimal graduated(PriceSchedule.Graduated schedule, long quantity) {
    BigDecimal amount = BigDecimal.ZERO;
    long start = 0;
    for (PriceSchedule.Tier tier : schedule.tiers()) {
      Long upTo = tier.upTo();
      long end = upTo == null ? quantity : Math.min(quantity, upTo);
      if (end > start) {
        amount = amount.add(perMillion(tier.perMillion(), end - start));
        start = end;
      }
    }
    return amount;
  }

  private static BigDecimal perMillion(BigDecimal price, long quantity) {
    return price.multiply(BigDecimal.valueOf(quantity)).movePointLeft(MILLION_PLACES);
  }
}
