package dev.taximeter.contract.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Says, in a header that nobody else can make, which key a request came with: {@code
 * tmg1.SECONDS.FINGERPRINT.PROOF}. The gate sets it, the gateway logs it instead of the raw key,
 * and metering believes it. Thread-safe.
 */
public final class GateIdentity {
  /** A gateway's clock, and the time a request waits before it is sent on. */
  public static final Duration MOST_APART = Duration.ofMinutes(10);

  /**
   * The one that signs, and those that did. Lines are read again for as long as they are kept, so a
   * secret stays among them as long: a new one each month, for more than a year.
   */
  public static final int MOST_SECRETS = 16;

  /** A shorter secret could be guessed. */
  public static final int SHORTEST_SECRET = 32;

  private static final String FORM = "tmg1";
  private static final Pattern HEADER =
      Pattern.compile("(tmg1\\.([0-9]{1,11})\\.([0-9a-f]{64}))\\.([A-Za-z0-9_-]{43})");
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final List<SecretKeySpec> keys;

  private GateIdentity(List<SecretKeySpec> keys) {
    this.keys = List.copyOf(keys);
  }

  /** Signed with a key of the installation's own secret. */
  public static GateIdentity of(RootSecret secret) {
    return new GateIdentity(List.of(secret.derive("gate-identity", "HmacSHA256")));
  }

  /**
   * @param secrets 1 to {@value #MOST_SECRETS}, at least 32 characters each; the first one signs,
   *     all are believed
   * @throws IllegalArgumentException if there are none or more, or one is shorter; never shows them
   */
  public static GateIdentity of(List<String> secrets) {
    if (secrets.isEmpty() || secrets.size() > MOST_SECRETS) {
      throw new IllegalArgumentException(
          "there must be 1 to %d secrets, not %d".formatted(MOST_SECRETS, secrets.size()));
    }
    List<SecretKeySpec> keys = new ArrayList<>();
    for (String secret : secrets) {
      if (secret.length() < SHORTEST_SECRET) {
        throw new IllegalArgumentException(
            "each secret must have at least " + SHORTEST_SECRET + " characters");
      }
      keys.add(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    }
    return new GateIdentity(keys);
  }

  /** Whether a payer's name looks like what a gate signs. No key does. */
  public static boolean isMeant(String payer) {
    return payer.startsWith(FORM + ".");
  }

  /**
   * @param fingerprint of the key, 64 hex digits
   * @param at when the request passed
   * @return the header's value
   */
  public String sign(String fingerprint, Instant at) {
    String claim = FORM + "." + at.getEpochSecond() + "." + fingerprint;
    return claim + "." + BASE64.encodeToString(proof(keys.get(0), claim));
  }

  /**
   * What a header says.
   *
   * @param fingerprint of the key that it names, 64 hex digits
   * @param at when the request passed, as it says
   * @param signed whether a gate said so
   */
  public record Claim(String fingerprint, Instant at, boolean signed) {
    /**
     * Whether a gate said so of a request of that time: it asks while the request goes on, which
     * can be long after its beginning, since a client may take its time to send it.
     *
     * @param begun when the request began, by the gateway's clock; null if that is not certain
     * @param over when it was over at the latest
     */
    public boolean isOf(@Nullable Instant begun, Instant over) {
      return signed
          && !at.isAfter(over.plus(MOST_APART))
          && (begun == null || !at.isBefore(begun.minus(MOST_APART)));
    }
  }

  /**
   * @param header as it was logged
   * @return null if it has another form
   */
  public @Nullable Claim read(String header) {
    Matcher parts = HEADER.matcher(header);
    if (!parts.matches()) {
      return null;
    }
    String claim = parts.group(1);
    byte[] proof = parts.group(4).getBytes(StandardCharsets.US_ASCII);
    boolean signed = false;
    for (SecretKeySpec key : keys) {
      byte[] expected = BASE64.encode(proof(key, claim));
      signed |= MessageDigest.isEqual(expected, proof);
    }
    return new Claim(parts.group(3), Instant.ofEpochSecond(Long.parseLong(parts.group(2))), signed);
  }

  private static byte[] proof(SecretKeySpec key, String claim) {
    return RootSecret.mac(key).doFinal(claim.getBytes(StandardCharsets.US_ASCII));
  }
}
