package dev.taximeter.api.ownkey;

import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.signin.KeyHolders;
import dev.taximeter.api.status.ViewPositions;
import dev.taximeter.contract.catalog.AccessToken.Role;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.contract.topic.Topics;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Holders of the catalogue's keys, found by fingerprint. Raw keys are forgotten at once. */
public final class CatalogKeyHolders implements KeyHolders {
  private final CatalogView catalog;
  private final ViewPositions views;
  private final RootSecret secret;
  private final Clock clock;

  public CatalogKeyHolders(
      CatalogView catalog, ViewPositions views, RootSecret secret, Clock clock) {
    this.catalog = catalog;
    this.views = views;
    this.secret = secret;
    this.clock = clock;
  }

  @Override
  public @Nullable Caller holderOf(String rawKey) {
    String fingerprint = new Fingerprinter(secret).fingerprint(rawKey);
    ApiKey key = catalog.snapshot().key(fingerprint);
    return key != null && isInUse(key)
        ? new Caller(
            fingerprint,
            key.name(),
            Role.VIEWER,
            key.account(),
            key.expiresAt(),
            Caller.Means.API_KEY)
        : null;
  }

  private boolean isInUse(ApiKey key) {
    Instant end = key.expiresAt();
    return end == null || clock.instant().isBefore(end);
  }

  @Override
  public boolean complete() {
    return !views.waiting().containsKey(Topics.CATALOG.topicName());
  }
}
