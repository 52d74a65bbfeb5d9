package dev.taximeter.parse;

import dev.taximeter.contract.security.KeyText;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Searching in byte arrays; every method is linear. */
final class Bytes {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long LOW_BITS = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long QUOTES = LOW_BITS * '"';
  private static final long BACKSLASHES = LOW_BITS * '\\';

  private Bytes() {}

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * {@return how a key ({@link KeyText#of}) that is no UTF-8 looks where the same bytes are decoded
   * as UTF-8}
   */
  static String replaced(String key) {
    for (int i = 0; i < key.length(); i++) {
      if (key.charAt(i) >= 0x80) {
        return new String(key.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
      }
    }
    return key;
  }

  /** Index of the first {@code "} or {@code \}, or {@code to} if there is none. */
  static int quoteOrBackslash(byte[] bytes, int from, int to) {
    int at = from;
    // Eight bytes at a time: a byte of a word is zero where it equals the byte looked for, and the
    // lowest set high bit marks the first zero byte.
    while (at + Long.BYTES <= to) {
      long word = (long) LONGS.get(bytes, at);
      long quotes = word ^ QUOTES;
      long backslashes = word ^ BACKSLASHES;
      long found =
          (((quotes - LOW_BITS) & ~quotes) | ((backslashes - LOW_BITS) & ~backslashes)) & HIGH_BITS;
      if (found != 0) {
        return at + (Long.numberOfTrailingZeros(found) >>> 3);
      }
      at += Long.BYTES;
    }
    while (at < to && bytes[at] != '"' && bytes[at] != '\\') {
      at++;
    }
    return at;
  }

  /** Index of the first {@code "} that no backslash escapes, or -1. */
  static int unescapedQuote(byte[] bytes, int from, int to) {
    int at = quoteOrBackslash(bytes, from, to);
    while (at < to && bytes[at] == '\\') {
      at = quoteOrBackslash(bytes, Math.min(at + 2, to), to);
    }
    return at < to ? at : -1;
  }

  /** Index of the first such byte, or -1. */
  static int indexOf(byte[] bytes, int from, int to, char wanted) {
    for (int at = from; at < to; at++) {
      if (bytes[at] == wanted) {
        return at;
      }
    }
    return -1;
  }

  /** Index of the first such sequence that ends at {@code to} or before, or -1. */
  static int indexOf(byte[] bytes, int from, int to, byte[] wanted) {
    int last = to - wanted.length;
    for (int at = from; at <= last; at++) {
      if (bytes[at] == wanted[0] && startsWith(bytes, at, to, wanted)) {
        return at;
      }
    }
    return -1;
  }

  static boolean startsWith(byte[] bytes, int from, int to, byte[] prefix) {
    int end = from + prefix.length;
    return end <= to && Arrays.equals(bytes, from, end, prefix, 0, prefix.length);
  }

  static boolean endsWith(byte[] bytes, int from, int to, byte[] suffix) {
    int start = to - suffix.length;
    return start >= from && Arrays.equals(bytes, start, to, suffix, 0, suffix.length);
  }

  static boolean equal(byte[] bytes, int from, int to, byte[] other) {
    return to - from == other.length && startsWith(bytes, from, to, other);
  }
}
