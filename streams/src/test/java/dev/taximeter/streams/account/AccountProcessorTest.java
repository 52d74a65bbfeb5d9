package dev.taximeter.streams.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.AccountAssembly;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageWindow;
import dev.taximeter.contract.event.UsageWindows;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.packed.PackedEvents;
import dev.taximeter.contract.packed.PackedWindows;
import dev.taximeter.streams.topology.parts.CommitHook;
import dev.taximeter.streams.topology.parts.InMemory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedForward;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedPunctuator;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process that dies between commit and emission leaves to its successor. */
class AccountProcessorTest {
  private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");
  private static final String ACCOUNT = "unattributed:none";

  @TempDir private Path stateDirectory;

  private MockProcessorContext<byte[], byte[]> context() {
    MockProcessorContext<byte[], byte[]> context =
        new MockProcessorContext<>(new Properties(), new TaskId(0, 3), stateDirectory.toFile());
    context.setCurrentSystemTimeMs(NOW.toEpochMilli());
    context.setRecordMetadata("account.inputs.v1", 3, 0);
    return context;
  }

  private static Record<String, AccountInput> usage(int number) {
    Usage usage =
        new Usage(
            Integer.toString(number),
            Fate.UNATTRIBUTED,
            "",
            null,
            null,
            "m",
            new TokenCounts(1, 0, 0, 0, 0),
            NOW,
            NOW,
            NOW,
            new LineSource("h", "p"),
            0,
            "s",
            List.of(),
            null);
    return new Record<>(ACCOUNT, new AccountInput.UsageInput(usage), NOW.toEpochMilli());
  }

  private static List<String> outlets(MockProcessorContext<byte[], byte[]> context) {
    return context.forwarded().stream().map(sent -> sent.childName().orElseThrow()).toList();
  }

  private static void punctuate(MockProcessorContext<byte[], byte[]> context) {
    context.scheduledPunctuators().stream()
        .filter(scheduled -> !scheduled.cancelled())
        .filter(scheduled -> scheduled.getInterval().compareTo(Duration.ofSeconds(1)) < 0)
        .map(CapturedPunctuator::getPunctuator)
        .forEach(punctuator -> punctuator.punctuate(NOW.toEpochMilli()));
  }

  private static AccountRecord state(CapturedForward<? extends byte[], ? extends byte[]> sent) {
    return Json.MAPPER.readValue(sent.record().value(), AccountRecord.class);
  }

  private static List<StateStore> stores(MockProcessorContext<byte[], byte[]> context) {
    return new Accounts(Duration.ofHours(2), new BillingSettings(Duration.ofDays(3)))
        .stores().stream().map(builder -> InMemory.build(context, builder)).toList();
  }

  private static void commit(MockProcessorContext<byte[], byte[]> context) {
    context.<CommitHook>getStateStore(AccountProcessor.COMMIT).flushCache();
  }

  private static AccountProcessor start(MockProcessorContext<byte[], byte[]> context) {
    AccountProcessor processor =
        new AccountProcessor(Duration.ofHours(2), new BillingSettings(Duration.ofDays(3)));
    processor.init(context);
    return processor;
  }

  @Test
  void whatWasPendingWhenTheProcessDiedIsEmittedByItsSuccessor() {
    MockProcessorContext<byte[], byte[]> first = context();
    List<StateStore> stores = stores(first);
    AccountProcessor dying = start(first);
    dying.process(usage(1));
    dying.process(usage(2));
    assertThat(outlets(first)).as("leaves with the commit").isEmpty();
    commit(first);
    assertThat(outlets(first)).containsExactly("usage-events", "usage-windows");
    assertThat(PackedEvents.decode(first.forwarded().get(0).record().value()))
        .extracting(UsageEvent::sequence)
        .containsExactly(1L, 2L);

    MockProcessorContext<byte[], byte[]> second = context();
    stores.forEach(second::addStateStore);
    AccountProcessor successor = start(second);
    punctuate(second);
    assertThat(outlets(second))
        .containsExactly("account-states", "account-states", "settled-counts", "unattributed-keys");
    AccountAssembly assembly = new AccountAssembly();
    assertThat(assembly.accept(state(second.forwarded().get(0)))).isNull();
    assertThat(assembly.accept(state(second.forwarded().get(1))).sequence()).isEqualTo(2);

    second.resetForwards();
    successor.process(usage(3));
    commit(second);
    punctuate(second);
    assertThat(outlets(second))
        .containsExactly(
            "usage-events",
            "usage-windows",
            "account-states",
            "account-states",
            "settled-counts",
            "unattributed-keys");
    UsageWindows windows = PackedWindows.decode(second.forwarded().get(1).record().value());
    assertThat(windows.parts())
        .hasSize(UsageWindow.Granularity.values().length)
        .allMatch(window -> window.segment() == 3 && window.requests() == 1);
  }

  @Test
  void whatWasNotCommittedIsNotInTheStores() {
    MockProcessorContext<byte[], byte[]> first = context();
    List<StateStore> stores = stores(first);
    AccountProcessor dying = start(first);
    dying.process(usage(1));
    commit(first);
    dying.process(usage(2));

    MockProcessorContext<byte[], byte[]> second = context();
    stores.forEach(second::addStateStore);
    start(second).process(usage(2));
    commit(second);
    assertThat(PackedEvents.decode(second.forwarded().get(0).record().value()))
        .extracting(UsageEvent::sequence)
        .containsExactly(2L);
  }

  @Test
  void aCommitWithoutChangesSendsNothing() {
    MockProcessorContext<byte[], byte[]> context = context();
    stores(context);
    AccountProcessor processor = start(context);
    processor.process(usage(1));
    commit(context);
    context.resetForwards();
    commit(context);
    assertThat(context.forwarded()).isEmpty();
  }

  @Test
  void anIdleProcessorSchedulesOnlyTheSweep() {
    MockProcessorContext<byte[], byte[]> context = context();
    stores(context);
    start(context);
    assertThat(context.scheduledPunctuators())
        .singleElement()
        .satisfies(
            sweep -> assertThat(sweep.getInterval()).isEqualTo(AccountProcessor.SWEEP_INTERVAL));
  }
}
