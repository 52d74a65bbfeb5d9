package dev.taximeter.api.tokens;

import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.oidc.OidcTokens;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.signin.Tokens;
import dev.taximeter.api.status.ViewPositions;
import dev.taximeter.api.web.SecretFormat;
import dev.taximeter.contract.catalog.AccessToken;
import dev.taximeter.contract.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The catalogue's tokens. Only hashes are compared, whole ones. Thread-safe. */
public final class AccessTokens implements Tokens {
  /** Scanners for leaked secrets know tokens by it. */
  static final SecretFormat FORMAT = new SecretFormat("txm_");

  /** Uses are told this far apart, so that reading balances costs no writes. */
  static final Duration USE_INTERVAL = Duration.ofHours(1);

  /** As many tokens as can be in force, and some that ended since. */
  private static final int MOST_NOTED = 4_000;

  private final CatalogView catalog;
  private final ViewPositions views;
  private final TokenUses uses;
  private final Clock clock;

  /** When this process told of a token's use last. Guarded by itself. */
  private final Map<String, Instant> noted =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > MOST_NOTED;
        }
      };

  public AccessTokens(CatalogView catalog, ViewPositions views, TokenUses uses, Clock clock) {
    this.catalog = catalog;
    this.views = views;
    this.uses = uses;
    this.clock = clock;
  }

  static String hash(String secret) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public @Nullable Caller holderOf(String secret) {
    if (!FORMAT.matches(secret)) {
      return null;
    }
    AccessToken token = catalog.snapshot().tokenByHash(hash(secret));
    return token != null && token.isInForce(clock.instant())
        ? new Caller(
            token.id(),
            token.name(),
            token.role(),
            token.account(),
            token.expiresAt(),
            Caller.Means.TOKEN)
        : null;
  }

  @Override
  public boolean isInForce(Caller caller) {
    if (caller.id().equals(Caller.ADMINISTRATOR)) {
      return true;
    }
    if (caller.id().startsWith(OidcTokens.PREFIX)) {
      // The provider cannot be asked whether it still stands by a token; it ends soon.
      Instant end = caller.expiresAt();
      return end != null && clock.instant().isBefore(end);
    }
    AccessToken token = catalog.snapshot().tokens().get(caller.id());
    return token != null && token.isInForce(clock.instant());
  }

  @Override
  public boolean isMistyped(String secret) {
    return FORMAT.isPrefixOf(secret) && !FORMAT.matches(secret);
  }

  @Override
  public boolean complete() {
    return !views.waiting().containsKey(Topics.CATALOG.topicName());
  }

  @Override
  public void used(Caller caller) {
    Instant now = clock.instant();
    synchronized (noted) {
      Instant told = noted.get(caller.id());
      if (told != null && now.isBefore(told.plus(USE_INTERVAL))) {
        return;
      }
      noted.put(caller.id(), now);
    }
    Instant known = uses.lastUse(caller.id());
    if (known == null || !now.isBefore(known.plus(USE_INTERVAL))) {
      uses.note(caller.id(), now);
    }
  }
}
