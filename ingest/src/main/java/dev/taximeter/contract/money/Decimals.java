package dev.taximeter.contract.money;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Currency;

/** Rules that every amount of money obeys. Amounts are exact decimals, never floating point. */
public final class Decimals {
  /** Digits after the point that storage keeps exactly: the scale of {@code Decimal(38,12)}. */
  public static final int SCALE = 12;

  /** Largest absolute amount that storage holds exactly, in units of the currency. */
  public static final BigDecimal LIMIT = BigDecimal.TEN.pow(26);

  /** Tokens that a price is quoted for. */
  public static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

  /** Digits after the point of a price per million tokens that leave event costs exact. */
  public static final int PER_MILLION_SCALE = 6;

  private Decimals() {}

  /**
   * The one representation of an amount, so that records with equal amounts are equal.
   *
   * @return the amount without trailing zeros, scale 0 or more
   */
  public static BigDecimal canonical(BigDecimal amount) {
    if (amount.scale() == 0) {
      return amount;
    }
    BigDecimal stripped = amount.stripTrailingZeros();
    return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
  }

  /**
   * @return the amount without trailing zeros and without exponent, for people and JSON
   */
  public static String plain(BigDecimal amount) {
    return canonical(amount).toPlainString();
  }

  /**
   * The one place where money is rounded: half-even to the currency's minor unit, on a bill.
   *
   * @param currency ISO 4217 code
   * @throws IllegalArgumentException if the currency is unknown
   */
  public static BigDecimal rounded(BigDecimal amount, String currency) {
    return amount.setScale(digits(currency), RoundingMode.HALF_EVEN);
  }

  /**
   * How much of an amount can be paid: whole minor units, towards 0.
   *
   * @param currency ISO 4217 code
   */
  public static BigDecimal roundedDown(BigDecimal amount, String currency) {
    return amount.setScale(digits(currency), RoundingMode.DOWN);
  }

  /**
   * What is in whole minor units has all their digits, so that columns of money look like money;
   * what is finer has no zeros that say nothing.
   *
   * @param currency ISO 4217 code
   */
  public static BigDecimal withMinorUnits(BigDecimal amount, String currency) {
    BigDecimal rounded = rounded(amount, currency);
    return rounded.compareTo(amount) == 0 ? rounded : canonical(amount);
  }

  /** {@return the smallest amount of the currency that can be paid} */
  public static BigDecimal minorUnit(String currency) {
    return BigDecimal.ONE.movePointLeft(digits(currency));
  }

  private static int digits(String currency) {
    return Math.max(0, Currency.getInstance(currency).getDefaultFractionDigits());
  }

  /**
   * @return whether storage holds the amount to the last digit
   */
  public static boolean isExact(BigDecimal amount) {
    boolean fits = amount.scale() <= SCALE || amount.stripTrailingZeros().scale() <= SCALE;
    return fits && amount.abs().compareTo(LIMIT) < 0;
  }
}
