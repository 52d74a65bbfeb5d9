package dev.taximeter.api.web;

import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Amounts of money that somebody asks to move, as the field {@code amount} of a body. */
public final class Amounts {
  private Amounts() {}

  /**
   * @return the amount
   * @throws ProblemException if it is not above 0, or more than may be moved at once
   */
  public static BigDecimal above0(@Nullable BigDecimal amount) {
    if (amount == null || amount.signum() <= 0 || !isUsual(amount)) {
      throw ProblemException.field(
          "amount",
          "must be a decimal above 0 and at most %s, with at most %d digits after the point"
              .formatted(Order.MOST_AMOUNT.toPlainString(), Decimals.SCALE));
    }
    return amount;
  }

  /**
   * @return the amount
   * @throws ProblemException if it is 0, or more than may be moved at once
   */
  public static BigDecimal otherThan0(@Nullable BigDecimal amount) {
    if (amount == null || amount.signum() == 0 || !isUsual(amount)) {
      throw ProblemException.field(
          "amount",
          "must be a decimal other than 0, from -%1$s to %1$s, with at most %2$d digits after the point"
              .formatted(Order.MOST_AMOUNT.toPlainString(), Decimals.SCALE));
    }
    return amount;
  }

  private static boolean isUsual(BigDecimal amount) {
    return Decimals.isExact(amount) && amount.abs().compareTo(Order.MOST_AMOUNT) <= 0;
  }
}
