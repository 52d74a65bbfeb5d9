package dev.taximeter.contract.rating;

import dev.taximeter.contract.catalog.PriceSchedule;
import java.math.BigDecimal;

/**
 * The price of a quantity of tokens, exactly. What an event costs is the difference of two such
 * prices: for a flat price its own tokens, for all others whatever the total moved by.
 */
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
    } else if (schedule instanceof PriceSchedule.Volume volume) {
      return perMillion(priceOfAll(volume, quantity), quantity);
    } else if (schedule instanceof PriceSchedule.Package ofPackage) {
      return ofPackage.price().multiply(BigDecimal.valueOf(started(ofPackage, quantity)));
    } else if (schedule instanceof PriceSchedule.Allowance allowance) {
      return of(allowance.rest(), Math.max(0, quantity - allowance.free()));
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

  private static BigDecimal priceOfAll(PriceSchedule.Volume schedule, long quantity) {
    for (PriceSchedule.Tier tier : schedule.tiers()) {
      Long upTo = tier.upTo();
      if (upTo == null || quantity <= upTo) {
        return tier.perMillion();
      }
    }
    throw new IllegalArgumentException("the last tier has an end");
  }

  private static long started(PriceSchedule.Package schedule, long quantity) {
    long whole = quantity / schedule.size();
    return quantity % schedule.size() == 0 ? whole : whole + 1;
  }

  static BigDecimal perMillion(BigDecimal price, long quantity) {
    return price.multiply(BigDecimal.valueOf(quantity)).movePointLeft(MILLION_PLACES);
  }
}
