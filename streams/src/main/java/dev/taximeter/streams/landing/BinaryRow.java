package dev.taximeter.streams.landing;

import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Writes one row in ClickHouse's {@code RowBinary} format: values one after the other, texts and
 * arrays behind their length. Refuses what a column cannot hold, so that nothing lands that differs
 * from what was sent.
 */
final class BinaryRow {
  /** First instant that no column of type {@code DateTime} can hold. */
  static final Instant END_OF_TIME = Instant.parse("2106-01-01T00:00:00Z");

  private static final int ID_CHARACTERS = 32;
  private static final int DIGIT_BITS = 4;
  private static final int TEN = 10;
  private static final int MAX_UNSIGNED_16 = 0xffff;

  private final GrowingBytes bytes = new GrowingBytes();

  /** Begins the next row. */
  void begin() {
    bytes.clear();
  }

  byte[] toBytes() {
    return bytes.toBytes();
  }

  /** {@code String}, in UTF-8. */
  void text(String value) {
    bytes.text(value);
  }

  /** {@code Bool}. */
  void flag(boolean value) {
    bytes.number8(value ? 1 : 0);
  }

  /** {@code UInt16}. */
  void unsigned16(int value) {
    if (value < 0 || value > MAX_UNSIGNED_16) {
      throw new UnlandableException("a number does not fit 16 bits");
    }
    bytes.number16(value);
  }

  /** {@code UInt64}, of which our numbers use 63 bits. */
  void unsigned(long value) {
    if (value < 0) {
      throw new UnlandableException("a count is negative");
    }
    bytes.number64(value);
  }

  /** The largest {@code UInt64}. */
  void unbounded() {
    bytes.number64(-1);
  }

  /** {@code Int64}. */
  void signed(long value) {
    bytes.number64(value);
  }

  /** {@code DateTime64(3, 'UTC')}. */
  void millis(Instant value) {
    checkRange(value);
    bytes.number64(value.toEpochMilli());
  }

  /** {@code DateTime('UTC')}: seconds, without a sign. */
  void seconds(Instant value) {
    checkRange(value);
    bytes.number32(value.getEpochSecond());
  }

  /** {@code Decimal(38, 12)}: how many of its smallest unit, in 128 bits. */
  void decimal(BigDecimal value) {
    if (!Decimals.isExact(value)) {
      throw new UnlandableException("an amount does not fit " + Decimals.SCALE + " decimal places");
    }
    BigInteger units = value.setScale(Decimals.SCALE, RoundingMode.UNNECESSARY).unscaledValue();
    bytes.number64(units.longValue());
    bytes.number64(units.shiftRight(Long.SIZE).longValue());
  }

  /**
   * {@code UUID}: two numbers of 64 bits.
   *
   * @param hex 32 hex digits
   */
  void uuid(String hex) {
    if (hex.length() != ID_CHARACTERS) {
      throw noId();
    }
    bytes.number64(half(hex, 0));
    bytes.number64(half(hex, ID_CHARACTERS / 2));
  }

  private static long half(String hex, int start) {
    long half = 0;
    for (int i = start; i < start + ID_CHARACTERS / 2; i++) {
      char digit = hex.charAt(i);
      if (digit >= '0' && digit <= '9') {
        half = half << DIGIT_BITS | digit - '0';
      } else if (digit >= 'a' && digit <= 'f') {
        half = half << DIGIT_BITS | digit - 'a' + TEN;
      } else {
        throw noId();
      }
    }
    return half;
  }

  private static UnlandableException noId() {
    return new UnlandableException("an id is not 32 hex digits");
  }

  /** {@code Array} of whatever the elements are written as. */
  <E> void array(List<E> elements, BiConsumer<BinaryRow, E> element) {
    bytes.length(elements.size());
    for (E each : elements) {
      element.accept(this, each);
    }
  }

  private static void checkRange(Instant value) {
    if (value.isBefore(Instant.EPOCH) || !value.isBefore(END_OF_TIME)) {
      throw new UnlandableException("an instant is outside of 1970 to 2105");
    }
  }
}
