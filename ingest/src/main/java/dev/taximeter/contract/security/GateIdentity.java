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

  /** The one that signs, and the one before or after it while gates and metering change over. */
  public static final int MOST_SECRETS = 2;

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
   * @param secrets one or two, at least 32 characters each; the first one signs, both are believed
   * @throws IllegalArgumentException if there are none or more, or one is shorter; never shows them
   */
  public static GateIdentity of(List<String> secrets) {
    if (secrets.isEmpty() || secrets.size() > MOST_SECRETS) {
      throw new IllegalArgumentException("there must be one or two secrets, not " + secrets.size());
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
   * @param header as it was logged
   * @param begun when the request began, as the gateway says
   * @return the key's fingerprint; null unless a gate signed it within {@link #MOST_APART} of that
   */
  public @Nullable String fingerprint(String header, Instant begun) {
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
    Instant at = Instant.ofEpochSecond(Long.parseLong(parts.group(2)));
    boolean inTime = Duration.between(at, begun).abs().compareTo(MOST_APART) <= 0;
    return signed && inTime ? parts.group(3) : null;
  }

  private static byte[] proof(SecretKeySpec key, String claim) {
    return RootSecret.mac(key).doFinal(claim.getBytes(StandardCharsets.US_ASCII));
  }
}
