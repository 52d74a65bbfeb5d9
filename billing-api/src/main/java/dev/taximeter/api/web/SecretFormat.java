package dev.taximeter.api.web;

import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.zip.CRC32;

/**
 * Makes secrets: a prefix that scanners for leaked secrets can recognise, 256 random bits, and a
 * checksum that tells a mistyped secret from a wrong one.
 */
public final class SecretFormat {
  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final int RANDOM_BITS = 256;

  /** Base-62 digits of 256 and of 32 bits. */
  private static final int RANDOM_DIGITS = 43;

  private static final int CHECKSUM_DIGITS = 6;

  /** How long a request that is sent again gets the same secret. */
  public static final Duration REPEATED_WITHIN = Duration.ofDays(1);

  private final String prefix;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param prefix what all secrets of a kind begin with, such as {@code txm_}
   */
  public SecretFormat(String prefix) {
    this.prefix = prefix;
  }

  /** {@return a fresh secret} */
  public String create() {
    return of(new BigInteger(RANDOM_BITS, random));
  }

  /**
   * The secret that a request makes within a span of time: a request whose answer was lost can be
   * sent again, to any process, and nobody has to keep a raw secret. Who does not have the root
   * secret learns nothing from the request.
   *
   * @param at the span is the one that this instant lies in
   */
  public String derive(RootSecret rootSecret, String request, Instant at) {
    long span = at.getEpochSecond() / REPEATED_WITHIN.toSeconds();
    String hash = new Fingerprinter(rootSecret).fingerprint("made key\n" + span + '\n' + request);
    return of(new BigInteger(hash, 16));
  }

  private String of(BigInteger number) {
    String digits = base62(number, RANDOM_DIGITS);
    return prefix + digits + checksum(digits);
  }

  /** {@return whether a text means to be such a secret} */
  public boolean isPrefixOf(String text) {
    return text.startsWith(prefix);
  }

  /** {@return whether a text could be such a secret: length and checksum are right} */
  public boolean matches(String text) {
    if (!isPrefixOf(text) || text.length() != prefix.length() + RANDOM_DIGITS + CHECKSUM_DIGITS) {
      return false;
    }
    int end = prefix.length() + RANDOM_DIGITS;
    return text.substring(end).equals(checksum(text.substring(prefix.length(), end)));
  }

  private static String checksum(String digits) {
    CRC32 crc = new CRC32();
    crc.update(digits.getBytes(StandardCharsets.US_ASCII));
    return base62(BigInteger.valueOf(crc.getValue()), CHECKSUM_DIGITS);
  }

  private static String base62(BigInteger value, int length) {
    char[] digits = new char[length];
    BigInteger rest = value;
    BigInteger base = BigInteger.valueOf(DIGITS.length());
    for (int i = length - 1; i >= 0; i--) {
      BigInteger[] parts = rest.divideAndRemainder(base);
      digits[i] = DIGITS.charAt(parts[1].intValue());
      rest = parts[0];
    }
    return new String(digits);
  }
}
