package dev.taximeter.contract.gateway;

import java.nio.charset.StandardCharsets;

/** A pattern in which {@code *} stands for any bytes, none included. Immutable. */
public final class Glob {
  private final byte[] pattern;

  public Glob(String pattern) {
    this.pattern = pattern.getBytes(StandardCharsets.UTF_8);
  }

  public boolean matches(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return matches(bytes, 0, bytes.length);
  }

  /** Time is at most the product of both lengths; the text is one field of one line. */
  public boolean matches(byte[] text, int from, int to) {
    int at = from;
    int inPattern = 0;
    int star = -1;
    int retryAt = from;
    while (at < to) {
      if (inPattern < pattern.length && pattern[inPattern] == '*') {
        star = inPattern++;
        retryAt = at;
      } else if (inPattern < pattern.length && pattern[inPattern] == text[at]) {
        inPattern++;
        at++;
      } else if (star >= 0) {
        // The last star swallows one byte more; earlier stars need not be tried again.
        inPattern = star + 1;
        at = ++retryAt;
      } else {
        return false;
      }
    }
    while (inPattern < pattern.length && pattern[inPattern] == '*') {
      inPattern++;
    }
    return inPattern == pattern.length;
  }
}
