package dev.taximeter.contract.security;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import javax.crypto.Mac;

/** Turns raw API keys into fingerprints, the only form in which they are kept. Not thread-safe. */
public final class Fingerprinter {
  /** Keys shorter than this show no characters at all. */
  private static final int SHORTEST_KEY_TO_SHOW = 12;

  private final Mac mac;

  public Fingerprinter(RootSecret secret) {
    this.mac = RootSecret.mac(secret.derive("key-fingerprint", "HmacSHA256"));
  }

  /**
   * @return HMAC-SHA-256 of the key, 64 hex digits
   */
  public String fingerprint(String rawKey) {
    return HexFormat.of().formatHex(mac.doFinal(rawKey.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * @return the key's last four characters; empty for keys too short to show any
   */
  public static String lastFour(String rawKey) {
    return rawKey.length() < SHORTEST_KEY_TO_SHOW ? "" : rawKey.substring(rawKey.length() - 4);
  }
}
