package dev.taximeter.contract.packed;

import java.nio.charset.StandardCharsets;

/** Identities of lines: 16 bytes, which people and JSON see as hex digits. */
final class Ids {
  static final int BYTES = 16;

  private static final int DIGITS = 2 * BYTES;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int NIBBLE = 0xf;
  private static final int NIBBLE_BITS = 4;
  private static final int TEN = 10;

  private Ids() {}

  static boolean isHex(String id) {
    if (id.length() != DIGITS) {
      return false;
    }
    for (int i = 0; i < DIGITS; i++) {
      char digit = id.charAt(i);
      if ((digit < '0' || digit > '9') && (digit < 'a' || digit > 'f')) {
        return false;
      }
    }
    return true;
  }

  static void toBytes(String hex, byte[] target, int start) {
    for (int i = 0; i < BYTES; i++) {
      int high = value(hex.charAt(2 * i));
      target[start + i] = (byte) (high << NIBBLE_BITS | value(hex.charAt(2 * i + 1)));
    }
  }

  private static int value(char digit) {
    return digit <= '9' ? digit - '0' : digit - 'a' + TEN;
  }

  static String toHex(byte[] source, int start) {
    byte[] digits = new byte[DIGITS];
    for (int i = 0; i < BYTES; i++) {
      int value = source[start + i];
      digits[2 * i] = HEX[value >> NIBBLE_BITS & NIBBLE];
      digits[2 * i + 1] = HEX[value & NIBBLE];
    }
    return new String(digits, StandardCharsets.ISO_8859_1);
  }
}
