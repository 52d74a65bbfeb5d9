package dev.taximeter.contract.security;

/**
 * How a header's value is read as an API key. Keys are registered as they are, but headers and logs
 * may hold a scheme before them; the gate and metering must not differ in what they make of it.
 */
public final class KeyText {
  private static final String SCHEME = "Bearer ";

  private KeyText() {}

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
