package dev.taximeter.streams.landing;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes in the forms that ClickHouse's binary formats share: numbers with their lowest byte first,
 * lengths in as few bytes as they need, seven bits in each.
 */
final class GrowingBytes {
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int FIRST_BYTES = 1_024;
  private static final int FIRST_BEYOND_ASCII = 0x80;
  private static final int LENGTH_BITS = 7;
  private static final int MOST_LENGTH_BYTES = 5;
  private static final int LENGTH_GOES_ON = 0x80;
  private static final int LENGTH_MASK = 0x7f;

  private byte[] bytes = new byte[FIRST_BYTES];
  private int size;

  void clear() {
    size = 0;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  void writeTo(OutputStream out) throws IOException {
    out.write(bytes, 0, size);
  }

  void number8(int value) {
    reserve(1);
    bytes[size++] = (byte) value;
  }

  void number16(int value) {
    reserve(Short.BYTES);
    SHORTS.set(bytes, size, (short) value);
    size += Short.BYTES;
  }

  void number32(long value) {
    reserve(Integer.BYTES);
    INTS.set(bytes, size, (int) value);
    size += Integer.BYTES;
  }

  void number64(long value) {
    reserve(Long.BYTES);
    LONGS.set(bytes, size, value);
    size += Long.BYTES;
  }

  /** Its length in UTF-8, then its UTF-8. */
  void text(String value) {
    int count = value.length();
    int start = size;
    length(count);
    reserve(count);
    for (int i = 0; i < count; i++) {
      char character = value.charAt(i);
      if (character >= FIRST_BEYOND_ASCII) {
        size = start;
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        length(utf8.length);
        append(utf8, 0, utf8.length);
        return;
      }
      bytes[size++] = (byte) character;
    }
  }

  void append(byte[] source, int from, int count) {
    reserve(count);
    System.arraycopy(source, from, bytes, size, count);
    size += count;
  }

  /**
   * @param value 0 or more
   */
  void length(int value) {
    reserve(MOST_LENGTH_BYTES);
    int rest = value;
    while (rest >= LENGTH_GOES_ON) {
      bytes[size++] = (byte) (rest | LENGTH_GOES_ON);
      rest >>>= LENGTH_BITS;
    }
    bytes[size++] = (byte) rest;
  }

  /** Reads what {@link #length} has written. */
  static int lengthAt(byte[] source, int position) {
    int value = 0;
    int shift = 0;
    int at = position;
    while ((source[at] & LENGTH_GOES_ON) != 0) {
      value |= (source[at] & LENGTH_MASK) << shift;
      shift += LENGTH_BITS;
      at++;
    }
    return value | source[at] << shift;
  }

  /** How many bytes a length takes. */
  static int lengthBytes(int value) {
    int count = 1;
    for (int rest = value; rest >= LENGTH_GOES_ON; rest >>>= LENGTH_BITS) {
      count++;
    }
    return count;
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(size, more)));
    }
  }
}
