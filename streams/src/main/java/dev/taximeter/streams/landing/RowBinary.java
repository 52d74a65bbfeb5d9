package dev.taximeter.streams.landing;

import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * Writes values in ClickHouse's {@code RowBinary} format. Refuses what a column cannot hold, so
 * that nothing lands that differs from what was sent.
 */
final class RowBinary {
  /** First instant that no column of type {@code DateTime} can hold. */
  static final Instant END_OF_TIME = Instant.parse("2106-01-01T00:00:00Z");

  private static final int INITIAL_BYTES = 512;
  private static final int DECIMAL_BYTES = 16;
  private static final int UUID_DIGITS = 32;

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int length;

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  void text(String value) {
    byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
    size(encoded.length);
    reserve(encoded.length);
    System.arraycopy(encoded, 0, bytes, length, encoded.length);
    length += encoded.length;
  }

  /** Number of elements of an array, or bytes of a text. */
  void size(int size) {
    int rest = size;
    while (rest >= 0x80) {
      octet((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    octet(rest);
  }

  void flag(boolean value) {
    octet(value ? 1 : 0);
  }

  void unsigned16(int value) {
    if (value < 0 || value > 0xffff) {
      throw new UnlandableException("a number does not fit 16 bits");
    }
    littleEndian(value, 2);
  }

  /** {@code UInt64}, of which our numbers use 63 bits. */
  void unsigned(long value) {
    if (value < 0) {
      throw new UnlandableException("a count is negative");
    }
    littleEndian(value, Long.BYTES);
  }

  /** The largest {@code UInt64}. */
  void unbounded() {
    littleEndian(-1, Long.BYTES);
  }

  void signed(long value) {
    littleEndian(value, Long.BYTES);
  }

  /** {@code DateTime64(3, 'UTC')}. */
  void millis(Instant value) {
    checkRange(value);
    littleEndian(value.toEpochMilli(), Long.BYTES);
  }

  /** {@code DateTime('UTC')}. */
  void seconds(Instant value) {
    checkRange(value);
    littleEndian(value.getEpochSecond(), Integer.BYTES);
  }

  /** {@code Decimal(38, 12)}. */
  void decimal(BigDecimal value) {
    if (!Decimals.isExact(value)) {
      throw new UnlandableException("an amount does not fit " + Decimals.SCALE + " decimal places");
    }
    BigInteger unscaled = value.setScale(Decimals.SCALE).unscaledValue();
    byte[] bigEndian = unscaled.toByteArray();
    int fill = unscaled.signum() < 0 ? 0xff : 0;
    for (int i = 0; i < DECIMAL_BYTES; i++) {
      octet(i < bigEndian.length ? bigEndian[bigEndian.length - 1 - i] : fill);
    }
  }

  /**
   * @param hex 32 hex digits
   */
  void uuid(String hex) {
    if (hex.length() != UUID_DIGITS) {
      throw new UnlandableException("an id is not 32 hex digits");
    }
    try {
      littleEndian(Long.parseUnsignedLong(hex, 0, UUID_DIGITS / 2, 16), Long.BYTES);
      littleEndian(Long.parseUnsignedLong(hex, UUID_DIGITS / 2, UUID_DIGITS, 16), Long.BYTES);
    } catch (NumberFormatException e) {
      throw new UnlandableException("an id is not 32 hex digits");
    }
  }

  private static void checkRange(Instant value) {
    if (value.isBefore(Instant.EPOCH) || !value.isBefore(END_OF_TIME)) {
      throw new UnlandableException("an instant is outside of 1970 to 2105");
    }
  }

  private void littleEndian(long value, int octets) {
    for (int i = 0; i < octets; i++) {
      octet((int) (value >>> (8 * i)));
    }
  }

  private void octet(int value) {
    reserve(1);
    bytes[length++] = (byte) value;
  }

  private void reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
