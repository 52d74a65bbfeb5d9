package dev.taximeter.streams.account;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.json.Json;
import dev.taximeter.streams.topology.parts.CommitHook;
import dev.taximeter.streams.topology.parts.StoreBuilders;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * Makes the processor that is the single writer of its accounts, with its stores.
 *
 * @param windowRetention how long a window stays open after the last usage in it
 * @param billing when bills become final by themselves
 * @param mostKeys unknown keys that a task keeps apart
 * @param mostOpenLines lines in suspense, undecided, that a task keeps apart
 */
public record Accounts(
    Duration windowRetention, BillingSettings billing, int mostKeys, int mostOpenLines)
    implements ProcessorSupplier<String, AccountInput, byte[], byte[]> {
  /** With room for as much as a task may keep apart. */
  public Accounts(Duration windowRetention, BillingSettings billing) {
    this(
        windowRetention,
        billing,
        Clearing.Bounds.STANDARD.keys(),
        Clearing.Bounds.STANDARD.openLines());
  }

  @Override
  public Processor<String, AccountInput, byte[], byte[]> get() {
    return new AccountProcessor(
        windowRetention, billing, new Clearing.Bounds(mostKeys, mostOpenLines));
  }

  @Override
  public Set<StoreBuilder<?>> stores() {
    Set<StoreBuilder<?>> stores = new HashSet<>(Clearing.stores());
    stores.addAll(MoneyDesk.stores());
    stores.add(QuotaDesk.store());
    stores.add(GateDesk.store());
    stores.add(RecentDays.store());
    stores.addAll(ownStores());
    return stores;
  }

  private static Set<StoreBuilder<?>> ownStores() {
    return Set.of(
        StoreBuilders.writeThrough(
            AccountProcessor.TERMS, Serdes.String(), Json.serde(AccountTerms.class)),
        StoreBuilders.writeThrough(AccountProcessor.HELD, Serdes.String(), Json.serde(Usage.class)),
        StoreBuilders.writeThrough(AccountProcessor.HEADS, Serdes.String(), Serdes.ByteArray()),
        StoreBuilders.writeThrough(
            AccountProcessor.BILL_LINES, Serdes.String(), Serdes.ByteArray()),
        CommitHook.builder(AccountProcessor.COMMIT),
        StoreBuilders.writeThrough(AccountProcessor.COUNTS, Serdes.String(), Serdes.ByteArray()),
        StoreBuilders.writeThrough(AccountProcessor.PENDING, Serdes.String(), Serdes.ByteArray()));
  }
}
