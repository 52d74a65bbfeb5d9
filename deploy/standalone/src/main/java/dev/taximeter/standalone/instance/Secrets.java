package dev.taximeter.standalone.instance;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.function.Supplier;
import java.util.zip.CRC32;

/** Makes the secrets of an installation. Those that exist are never replaced. */
public final class Secrets {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int SECRET_BYTES = 32;
  private static final String BASE62 =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  /** 256 bits need 43 digits of base 62, 32 bits need 6. */
  private static final int SECRET_DIGITS = 43;

  private static final int CHECKSUM_DIGITS = 6;
  private static final String TOKEN_PREFIX = "tx_";

  private Secrets() {}

  /** Fills in what is missing. */
  public static void create(DataDirectory directory) throws IOException {
    PrivateFiles.directory(directory.secrets());
    ifMissing(directory.rootSecretFile(), () -> HexFormat.of().formatHex(random()));
    ifMissing(directory.kafkaPasswordFile(), Secrets::password);
    ifMissing(directory.clickHousePasswordFile(), Secrets::password);
    ifMissing(directory.clickHouseReaderPasswordFile(), Secrets::password);
    ifMissing(directory.adminTokenFile(), Secrets::token);
  }

  private static void ifMissing(Path file, Supplier<String> secret) throws IOException {
    if (!Files.exists(file)) {
      PrivateFiles.write(file, secret.get() + "\n");
    }
  }

  private static String password() {
    return base62(new BigInteger(1, random()), SECRET_DIGITS);
  }

  /**
   * A token that scanners for leaked secrets recognise and typing errors do not pass: {@code tx_},
   * 43 digits of base 62 from 256 random bits, 6 digits of base 62 from the CRC-32 of what precedes
   * them.
   */
  static String token() {
    String body = TOKEN_PREFIX + password();
    CRC32 checksum = new CRC32();
    checksum.update(body.getBytes(StandardCharsets.US_ASCII));
    return body + base62(BigInteger.valueOf(checksum.getValue()), CHECKSUM_DIGITS);
  }

  private static byte[] random() {
    byte[] bytes = new byte[SECRET_BYTES];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  private static String base62(BigInteger number, int digits) {
    BigInteger base = BigInteger.valueOf(BASE62.length());
    StringBuilder text = new StringBuilder();
    BigInteger rest = number;
    for (int digit = 0; digit < digits; digit++) {
      BigInteger[] parts = rest.divideAndRemainder(base);
      text.append(BASE62.charAt(parts[1].intValue()));
      rest = parts[0];
    }
    return text.reverse().toString();
  }
}
