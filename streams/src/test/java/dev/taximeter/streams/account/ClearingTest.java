package dev.taximeter.streams.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Holders;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineReplay;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.SuspendedUsage;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.UnattributedKey;
import dev.taximeter.contract.event.UnattributedKey.Amount;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.packed.PackedEvents;
import dev.taximeter.streams.topology.parts.AccountInputs;
import dev.taximeter.streams.topology.parts.CommitHook;
import dev.taximeter.streams.topology.parts.InMemory;
import dev.taximeter.streams.topology.parts.Problems;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedPunctuator;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process that dies while it forwards leaves to its successor, and what is let go of. */
class ClearingTest {
  private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");
  private static final String FINGERPRINT = "ab".repeat(32);
  private static final String HOLDER = Holders.ofKey(FINGERPRINT);

  @TempDir private Path stateDirectory;
  private List<StateStore> stores;
  private MockProcessorContext<byte[], byte[]> context;
  private AccountProcessor processor;
  private Clearing.Bounds bounds = Clearing.Bounds.STANDARD;
  private Problems problems;

  @BeforeEach
  void start() {
    context = context();
    stores =
        new Accounts(Duration.ofHours(2), new BillingSettings(Duration.ofDays(3)))
            .stores().stream().map(builder -> InMemory.build(context, builder)).toList();
    begin();
  }

  private void begin() {
    processor =
        new AccountProcessor(Duration.ofHours(2), new BillingSettings(Duration.ofDays(3)), bounds);
    processor.init(context);
  }

  /** Ends the process and starts its successor on what was committed. */
  private void restart() {
    commit();
    context = context();
    stores.forEach(context::addStateStore);
    begin();
  }

  private void commit() {
    context.<CommitHook>getStateStore(AccountProcessor.COMMIT).flushCache();
  }

  private MockProcessorContext<byte[], byte[]> context() {
    problems = new Problems();
    Properties properties = new Properties();
    properties.put(Problems.CONFIG, problems);
    MockProcessorContext<byte[], byte[]> made =
        new MockProcessorContext<>(properties, new TaskId(0, 3), stateDirectory.toFile());
    made.setCurrentSystemTimeMs(NOW.toEpochMilli());
    made.setRecordMetadata("account.inputs.v1", 3, 0);
    return made;
  }

  private void receive(int number, Instant arrival) {
    Usage usage =
        new Usage(
            "%032x".formatted(number),
            Fate.UNATTRIBUTED,
            FINGERPRINT.substring(0, 12),
            FINGERPRINT,
            "9f3A",
            "m",
            new TokenCounts(1, 0, 0, 0, 0),
            arrival,
            arrival,
            arrival,
            new LineSource("h", "p"),
            0,
            "s",
            List.of(),
            null);
    process(new AccountInput.UsageInput(usage));
  }

  private void process(AccountInput input) {
    processor.process(new Record<>(HOLDER, input, NOW.toEpochMilli()));
  }

  private void claim() {
    process(
        new AccountInput.OrderInput(
            new Instruction(
                "claim",
                "ann",
                "",
                NOW,
                2,
                List.of(),
                new Order.Claim(FINGERPRINT, "acme", "new", null),
                new ApiKey("acme", "new", FINGERPRINT, "9f3A"))));
  }

  /** Runs each punctuation that is due once. */
  private void punctuate(long millis) {
    List<CapturedPunctuator> due =
        context.scheduledPunctuators().stream()
            .filter(scheduled -> !scheduled.cancelled())
            .filter(scheduled -> scheduled.getInterval().toMillis() <= millis)
            .toList();
    due.forEach(scheduled -> scheduled.getPunctuator().punctuate(context.currentSystemTimeMs()));
  }

  private List<String> takeForwarded() {
    List<String> ids = new ArrayList<>();
    context.forwarded().stream()
        .filter(sent -> sent.childName().orElseThrow().equals("cleared-usage"))
        .map(sent -> AccountInputs.decode("account.inputs.v1", sent.record().value()))
        .forEach(input -> ids.add(((AccountInput.UsageInput) input).usages().get(0).id()));
    context.resetForwards();
    return ids;
  }

  private UnattributedKey key() {
    commit();
    KeyValueStore<String, Holdings.Holding> holdings = context.getStateStore(Clearing.KEYS);
    return holdings.get(FINGERPRINT).key();
  }

