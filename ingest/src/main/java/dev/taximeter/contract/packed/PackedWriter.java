package dev.taximeter.contract.packed;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Packs values one behind the other into bytes, for what only Taximeter itself reads. Small numbers
 * take one byte, and nothing is named: the reader knows the order. Not thread-safe.
 */
public final class PackedWriter {
  private static final int FIRST_SIZE = 256;
  private static final int MOST_VARINT_BYTES = 10;
  private static final int MORE = 0x80;
  private static final int LOW_BITS = 0x7f;
  private static final int BITS = 7;

  /** Stands before a word that comes for the first time; others are their number, from 1. */
  static final int NEW_WORD = 0;

  private final Map<String, Integer> words = new HashMap<>();
  private byte[] bytes = new byte[FIRST_SIZE];
  private int size;

  /** Any number; the nearer to 0, the fewer bytes. */
  public PackedWriter number(long value) {
    reserve(MOST_VARINT_BYTES);
    long rest = (value << 1) ^ (value >> (Long.SIZE - 1));
    while ((rest & ~LOW_BITS) != 0) {
      bytes[size++] = (byte) (rest & LOW_BITS | MORE);
      rest >>>= BITS;
    }
    bytes[size++] = (byte) rest;
    return this;
  }

  public PackedWriter text(@Nullable String value) {
    if (value == null) {
      return number(-1);
    }
    return block(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Text that is likely to come again in these bytes: it is written once. */
  public PackedWriter word(@Nullable String value) {
    if (value == null) {
      return number(-1);
    }
    Integer known = words.putIfAbsent(value, words.size() + 1);
    return known == null ? number(NEW_WORD).text(value) : number(known);
  }

  /**
   * @param id 32 lower-case hex digits take 16 bytes; anything else is written as text
   */
  public PackedWriter id(String id) {
    if (!Ids.isHex(id)) {
      return number(0).text(id);
    }
    number(1);
    reserve(Ids.BYTES);
    Ids.toBytes(id, bytes, size);
    size += Ids.BYTES;
    return this;
  }

  public PackedWriter flag(boolean value) {
    return number(value ? 1 : 0);
  }

  public PackedWriter decimal(BigDecimal value) {
    BigInteger unscaled = value.unscaledValue();
    number(value.scale());
    if (unscaled.bitLength() < Long.SIZE) {
      return number(0).number(unscaled.longValue());
    }
    byte[] digits = unscaled.toByteArray();
    return block(digits);
  }

  public PackedWriter instant(@Nullable Instant value) {
    if (value == null) {
      return number(-1);
    }
    return number(value.getNano()).number(value.getEpochSecond());
  }

  private PackedWriter block(byte[] block) {
    number(block.length);
    reserve(block.length);
    System.arraycopy(block, 0, bytes, size, block.length);
    size += block.length;
    return this;
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(size, more)));
    }
  }

  public byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }
}
