package dev.taximeter.api.bills.document;

import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.util.Locale;

/** How numbers are written on pages: every digit, thousands set apart. */
final class Figures {
  /** Digits between two commas. */
  private static final int GROUP = 3;

  private static final char MINUS = '\u2212';

  private Figures() {}

  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  static String amount(BigDecimal amount) {
    return grouped(Decimals.plain(amount));
  }

  /** With as many digits after the point as it has, zeros included. */
  static String rounded(BigDecimal amount) {
    return grouped(amount.toPlainString());
  }

  /**
   * What is missing behind an amount so that points stand below each other.
   *
   * @param scale digits after the point of the longest
   */
  static String padding(BigDecimal amount, int scale) {
    int own = scale(amount);
    String zeros = "0".repeat(Math.max(0, scale - own));
    return own == 0 && scale > 0 ? "." + zeros : zeros;
  }

  static int scale(BigDecimal amount) {
    return Decimals.canonical(amount).scale();
  }

  private static String grouped(String plain) {
    boolean negative = plain.startsWith("-");
    String digits = negative ? plain.substring(1) : plain;
    int point = digits.indexOf('.');
    StringBuilder text = new StringBuilder(digits);
    for (int at = (point < 0 ? digits.length() : point) - GROUP; at > 0; at -= GROUP) {
      text.insert(at, ',');
    }
    return negative ? MINUS + text.toString() : text.toString();
  }
}