  @Test
  void whatWasBeingForwardedGoesOnAfterARestartEachEventOnce() {
    int lines = 2 * UnclaimedUsage.ENTRIES_PER_STEP + 300;
    IntStream.range(0, lines).forEach(number -> receive(number, NOW));
    claim();
    List<String> forwarded = new ArrayList<>();
    punctuate(60);
    forwarded.addAll(takeForwarded());
    assertThat(forwarded).hasSize(UnclaimedUsage.ENTRIES_PER_STEP);

    restart();
    receive(lines, NOW);
    punctuate(60);
    forwarded.addAll(takeForwarded());
    assertThat(forwarded).hasSize(2 * UnclaimedUsage.ENTRIES_PER_STEP + 1);
    restart();
    // The claim is asked for once more; its answer was lost.
    claim();
    for (int i = 0; i < 5; i++) {
      punctuate(60);
    }
    forwarded.addAll(takeForwarded());

    assertThat(forwarded).doesNotHaveDuplicates().hasSize(lines + 1);
    assertThat(key().claimed().requests()).isEqualTo(lines + 1);
    assertThat(key().held()).isEqualTo(Amount.NONE);
    assertThat(key().claim().forwarding()).isFalse();
  }

  @Test
  void whatIsHeldForTooLongStaysUnattributedForEver() {
    receive(1, NOW.minus(UnclaimedUsage.HELD_FOR).minusSeconds(1));
    receive(2, NOW.minus(UnclaimedUsage.HELD_FOR).plusSeconds(1));
    assertThat(key().held().requests()).isEqualTo(2);
    punctuate(AccountProcessor.SWEEP_INTERVAL.toMillis());

    assertThat(key().received().requests()).isEqualTo(2);
    assertThat(key().held().requests()).isEqualTo(1);
    assertThat(key().lapsed().requests()).isEqualTo(1);
    claim();
    punctuate(60);
    assertThat(takeForwarded()).containsExactly("%032x".formatted(2));
  }

  @Test
  void aFullHolderTakesNoMore() {
    KeyValueStore<String, Holdings.Holding> holdings = context.getStateStore(Clearing.KEYS);
    Amount full =
        new Amount(UnclaimedUsage.MOST_HELD_PER_KEY - 1, new TokenCounts(5_000_000, 0, 0, 0, 0));
    UnattributedKey before = UnattributedKey.empty(FINGERPRINT);
    holdings.put(FINGERPRINT, new Holdings.Holding(before.withHeld(full), 0));
    receive(1, NOW);
    receive(2, NOW);

    assertThat(key().held().requests()).isEqualTo(UnclaimedUsage.MOST_HELD_PER_KEY);
    assertThat(key().received().requests()).isEqualTo(2);
    claim();
    receive(3, NOW);
    punctuate(60);
    assertThat(takeForwarded()).containsExactly("%032x".formatted(3), "%032x".formatted(1));
  }

  @Test
  void moreKeysThanAreKeptDecodedLoseNothing() {
    KeyValueStore<String, Holdings.Holding> store = context.getStateStore(Clearing.KEYS);
    Holdings holdings = new Holdings(store, Holdings.MOST_KEYS);
    int keys = 4_500;
    for (int round = 1; round <= 2; round++) {
      for (int i = 0; i < keys; i++) {
        String id = "%064x".formatted(i);
        Holdings.Holding before = holdings.of(id);
        holdings.put(id, new Holdings.Holding(before.key(), before.cursor() + 1));
      }
    }
    holdings.writeBack();
    Holdings successor = new Holdings(store, Holdings.MOST_KEYS);
    for (int i = 0; i < keys; i++) {
      assertThat(successor.of("%064x".formatted(i)).cursor()).isEqualTo(2);
    }
  }

  private static String fingerprint(int key) {
    return "%08x".formatted(key).repeat(8);
  }

  /** Usage of a key that nobody knows, by its number. */
  private void receiveOf(int key, int number) {
    String fingerprint = fingerprint(key);
    Usage usage = usage("m");
    processor.process(
        new Record<>(
            Holders.ofKey(fingerprint),
            new AccountInput.UsageInput(
                new Usage(
                    "%032x".formatted(number),
                    Fate.UNATTRIBUTED,
                    fingerprint.substring(0, 12),
                    fingerprint,
                    "9f3A",
                    "m",
                    usage.tokens(),
                    NOW,
                    NOW,
                    NOW,
                    usage.source(),
                    0,
                    "s",
                    List.of(),
                    null)),
            NOW.toEpochMilli()));
  }

