package dev.taximeter.api.accounts;

import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.zip.CRC32;

/**
 * Makes API keys: a prefix that scanners for leaked secrets can recognise, 256 random bits, and a
 * checksum that tells a mistyped key from a wrong one.
 */
final class KeySecrets {
  static final String PREFIX = "tmk_";
  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final int RANDOM_BITS = 256;

  /** Base-62 digits of 256 and of 32 bits. */
  private static final int RANDOM_DIGITS = 43;

  private static final int CHECKSUM_DIGITS = 6;

  /** How long a request that is sent again gets the same key. */
  static final Duration REPEATED_WITHIN = Duration.ofDays(1);

  private final SecureRandom random = new SecureRandom();

  String create() {
    return of(new BigInteger(RANDOM_BITS, random));
  }

  /**
   * The key that a request makes within a span of time: a request whose answer was lost can be sent
   * again, to any process, and nobody has to keep a raw key. Who does not have the root secret
   * learns nothing from the request.
   *
   * @param at the span is the one that this instant lies in
   */
  String derive(RootSecret rootSecret, String request, Instant at) {
    long span = at.getEpochSecond() / REPEATED_WITHIN.toSeconds();
    String hash = new Fingerprinter(rootSecret).fingerprint("made key\n" + span + '\n' + request);
    return of(new BigInteger(hash, 16));
  }

  private static String of(BigInteger number) {
    String digits = base62(number, RANDOM_DIGITS);
    return PREFIX + digits + checksum(digits);
  }

  static String checksum(String digits) {
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
