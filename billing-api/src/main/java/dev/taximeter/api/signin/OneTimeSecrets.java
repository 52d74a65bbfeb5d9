package dev.taximeter.api.signin;

import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Random secrets that are handed out once and kept only as hashes, for a limited time. If there are
 * too many of one caller, its oldest ends early. Thread-safe.
 */
final class OneTimeSecrets {
  private static final int RANDOM_BYTES = 32;
  private static final Duration RETRY_AFTER = Duration.ofMinutes(1);

  private final Clock clock;
  private final Duration lifetime;
  private final int most;
  private final int mostOfOne;
  private final SecureRandom random = new SecureRandom();

  /** By hash, oldest first. */
  private final Map<ByteBuffer, Open> open = new LinkedHashMap<>();

  /** Whom a secret stands for, and until when. */
  private record Open(Caller caller, Instant expiresAt) {}

  /**
   * @param lifetime how long a secret is worth something
   * @param most how many may be open at once
   * @param mostOfOne how many of these may be one caller's; beyond, its oldest ends early
   */
  OneTimeSecrets(Clock clock, Duration lifetime, int most, int mostOfOne) {
    this.clock = clock;
    this.lifetime = lifetime;
    this.most = most;
    this.mostOfOne = mostOfOne;
  }

  /** A fresh secret and when it ends. */
  record Issued(String secret, Instant expiresAt) {}

  /**
   * @param caller whom it will stand for; the secret ends with the caller's own proof at the latest
   */
  synchronized Issued issue(Caller caller) {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    Instant expiresAt = end(caller);
    dropEnded();
    dropOldestOf(caller);
    if (open.size() >= most) {
      throw ProblemException.passing(
          ProblemType.TOO_BUSY,
          "Too many browsers are signed in or about to be; try again when some have ended.",
          RETRY_AFTER,
          null);
    }
    open.put(keyOf(secret), new Open(caller, expiresAt));
    return new Issued(secret, expiresAt);
  }

  /** Nobody ends what others have opened. */
  private void dropOldestOf(Caller caller) {
    List<ByteBuffer> own = new ArrayList<>();
    open.forEach(
        (key, one) -> {
          if (one.caller().id().equals(caller.id())) {
            own.add(key);
          }
        });
    for (int i = 0; i <= own.size() - mostOfOne; i++) {
      open.remove(own.get(i));
    }
  }

  private Instant end(Caller caller) {
    Instant usual = clock.instant().plus(lifetime);
    Instant own = caller.expiresAt();
    return own != null && own.isBefore(usual) ? own : usual;
  }

  /** {@return whom an open secret stands for; null if it is not open} */
  synchronized @Nullable Caller find(String secret) {
    return stillOpen(open.get(keyOf(secret)));
  }

  /** Ends the secret; returns whom it stood for, null if it was not open. */
  synchronized @Nullable Caller redeem(String secret) {
    return stillOpen(open.remove(keyOf(secret)));
  }

  private @Nullable Caller stillOpen(@Nullable Open found) {
    return found != null && found.expiresAt().isAfter(clock.instant()) ? found.caller() : null;
  }

  private void dropEnded() {
    Instant now = clock.instant();
    open.values().removeIf(one -> !one.expiresAt().isAfter(now));
  }

  private static ByteBuffer keyOf(String secret) {
    return ByteBuffer.wrap(Hashes.sha256(secret));
  }
}