  private void suspend(int number) {
    suspend(number, false);
  }

  private void suspend(int number, boolean replayed) {
    suspend(number, replayed, usage("m").tokens(), null);
  }

  private void suspend(
      int number, boolean replayed, TokenCounts tokens, @Nullable TokenCounts received) {
    suspend(number, replayed, tokens, received, null);
  }

  private void suspend(
      int number,
      boolean replayed,
      TokenCounts tokens,
      @Nullable TokenCounts received,
      AccountInput.@Nullable Payer payer) {
    Usage usage = usage("m");
    Usage suspended =
        new Usage(
            "%032x".formatted(number),
            Fate.SUSPENSE,
            "",
            null,
            null,
            "m",
            tokens,
            NOW,
            NOW,
            NOW,
            usage.source(),
            0,
            "s",
            List.of("tampered"),
            null);
    SuspendedUsage item =
        new SuspendedUsage(
            suspended, Reason.PAYER_UNCERTAIN, new SuspendedUsage.Evidence("x", List.of()));
    processor.process(
        new Record<>(
            Holders.ofLine(suspended.id()),
            replayed
                ? new AccountInput.DeskInput(item, received, payer, null)
                : new AccountInput.SuspenseInput(item),
            NOW.toEpochMilli()));
  }

  private List<UsageEvent> events() {
    commit();
    return context.forwarded().stream()
        .filter(sent -> sent.childName().orElseThrow().equals("usage-events"))
        .flatMap(sent -> PackedEvents.decode(sent.record().value()).stream())
        .toList();
  }

  private Map<Fate, Long> movedFates() {
    punctuate(60);
    return context.forwarded().stream()
        .filter(sent -> sent.childName().orElseThrow().equals("settled-counts"))
        .map(sent -> Json.MAPPER.readValue(sent.record().value(), LineCount.class))
        .reduce((first, last) -> last)
        .orElseThrow()
        .fates();
  }

  @Test
  void keysBeyondTheBoundAreMeteredTogetherAndNamed() {
    bounds = new Clearing.Bounds(2, 10);
    begin();
    receiveOf(1, 1);
    assertThat(problems.sentences()).isEmpty();
    receiveOf(2, 2);
    receiveOf(3, 3);
    receiveOf(4, 4);
    receiveOf(1, 5);
    receiveOf(3, 6);
    String overflow = "unattributed:overflow-3";
    assertThat(events())
        .extracting(UsageEvent::account)
        .containsExactly(
            Holders.ofKey(fingerprint(1)),
            Holders.ofKey(fingerprint(1)),
            Holders.ofKey(fingerprint(2)),
            overflow,
            overflow,
            overflow);
    assertThat(events()).extracting(UsageEvent::sequence).containsExactly(1L, 2L, 1L, 1L, 2L, 3L);
    assertThat(events().get(3).usage().keyFingerprint()).isEqualTo(fingerprint(3));
    assertThat(problems.sentences())
        .singleElement()
        .asString()
        .contains(overflow, "partition 3", "usage_events");
    commit();
    KeyValueStore<String, Holdings.Holding> holdings = context.getStateStore(Clearing.KEYS);
    UnattributedKey together = holdings.get("overflow-3").key();
    assertThat(together.received().requests()).isEqualTo(3);
    assertThat(together.held()).isEqualTo(Amount.NONE);
    assertThat(together.lastFour()).isNull();

    restart();
    assertThat(problems.sentences()).as("still named").hasSize(1);
    receiveOf(5, 7);
    assertThat(events()).singleElement().matches(event -> event.account().equals(overflow));
    punctuate(60);
    assertThat(context.forwarded())
        .filteredOn(sent -> sent.childName().orElseThrow().equals("unattributed-keys"))
        .extracting(sent -> new String(sent.record().key(), StandardCharsets.UTF_8))
        .contains("overflow-3");
  }

  @Test
  void aKeyBeyondTheBoundThatIsClaimedHasRoom() {
    bounds = new Clearing.Bounds(1, 10);
    begin();
    receiveOf(1, 1);
    claim();
    receive(2, NOW);
    assertThat(takeForwarded()).containsExactly("%032x".formatted(2));
  }

