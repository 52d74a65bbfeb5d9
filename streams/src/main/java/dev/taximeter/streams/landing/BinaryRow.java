package dev.taximeter.streams.landing;

import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.HexFormat;
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
  private static final int HALF_ID_CHARACTERS = ID_CHARACTERS / 2;
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
    if (!isId(hex)) {
      throw new UnlandableException("an id is not 32 hex digits");
    }
    bytes.number64(HexFormat.fromHexDigitsToLong(hex, 0, HALF_ID_CHARACTERS));
    bytes.number64(HexFormat.fromHexDigitsToLong(hex, HALF_ID_CHARACTERS, ID_CHARACTERS));
  }

  private static boolean isId(String hex) {
    if (hex.length() != ID_CHARACTERS) {
      return false;
    }
    for (int i = 0; i < ID_CHARACTERS; i++) {
      char digit = hex.charAt(i);
      if ((digit < '0' || digit > '9') && (digit < 'a' || digit > 'f')) {
        return false;
      }
    }
    return true;
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
