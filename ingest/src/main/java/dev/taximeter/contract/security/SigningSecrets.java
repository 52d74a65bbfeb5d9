package dev.taximeter.contract.security;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Secrets that sign what is sent out. They derive from the root secret and a name, so that none is
 * kept anywhere.
 */
public final class SigningSecrets {
  private final SecretKeySpec key;

  public SigningSecrets(RootSecret secret) {
    this.key = secret.derive("webhook-signing", "HmacSHA256");
  }

  /**
   * @param owner whose secret
   * @param name which of its secrets
   * @return 32 bytes, always the same
   */
  public byte[] of(String owner, String name) {
    return RootSecret.mac(key).doFinal((owner + '\n' + name).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * @param algorithm such as {@code HmacSHA256}
   * @param key not empty
   */
  public static byte[] mac(String algorithm, byte[] key, byte[] data) {
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(key, algorithm));
      return mac.doFinal(data);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + algorithm, e);
    }
  }
}
