package dev.taximeter.contract.security;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The installation's secret. Fingerprints, line identities and sealed dead letters use keys derived
 * from it, each for one purpose. Whoever loses it can no longer recognise keys or earlier lines.
 */
public final class RootSecret {
  private static final String HMAC = "HmacSHA256";
  private static final int BYTES = 32;

  private final byte[] secret;

  private RootSecret(byte[] secret) {
    this.secret = secret;
  }

  /**
   * @param bytes 32 random bytes
   * @throws IllegalArgumentException if there are not 32
   */
  public static RootSecret of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("the root secret must have 32 bytes, not " + bytes.length);
    }
    return new RootSecret(bytes.clone());
  }

  /**
   * @param file holds 64 hex digits
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if its content is no root secret; never shows the content
   */
  public static RootSecret read(Path file) throws IOException {
    String text = Files.readString(file, StandardCharsets.US_ASCII).strip();
    try {
      return of(HexFormat.of().parseHex(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the root secret in " + file + " must be 64 hex digits; restore it from your backup");
    }
  }

  /** A key for one purpose. */
  SecretKeySpec derive(String purpose, String algorithm) {
    Mac mac = mac(new SecretKeySpec(secret, HMAC));
    return new SecretKeySpec(
        mac.doFinal(("taximeter/" + purpose).getBytes(StandardCharsets.UTF_8)), algorithm);
  }

  static Mac mac(SecretKeySpec key) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(key);
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + HMAC, e);
    }
  }
}
