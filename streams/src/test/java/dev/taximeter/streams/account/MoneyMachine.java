package dev.taximeter.streams.account;

import static dev.taximeter.streams.account.RandomHistory.NOW;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.event.AccountAssembly;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.AccountState;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.FinalBill;
import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.SuspenseItem;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.packed.PackedEvents;
import dev.taximeter.streams.topology.parts.CommitHook;
import dev.taximeter.streams.topology.parts.InMemory;
import java.io.File;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.Predicate;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedForward;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** An account's writer, crashes of it, and all that it has sent; its stores are in memory. */
final class MoneyMachine {
  private Instant now = NOW;
  private MockProcessorContext<byte[], byte[]> context = context();
  private final List<StateStore> stores = stores(context);
  private final AccountAssembly assembly = new AccountAssembly();
  private int collected;

  final List<UsageEvent> events = new ArrayList<>();
  final List<LedgerPosting> postings = new ArrayList<>();

  /** Each as it was sent, so several times those that were changed. */
  final List<FinalBill> bills = new ArrayList<>();

  final List<CommandResult> results = new ArrayList<>();

  /** The summary of the account that was published last, as it lands. */
  JsonNode summary = Json.MAPPER.nullNode();

  private @Nullable AccountState state;
  private AccountProcessor processor = processor();

  private AccountProcessor processor() {
    AccountProcessor processor =
        new AccountProcessor(Duration.ofHours(2), new BillingSettings(Duration.ofDays(3_000), 0));
    processor.init(context);
    return processor;
  }

  /** Sets the clock. */
  void at(Instant instant) {
    now = instant;
    context.setCurrentSystemTimeMs(now.toEpochMilli());
  }

  /** What was committed is all that a successor has. */
  void crash() {
    commit();
    collect();
    context = context();
    stores.forEach(context::addStateStore);
    collected = 0;
    processor = processor();
  }

  void process(AccountInput input) {
    process(input, now);
  }

  /**
   * @param stamp of the record
   */
  void process(AccountInput input, Instant stamp) {
    processor.process(new Record<>(RandomHistory.ACCOUNT, input, stamp.toEpochMilli()));
  }

  void commit() {
    context.<CommitHook>getStateStore(AccountProcessor.COMMIT).flushCache();
  }

  void sweep() {
    punctuate(AccountProcessor.SWEEP_INTERVAL::equals);
  }

  /** The more was published before, the longer is waited. */
  void emit() {
    punctuate(interval -> interval.compareTo(AccountProcessor.SWEEP_INTERVAL) < 0);
  }

  private void punctuate(Predicate<Duration> which) {
    context.scheduledPunctuators().stream()
        .filter(scheduled -> !scheduled.cancelled())
        .filter(scheduled -> which.test(scheduled.getInterval()))
        .toList()
        .forEach(scheduled -> scheduled.getPunctuator().punctuate(now.toEpochMilli()));
  }

  AccountState state() {
    collect();
    if (state == null) {
      throw new IllegalStateException("nothing was published");
    }
    return state;
  }

  /** Reads what was sent since the last time. */
  void collect() {
    List<CapturedForward<? extends byte[], ? extends byte[]>> sent = context.forwarded();
    for (; collected < sent.size(); collected++) {
      byte[] value = sent.get(collected).record().value();
      switch (sent.get(collected).childName().orElse("")) {
        case "usage-events" -> events.addAll(PackedEvents.decode(value));
        case "ledger-entries" -> postings.add(Json.MAPPER.readValue(value, LedgerPosting.class));
        case "bills" -> bills.add(Json.MAPPER.readValue(value, FinalBill.class));
        case "order-results" -> results.add(Json.MAPPER.readValue(value, CommandResult.class));
        case "account-states" -> accept(value);
        default -> {}
      }
    }
  }

  private void accept(byte[] value) {
    AccountRecord record = Json.MAPPER.readValue(value, AccountRecord.class);
    if (record instanceof AccountRecord.Summary) {
      summary = Json.MAPPER.readTree(value);
    }
    AccountState whole = assembly.accept(record);
    state = whole == null ? state : whole;
  }

  private MockProcessorContext<byte[], byte[]> context() {
    MockProcessorContext<byte[], byte[]> context =
        new MockProcessorContext<>(new Properties(), new TaskId(0, 0), new File("unused"));
    context.setCurrentSystemTimeMs(now.toEpochMilli());
    context.setRecordMetadata("account.inputs.v1", 0, 0);
    return context;
  }

  private static List<StateStore> stores(MockProcessorContext<byte[], byte[]> context) {
    List<StateStore> stores = new ArrayList<>();
    for (String name :
        List.of(
            AccountProcessor.HEADS,
            AccountProcessor.BILL_LINES,
            AccountProcessor.COUNTS,
            AccountProcessor.PENDING,
            MoneyDesk.SPENDING,
            QuotaDesk.QUOTAS,
            GateDesk.GATES,
            RecentDays.DAYS)) {
      stores.add(InMemory.store(context, name, Serdes.String(), Serdes.ByteArray()));
    }
    stores.add(json(context, AccountProcessor.TERMS, AccountTerms.class));
    stores.add(json(context, AccountProcessor.HELD, Usage.class));
    stores.add(json(context, MoneyDesk.COMMANDS, MoneyDesk.Decided.class));
    stores.add(json(context, MoneyDesk.BILLS, MoneyDecision.StoredBill.class));
    stores.add(json(context, MoneyDesk.BILLED_LINES, AccountBooks.BilledLines.class));
    stores.add(json(context, FoldedCredits.STORE, FoldedCredits.Folded.class));
    stores.add(json(context, Clearing.KEYS, Holdings.Holding.class));
    stores.add(json(context, Clearing.UNCLAIMED, Usage.class));
    stores.add(json(context, Clearing.SUSPENSE, SuspenseItem.class));
    stores.add(InMemory.build(context, CommitHook.builder(AccountProcessor.COMMIT)));
    return stores;
  }

  private static <T> StateStore json(
      MockProcessorContext<byte[], byte[]> context, String name, Class<T> type) {
    return InMemory.store(context, name, Serdes.String(), Json.serde(type));
  }
}
