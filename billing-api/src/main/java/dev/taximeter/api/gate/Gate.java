package dev.taximeter.api.gate;

import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.status.ViewPositions;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.gateway.Glob;
import dev.taximeter.contract.topic.Topics;
import java.time.Instant;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What is known of keys, from memory. */
public final class Gate {
  private final CatalogView catalog;
  private final GateStates states;
  private final ViewPositions views;
  private volatile boolean ready;

  public Gate(CatalogView catalog, GateStates states, ViewPositions views) {
    this.catalog = catalog;
    this.states = states;
    this.views = views;
  }

  /** Whether all keys, quotas and balances are known here. Once they are, they stay so. */
  boolean ready() {
    if (!ready) {
      Map<String, String> waiting = views.waiting();
      ready =
          !waiting.containsKey(Topics.CATALOG.topicName())
              && !waiting.containsKey(Topics.GATE_STATES.topicName());
    }
    return ready;
  }

  boolean knows(String fingerprint) {
    return catalog.snapshot().key(fingerprint) != null;
  }

  /**
   * What a gateway is told.
   *
   * @param fingerprint of the key
   * @param model that is asked for; null if nobody says which one, so that it may be any
   */
  Verdict check(String fingerprint, @Nullable String model, Instant now) {
    return decide(fingerprint, pattern -> model == null || new Glob(pattern).matches(model), now);
  }

  /** The same whatever model is asked for: quotas of models are left out. */
  Verdict checkWithoutModels(String fingerprint, Instant now) {
    return decide(fingerprint, pattern -> false, now);
  }

  private Verdict decide(String fingerprint, Predicate<String> models, Instant now) {
    CatalogSnapshot snapshot = catalog.snapshot();
    ApiKey key = snapshot.key(fingerprint);
    Account account = key == null ? null : snapshot.account(key.account());
    return key == null || account == null
        ? Verdict.refused(Verdict.Reason.UNKNOWN_KEY)
        : GateRules.decide(
            key, team(snapshot, key), account, states.find(account.id()), models, now);
  }

  /** Usage counts under a key's name, and so for the team of the key that has the name now. */
  private static @Nullable String team(CatalogSnapshot snapshot, ApiKey key) {
    if (key.replacedBy() == null) {
      return key.team();
    }
    return snapshot.keys(key.account()).stream()
        .filter(other -> other.replacedBy() == null && other.name().equals(key.name()))
        .findFirst()
        .orElse(key)
        .team();
  }
}
