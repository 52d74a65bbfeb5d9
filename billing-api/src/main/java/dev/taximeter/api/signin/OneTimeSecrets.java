package dev.taximeter.api.signin;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Random secrets that are handed out once and kept only as hashes, for a limited time. If there are
 * too many, the oldest ends early. Thread-safe.
 */
final class OneTimeSecrets {
  private static final int RANDOM_BYTES = 32;

  private final Clock clock;
  private final Duration lifetime;
  private final int most;
  private final SecureRandom random = new SecureRandom();

  /** Expiry by hash, oldest first. */
  private final Map<ByteBuffer, Instant> expiries = new LinkedHashMap<>();

  /**
   * @param lifetime how long a secret is worth something
   * @param most how many may be open at once
   */
  OneTimeSecrets(Clock clock, Duration lifetime, int most) {
    this.clock = clock;
    this.lifetime = lifetime;
    this.most = most;
  }

  /** A fresh secret and when it ends. */
  record Issued(String secret, Instant expiresAt) {}

  synchronized Issued issue() {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    Instant expiresAt = clock.instant().plus(lifetime);
    dropEnded();
    if (expiries.size() >= most) {
      Iterator<ByteBuffer> oldest = expiries.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    expiries.put(keyOf(secret), expiresAt);
    return new Issued(secret, expiresAt);
  }

  /** Whether the secret is open. */
  synchronized boolean knows(String secret) {
    Instant expiresAt = expiries.get(keyOf(secret));
    return expiresAt != null && expiresAt.isAfter(clock.instant());
  }

  /** Ends the secret; returns whether it was open. */
  synchronized boolean redeem(String secret) {
    Instant expiresAt = expiries.remove(keyOf(secret));
    return expiresAt != null && expiresAt.isAfter(clock.instant());
  }

  private void dropEnded() {
    Instant now = clock.instant();
    expiries.values().removeIf(expiresAt -> !expiresAt.isAfter(now));
  }

  private static ByteBuffer keyOf(String secret) {
    return ByteBuffer.wrap(Hashes.sha256(secret));
  }
}