  @Test
  void linesThatNoDeskHasRoomForAreMeteredAndNamed() {
    bounds = new Clearing.Bounds(10, 2);
    begin();
    suspend(1);
    suspend(2);
    suspend(3);
    suspend(2);
    assertThat(events()).hasSize(1);
    UsageEvent event = events().get(0);
    assertThat(event.account()).isEqualTo("unattributed:overflow-3");
    assertThat(event.usage().id()).isEqualTo("%032x".formatted(3));
    assertThat(event.usage().fate()).isEqualTo(Fate.UNATTRIBUTED);
    assertThat(event.usage().tokens()).isEqualTo(usage("m").tokens());
    assertThat(event.usage().flags()).containsExactly("tampered", Usage.DESK_FULL);
    assertThat(movedFates()).isEqualTo(Map.of(Fate.SUSPENSE, -1L, Fate.UNATTRIBUTED, 1L));
    assertThat(problems.sentences())
        .singleElement()
        .asString()
        .contains("partition 3", "GET /v1/suspense");

    restart();
    assertThat(problems.sentences()).hasSize(1);
    processor.process(
        new Record<>(
            Holders.ofLine("%032x".formatted(1)),
            new AccountInput.OrderInput(
                new Instruction(
                    "off",
                    "ann",
                    "",
                    NOW,
                    2,
                    List.of(),
                    new Order.Resolve("%032x".formatted(1), null, null),
                    null)),
            NOW.toEpochMilli()));
    assertThat(problems.sentences()).as("there is room again").isEmpty();
    suspend(4);
    assertThat(events()).isEmpty();
  }

  private void resolve(int number, String command, @Nullable String account) {
    String id = "%032x".formatted(number);
    String key = account == null ? null : "new";
    processor.process(
        new Record<>(
            Holders.ofLine(id),
            new AccountInput.OrderInput(
                new Instruction(
                    command,
                    "ann",
                    "",
                    NOW,
                    2,
                    List.of(),
                    new Order.Resolve(id, account, key),
                    account == null ? null : new ApiKey(account, key, FINGERPRINT, "9f3A"))),
            NOW.toEpochMilli()));
  }

  private List<LineReplay> replays() {
    return context.forwarded().stream()
        .filter(sent -> sent.childName().orElseThrow().equals("suspense-replays"))
        .map(sent -> Json.MAPPER.readValue(sent.record().value(), LineReplay.class))
        .toList();
  }

  /** A flood fills the desk; what comes behind it is not free for good. */
  @Test
  void aLineThatTheDeskHadNoRoomForIsReplayedAndAssignedOnce() {
    bounds = new Clearing.Bounds(10, 2);
    begin();
    suspend(1);
    suspend(2);
    suspend(3);
    assertThat(events()).hasSize(1);
    suspend(3, true);
    assertThat(replays())
        .singleElement()
        .satisfies(
            note -> {
              assertThat(note.outcome()).isEqualTo(LineReplay.Outcome.REFUSED);
              assertThat(note.problem()).contains("still no room");
            });
    assertThat(movedFates()).isEqualTo(Map.of(Fate.SUSPENSE, -1L, Fate.UNATTRIBUTED, 1L));

    resolve(1, "off", null);
    suspend(3, true);
    restart();
    suspend(3, true);
    assertThat(replays())
        .singleElement()
        .satisfies(note -> assertThat(note.problem()).contains("decide there"));
    assertThat(problems.sentences()).as("full again").hasSize(1);
    KeyValueStore<String, Holdings.Holding> holdings = context.getStateStore(Clearing.KEYS);
    UnattributedKey together = holdings.get("overflow-3").key();
    assertThat(together.received().requests()).isEqualTo(1);
    assertThat(together.claimed().requests()).isEqualTo(1);

    resolve(3, "assign", "acme");
    assertThat(takeForwarded()).containsExactly("%032x".formatted(3));
    assertThat(movedFates()).isEqualTo(Map.of(Fate.SUSPENSE, -1L, Fate.BILLED, 1L));
    suspend(3, true);
    assertThat(replays())
        .singleElement()
        .satisfies(note -> assertThat(note.problem()).contains("is decided"));
    resolve(3, "again", "acme");
    assertThat(takeForwarded()).isEmpty();
    assertThat(events()).isEmpty();
  }

