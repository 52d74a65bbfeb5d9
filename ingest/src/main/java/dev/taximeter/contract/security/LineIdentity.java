package dev.taximeter.contract.security;

import java.util.Arrays;
import javax.crypto.Mac;

/**
 * The identity of a line: a keyed hash of its bytes. Clients write parts of a line and must not be
 * able to construct two lines with one identity. Not thread-safe.
 */
public final class LineIdentity {
  /** Length of an identity in bytes. */
  public static final int BYTES = 16;

  private final Mac mac;

  public LineIdentity(RootSecret secret) {
    this.mac = RootSecret.mac(secret.derive("line-identity", "HmacSHA256"));
  }

  /**
   * @return the first 16 bytes of HMAC-SHA-256 over the line
   */
  public byte[] of(byte[] line) {
    return Arrays.copyOf(mac.doFinal(line), BYTES);
  }
}
