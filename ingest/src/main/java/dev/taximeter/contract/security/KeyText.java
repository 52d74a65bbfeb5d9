package dev.taximeter.contract.security;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * How a header's value is read as an API key. Keys are registered as they are, but headers and logs
 * may hold a scheme before them; the gate and metering must not differ in what they make of it.
 */
public final class KeyText {
  private static final String SCHEME = "Bearer ";
  private static final char REPLACEMENT = '\ufffd';

  private KeyText() {}

  /**
   * A header's value as text. What is no UTF-8 is read as Latin-1, as headers are, so that a key is
   * the same in both; replacing what cannot be decoded would make one key of many.
   */
  public static String of(byte[] value) {
    String text = new String(value, StandardCharsets.UTF_8);
    boolean exact =
        text.indexOf(REPLACEMENT) < 0
            || Arrays.equals(text.getBytes(StandardCharsets.UTF_8), value);
    return exact ? text : new String(value, StandardCharsets.ISO_8859_1);
  }

  /**
   * @param value of a header
   * @return the key without blanks around it and a scheme before it; often the value itself
   */
  public static String bare(String value) {
    String text = value.strip();
    return text.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        ? text.substring(SCHEME.length()).strip()
        : text;
  }
}
