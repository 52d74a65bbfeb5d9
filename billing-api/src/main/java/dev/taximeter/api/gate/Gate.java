package dev.taximeter.api.gate;

import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.status.ViewPositions;
import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.topic.Topics;
import java.time.Instant;
import java.util.Map;
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

  /**
   * @param fingerprint of the key
   * @param model that is asked for; null if nobody says
   */
  Verdict check(String fingerprint, @Nullable String model, Instant now) {
    CatalogSnapshot snapshot = catalog.snapshot();
    ApiKey key = snapshot.key(fingerprint);
    Account account = key == null ? null : snapshot.account(key.account());
    return key == null || account == null
        ? Verdict.refused(Verdict.Reason.UNKNOWN_KEY)
        : GateRules.decide(key, account, states.find(account.id()), model, now);
  }
}
