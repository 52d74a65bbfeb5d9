package dev.taximeter.streams.account;

import dev.taximeter.contract.catalog.Account;
import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.Quota;
import dev.taximeter.contract.event.GateState;
import dev.taximeter.contract.json.Json;
import dev.taximeter.streams.account.policy.AccountHead;
import dev.taximeter.streams.account.policy.Wallet;
import dev.taximeter.streams.topology.parts.Outgoing;
import dev.taximeter.streams.topology.parts.Outlets;
import dev.taximeter.streams.topology.parts.StoreBuilders;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectReader;

/**
 * Tells the gate what stops an account's keys, whenever that has changed. What was told last is in
 * a store, so that accounts that nothing stops cost nothing, and one that was freed is heard of.
 */
final class GateDesk {
  static final String GATES = "account-gates";

  /** Accounts that are looked at in a sweep: some 100 microseconds each. */
  private static final int SWEPT_AT_ONCE = 1_000;

  /** Decoded states kept by a task; about 500 bytes each. */
  private static final int MOST_DECODED = 10_000;

  private static final ObjectReader READER = Json.MAPPER.readerFor(GateState.class);

  private final ProcessorContext<byte[], byte[]> context;

  /** The records that were told last, by account. */
  private final KeyValueStore<String, byte[]> told;

  private final Map<String, GateState> decoded = new RecentlyUsed<>(MOST_DECODED);
  private final QuotaDesk quotas;

  /** The last account that was looked at for changes by themselves; null before the first. */
  private @Nullable String changing;

  /** The same for whether anything was told of it. */
  private @Nullable String unheard;

  /** Whether all accounts that there were at the start have been looked at. */
  private boolean knowsAll;

  GateDesk(ProcessorContext<byte[], byte[]> context, QuotaDesk quotas) {
    this.context = context;
    this.told = context.getStateStore(GATES);
    this.quotas = quotas;
  }

  static StoreBuilder<?> store() {
    return StoreBuilders.writeThrough(GATES, Serdes.String(), Serdes.ByteArray());
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
    GateState before = told(state.account());
    boolean same = before == null ? state.stopsNothing() : state.decidesAs(before);
    if (same) {
      return 0;
    }
    Outgoing outgoing = Outlets.GATE_STATES.encode(state.account(), state);
    outgoing.forward(context, now);
    told.put(state.account(), outgoing.value());
    decoded.put(state.account(), state);
    return 1;
  }

  private @Nullable GateState told(String account) {
    byte[] stored = told.get(account);
    return stored == null ? null : decode(account, stored);
  }

  private GateState decode(String account, byte[] stored) {
    return decoded.computeIfAbsent(account, name -> READER.readValue(stored));
  }

  private GateState state(AccountTerms terms, AccountHead head, Wallet wallet, Instant now) {
    boolean prepaid = isPrepaid(terms);
    return new GateState(
        terms.account().id(),
        head.sequence(),
        prepaid ? wallet.balance(head.spent(), now) : null,
        prepaid ? next(head, wallet, now) : null,
        quotas.limits(terms, now),
        now);
  }

  private static GateState.@Nullable Next next(AccountHead head, Wallet wallet, Instant now) {
    Instant cut = wallet.cutAfter(now);
    return cut.equals(Instant.MAX)
        ? null
        : new GateState.Next(cut, wallet.balance(head.spent(), cut));
  }

  private static boolean isPrepaid(AccountTerms terms) {
    return terms.account().billing() == Account.Billing.PREPAID;
  }

  private static boolean canStop(AccountTerms terms) {
    return isPrepaid(terms) || terms.quotas().stream().anyMatch(Quota::stopsRequests);
  }

  /**
   * Finds accounts of which something is to be told although nothing happens in them: a balance has
   * changed by itself, so the change after that one is next; or the account was there before there
   * was a gate, and nothing was ever told of it.
   *
   * @param terms of all accounts
   * @param found told each of them
   */
  void sweep(KeyValueStore<String, AccountTerms> terms, Instant now, Consumer<String> found) {
    if (!knowsAll) {
      unheard =
          look(
              terms,
              unheard,
              (account, known) -> told.get(account) == null && canStop(known),
              found);
      knowsAll = unheard == null;
    }
    changing =
        look(told, changing, (account, stored) -> hasChanged(decode(account, stored), now), found);
  }

  private static boolean hasChanged(GateState state, Instant now) {
    GateState.Next next = state.next();
    return next != null && !now.isBefore(next.at());
  }

  /** {@return the last key that was looked at; null if there are no more} */
  private static <V> @Nullable String look(
      KeyValueStore<String, V> store,
      @Nullable String from,
      BiPredicate<String, V> wanted,
      Consumer<String> found) {
    int looked = 0;
    String last = null;
    List<String> keys = new ArrayList<>();
    try (KeyValueIterator<String, V> entries =
        from == null ? store.all() : store.range(from, null)) {
      while (entries.hasNext() && looked < SWEPT_AT_ONCE) {
        var entry = entries.next();
        looked++;
        last = entry.key;
        if (wanted.test(entry.key, entry.value)) {
          keys.add(entry.key);
        }
      }
    }
    keys.forEach(found);
    return looked < SWEPT_AT_ONCE ? null : last;
  }
}
