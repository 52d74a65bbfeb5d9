package dev.taximeter.ship;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Identities of runs. */
final class Shipments {
  private static final int BYTES = 8;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Shipments() {}

  /**
   * @return 16 random hex digits
   */
  static String newId() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
