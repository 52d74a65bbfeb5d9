package dev.taximeter.streams.topology.parts;

/**
 * Joins parts into store keys. Clients choose some of the parts (model names), so the separator is
 * escaped: no two lists of parts share a key, and no part reaches into another account's range.
 */
public final class StoreKeys {
  private static final char SEPARATOR = '\0';
  private static final char ESCAPE = '\1';

  private StoreKeys() {}

  /**
   * Reads one part again.
   *
   * @param written as it stands in a key, without the separator
   */
  public static String part(String written) {
    StringBuilder part = new StringBuilder();
    for (int i = 0; i < written.length(); i++) {
      char character = written.charAt(i);
      if (character == ESCAPE) {
        part.append(written.charAt(++i) == '0' ? SEPARATOR : ESCAPE);
      } else {
        part.append(character);
      }
    }
    return part.toString();
  }

  /**
   * @return the parts, each followed by the separator, so that a shorter list is a prefix of the
   *     keys that begin with the same parts
   */
  public static String of(String... parts) {
    StringBuilder key = new StringBuilder();
    for (String part : parts) {
      for (int i = 0; i < part.length(); i++) {
        char character = part.charAt(i);
        if (character == SEPARATOR || character == ESCAPE) {
          key.append(ESCAPE).append(character == SEPARATOR ? '0' : '1');
        } else {
          key.append(character);
        }
      }
      key.append(SEPARATOR);
    }
    return key.toString();
  }
}
