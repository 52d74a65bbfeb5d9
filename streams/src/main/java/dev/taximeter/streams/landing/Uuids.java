package dev.taximeter.streams.landing;

import java.util.regex.Pattern;

/** Identities of lines as ClickHouse writes them. */
final class Uuids {
  private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

  private Uuids() {}

  /**
   * @param hex 32 hex digits
   * @throws IllegalArgumentException if it is anything else
   */
  static String of(String hex) {
    if (!ID.matcher(hex).matches()) {
      throw new IllegalArgumentException("an id is not 32 hex digits");
    }
    return String.join(
        "-",
        hex.substring(0, 8),
        hex.substring(8, 12),
        hex.substring(12, 16),
        hex.substring(16, 20),
        hex.substring(20));
  }

  static String hex(String uuid) {
    return uuid.replace("-", "");
  }
}