  @Test
  void aLineThatTheDeskHadNoRoomForIsBilledByItsReplayIfItsPayerIsCertainByThen() {
    bounds = new Clearing.Bounds(10, 2);
    begin();
    suspend(1);
    suspend(2);
    suspend(3);
    assertThat(events()).hasSize(1);
    AccountInput.Payer payer = new AccountInput.Payer("acme", "new", FINGERPRINT, "9f3A");
    suspend(3, true, usage("m").tokens(), null, payer);
    assertThat(takeForwarded()).containsExactly("%032x".formatted(3));
    assertThat(movedFates())
        .containsEntry(Fate.SUSPENSE, -1L)
        .containsEntry(Fate.BILLED, 1L)
        .satisfies(moved -> assertThat(moved.getOrDefault(Fate.UNATTRIBUTED, 0L)).isEqualTo(0L));
    assertThat(problems.sentences()).as("still full of others").hasSize(1);
    restart();
    suspend(3, true, usage("m").tokens(), null, payer);
    assertThat(replays())
        .singleElement()
        .satisfies(note -> assertThat(note.problem()).contains("is decided"));
    assertThat(takeForwarded()).isEmpty();
    KeyValueStore<String, Holdings.Holding> holdings = context.getStateStore(Clearing.KEYS);
    assertThat(holdings.get("overflow-3").key().claimed().requests()).isEqualTo(1);
    resolve(1, "off", null);
    assertThat(problems.sentences()).as("room again").isEmpty();
  }

  /** What had been metered as nobody's leaves with the counts by which it came. */
  @Test
  void whatIsCountedOtherwiseByNowLeavesTheOverflowAsItCame() {
    bounds = new Clearing.Bounds(10, 1);
    begin();
    TokenCounts received = new TokenCounts(2_100, 0, 0, 690, 300);
    TokenCounts corrected = new TokenCounts(2_140, 40, 0, 600, 0);
    suspend(1);
    suspend(2, false, received, null);
    resolve(1, "off", null);
    suspend(2, true, corrected, received);
    assertThat(replays())
        .singleElement()
        .satisfies(
            note -> {
              assertThat(note.outcome()).isEqualTo(LineReplay.Outcome.RESOLVED);
              assertThat(note.problem())
                  .contains(
                      "it came with 2100 input (0 cached", "690 output tokens (300 reasoning)")
                  .contains("in suspense with 2140 input (40 cached", "600 output tokens");
            });
    assertThat(movedFates().values()).allMatch(count -> count == 0);
    restart();
    KeyValueStore<String, Holdings.Holding> holdings = context.getStateStore(Clearing.KEYS);
    UnattributedKey together = holdings.get("overflow-3").key();
    assertThat(together.received()).isEqualTo(new Amount(1, received));
    assertThat(together.claimed()).isEqualTo(together.received());
    assertThat(together.lapsed()).isEqualTo(Amount.NONE);
  }

  /** One of an earlier version has left with more than it came with. */
  @Test
  void nothingLapsesBelowZero() {
    UnattributedKey key =
        UnattributedKey.overflow("unattributed:overflow-3")
            .afterUsage(usage("m"))
            .withClaimed(new Amount(1, new TokenCounts(40, 3, 2, 1, 1)));
    assertThat(key.lapsed()).isEqualTo(Amount.NONE);
    UnattributedKey held = key.withClaimed(Amount.NONE).withHeld(key.claimed());
    assertThat(held.lapsed()).isEqualTo(Amount.NONE);
  }

  @Test
  void modelsBeyondTheMostAreSummed() {
    UnattributedKey key = UnattributedKey.empty(FINGERPRINT);
    for (int i = 0; i < UnattributedKey.MOST_MODELS + 5; i++) {
      key = key.afterUsage(usage("m-" + i));
    }
    assertThat(key.models()).hasSize(UnattributedKey.MOST_MODELS + 1);
    assertThat(key.models().get(UnattributedKey.MOST_MODELS))
        .isEqualTo(
            new UnattributedKey.ModelAmount("*", new Amount(5, new TokenCounts(5, 0, 0, 0, 0))));
    assertThat(key.afterUsage(usage("m-0")).models().get(0).received().requests()).isEqualTo(2);
  }

  private static Usage usage(String model) {
    return new Usage(
        "1",
        Fate.UNATTRIBUTED,
        "",
        FINGERPRINT,
        null,
        model,
        new TokenCounts(1, 0, 0, 0, 0),
        NOW,
        NOW,
        NOW,
        new LineSource("h", "p"),
        0,
        "s",
        List.of(),
        null);
  }
}
