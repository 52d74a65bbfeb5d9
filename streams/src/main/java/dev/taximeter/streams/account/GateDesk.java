package dev.taximeter.streams.account;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.event.GateState;
import dev.taximeter.contract.json.Json;
import dev.taximeter.streams.account.policy.AccountHead;
import dev.taximeter.streams.account.policy.Wallet;
import dev.taximeter.streams.topology.parts.Outlets;
import dev.taximeter.streams.topology.parts.StoreBuilders;
import java.time.Instant;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Tells the gate what stops an account's keys, whenever that has changed. What was told last is in
 * a store, so that accounts that nothing stops cost nothing, and one that was freed is heard of.
 */
final class GateDesk {
  static final String GATES = "account-gates";

  private final ProcessorContext<byte[], byte[]> context;
  private final KeyValueStore<String, GateState> told;
  private final QuotaDesk quotas;

  GateDesk(ProcessorContext<byte[], byte[]> context, QuotaDesk quotas) {
    this.context = context;
    this.told = context.getStateStore(GATES);
    this.quotas = quotas;
  }

  static StoreBuilder<?> store() {
    return StoreBuilders.writeThrough(GATES, Serdes.String(), Json.serde(GateState.class));
  }

  /**
   * Publishes what has changed.
   *
   * @param terms null if nobody has registered the account: nothing stops it
   * @return how many records that took
   */
  int emit(@Nullable AccountTerms terms, AccountHead head, Wallet wallet, long now) {
    if (terms == null) {
      return 0;
    }
    GateState state = state(terms, head, wallet, Instant.ofEpochMilli(now));
    GateState before = told.get(state.account());
    boolean same = before == null ? state.stopsNothing() : state.decidesAs(before);
    if (same) {
      return 0;
    }
    Outlets.GATE_STATES.encode(state.account(), state).forward(context, now);
    told.put(state.account(), state);
    return 1;
  }

  private GateState state(AccountTerms terms, AccountHead head, Wallet wallet, Instant now) {
    Account account = terms.account();
    return new GateState(
        account.id(),
        head.sequence(),
        account.details().status(),
        account.details().closing(),
        account.billing() == Account.Billing.PREPAID ? wallet.balance(head.spent(), now) : null,
        account.currency(),
        quotas.limits(terms, now),
        now);
  }
}
