package dev.taximeter.contract.packed;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link PackedWriter} has written, in the same order. Bytes that end too early are a
 * {@link SerializationException} that quotes none of them. Not thread-safe.
 */
public final class PackedReader {
  private static final int MORE = 0x80;
  private static final int LOW_BITS = 0x7f;
  private static final int BITS = 7;

  private final byte[] bytes;
  private final List<String> words = new ArrayList<>();
  private int position;

  public PackedReader(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Whether everything has been read. */
  public boolean isAtEnd() {
    return position == bytes.length;
  }

  public long number() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += BITS) {
      if (position == bytes.length) {
        throw tooShort();
      }
      byte next = bytes[position++];
      value |= (long) (next & LOW_BITS) << shift;
      if ((next & MORE) == 0) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw tooShort();
  }

  /**
   * @throws SerializationException if the number is negative or above 2^31 - 1, too
   */
  public int size() {
    long size = number();
    if (size < 0 || size > Integer.MAX_VALUE) {
      throw tooShort();
    }
    return (int) size;
  }

  public String text() {
    String text = optionalText();
    if (text == null) {
      throw tooShort();
    }
    return text;
  }

  public @Nullable String optionalText() {
    long length = number();
    if (length < 0) {
      return null;
    }
    int start = advance(length);
    return new String(bytes, start, (int) length, StandardCharsets.UTF_8);
  }

  public String word() {
    String word = optionalWord();
    if (word == null) {
      throw tooShort();
    }
    return word;
  }

  public @Nullable String optionalWord() {
    long number = number();
    if (number < 0) {
      return null;
    }
    if (number == PackedWriter.NEW_WORD) {
      String word = text();
      words.add(word);
      return word;
    }
    if (number > words.size()) {
      throw tooShort();
    }
    return words.get((int) number - 1);
  }

  public String id() {
    return number() == 0 ? text() : Ids.toHex(bytes, advance(Ids.BYTES));
  }

  public boolean flag() {
    return number() != 0;
  }

  public BigDecimal decimal() {
    int scale = (int) number();
    long length = number();
    if (length == 0) {
      return BigDecimal.valueOf(number(), scale);
    }
    int start = advance(length);
    return new BigDecimal(
        new BigInteger(Arrays.copyOfRange(bytes, start, start + (int) length)), scale);
  }

  public Instant instant() {
    Instant instant = optionalInstant();
    if (instant == null) {
      throw tooShort();
    }
    return instant;
  }

  public @Nullable Instant optionalInstant() {
    long nanos = number();
    return nanos < 0 ? null : Instant.ofEpochSecond(number(), nanos);
  }

  /**
   * @return where the next bytes began
   */
  private int advance(long length) {
    if (length < 0 || length > bytes.length - position) {
      throw tooShort();
    }
    int start = position;
    position += (int) length;
    return start;
  }

  private static SerializationException tooShort() {
    return new SerializationException("packed bytes end too early");
  }
}
