package dev.taximeter.parse;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Month;
import java.time.Year;
import org.jspecify.annotations.Nullable;

/** Numbers and instants as the log writes them. */
final class Numbers {
  /** A count that the log does not have; see {@link #count}. */
  static final long ABSENT = -1;

  /** A count that is negative, fractional, absurd, or no number; see {@link #count}. */
  static final long IMPOSSIBLE = -2;

  /** Tokens in one request. No model takes or gives a thousandth of it. */
  static final long MAX_COUNT = 1_000_000_000;

  /** Digits of the largest duration read: more milliseconds than the universe is old. */
  private static final int MAX_DIGITS = 18;

  /** Characters of a number that is still read exactly when it has a point or an exponent. */
  private static final int MAX_NUMBER_LENGTH = 64;

  private static final int NANO_DIGITS = 9;
  private static final long SECONDS_PER_DAY = 86_400;

  private Numbers() {}

  /** The value of 1 to 18 decimal digits, or -1. */
  static long digits(byte[] bytes, int from, int to) {
    if (to <= from || to - from > MAX_DIGITS) {
      return -1;
    }
    long value = 0;
    for (int i = from; i < to; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  /** A count from 0 to {@link #MAX_COUNT}, or {@link #IMPOSSIBLE}. */
  static long count(byte[] bytes, int from, int to) {
    long value = digits(bytes, from, to);
    if (value >= 0) {
      return value <= MAX_COUNT ? value : IMPOSSIBLE;
    }
    if (to <= from || to - from > MAX_NUMBER_LENGTH) {
      return IMPOSSIBLE;
    }
    // Encoders write whole numbers as 12.0 or 1e3, too. These are rare.
    try {
      BigDecimal number =
          new BigDecimal(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
      if (number.signum() < 0
          || number.compareTo(BigDecimal.valueOf(MAX_COUNT)) > 0
          || number.stripTrailingZeros().scale() > 0) {
        return IMPOSSIBLE;
      }
      return number.longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      return IMPOSSIBLE;
    }
  }

  /**
   * An instant such as {@code 2026-11-03T08:14:05.458Z}, with 0 to 9 digits of a second's fraction.
   *
   * @return null if the bytes are anything else
   */
  static @Nullable Instant instant(byte[] bytes, int from, int to) {
    int length = to - from;
    if (length < 20 || length > 21 + NANO_DIGITS || bytes[to - 1] != 'Z') {
      return null;
    }
    if (bytes[from + 4] != '-'
        || bytes[from + 7] != '-'
        || bytes[from + 10] != 'T'
        || bytes[from + 13] != ':'
        || bytes[from + 16] != ':') {
      return null;
    }
    int year = (int) digits(bytes, from, from + 4);
    int month = (int) digits(bytes, from + 5, from + 7);
    int day = (int) digits(bytes, from + 8, from + 10);
    int hour = (int) digits(bytes, from + 11, from + 13);
    int minute = (int) digits(bytes, from + 14, from + 16);
    int second = (int) digits(bytes, from + 17, from + 19);
    long nanos = nanos(bytes, from + 19, to - 1);
    if (year < 0
        || month < 1
        || month > 12
        || day < 1
        || day > Month.of(month).length(Year.isLeap(year))
        || hour < 0
        || hour > 23
        || minute < 0
        || minute > 59
        || second < 0
        || second > 59
        || nanos < 0) {
      return null;
    }
    long seconds =
        LocalDate.of(year, month, day).toEpochDay() * SECONDS_PER_DAY
            + hour * 3_600L
            + minute * 60L
            + second;
    return Instant.ofEpochSecond(seconds, nanos);
  }

  private static long nanos(byte[] bytes, int from, int to) {
    if (from == to) {
      return 0;
    }
    if (bytes[from] != '.') {
      return -1;
    }
    long value = digits(bytes, from + 1, to);
    for (int i = to - from - 1; i < NANO_DIGITS && value >= 0; i++) {
      value *= 10;
    }
    return value;
  }
}
