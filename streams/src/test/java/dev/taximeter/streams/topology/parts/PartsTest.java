package dev.taximeter.streams.topology.parts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedPunctuator;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

class PartsTest {
  private static final LineSource SOURCE = new LineSource("host", "/path");
  private static final Instant ARRIVAL = Instant.parse("2026-11-20T10:59:59.999Z");

  private final MockProcessorContext<Void, Void> context = new MockProcessorContext<>();
  private final KeyValueStore<String, byte[]> stored =
      InMemory.store(context, "marks", Serdes.String(), Serdes.ByteArray());
  private final Marks marks = new Marks(stored);

  private static List<String> drained(PendingEmissions pending) {
    List<String> keys = new ArrayList<>();
    pending.drain(
        key -> {
          keys.add(key);
          return 1;
        });
    return keys;
  }

  @Test
  void manyChangesOfAKeyAreOneEmissionInTheOrderOfTheFirst() {
    PendingEmissions pending = new PendingEmissions(marks, "window");
    List.of("b", "a", "b", "c").forEach(pending::mark);
    assertThat(drained(pending)).containsExactly("b", "a", "c");
    assertThat(pending.isEmpty()).isTrue();
    assertThat(drained(pending)).isEmpty();
  }

  @Test
  void marksOutliveTheProcess() {
    Marks before = new Marks(stored);
    new PendingEmissions(before, "window").mark("w");
    new PendingEmissions(before, "state").mark("s");
    before.writeBack();
    Marks after = new Marks(stored);
    PendingEmissions restarted = new PendingEmissions(after, "window");
    assertThat(drained(restarted)).containsExactly("w");
    after.writeBack();
    assertThat(drained(new PendingEmissions(new Marks(stored), "window"))).isEmpty();
    assertThat(drained(new PendingEmissions(new Marks(stored), "state"))).containsExactly("s");
  }

  @Test
  void whatIsPublishedInItsOwnTransactionLeavesNoMark() {
    PendingEmissions pending = new PendingEmissions(marks, "window");
    pending.mark("w");
    drained(pending);
    marks.writeBack();
    assertThat(marks.stored("window/")).isEmpty();
  }

  @Test
  void aMarkThatIsMadeAgainBeforeItsDeletionStays() {
    PendingEmissions pending = new PendingEmissions(marks, "window");
    pending.mark("w");
    marks.writeBack();
    drained(pending);
    pending.mark("w");
    marks.writeBack();
    assertThat(new Marks(stored).stored("window/")).containsExactly("window/w");
  }

  @Test
  void whatWasPublishedBeforeADefectIsMarkedAgainByItsNextChange() {
    PendingEmissions pending = new PendingEmissions(marks, "window");
    List.of("a", "b").forEach(pending::mark);
    marks.writeBack();
    assertThatThrownBy(
            () ->
                pending.drain(
                    key -> {
                      if (key.equals("b")) {
                        throw new IllegalStateException("a defect");
                      }
                      return 1;
                    }))
        .hasMessage("a defect");
    assertThat(pending.marked()).containsExactly("b");
    pending.mark("a");
    marks.writeBack();
    assertThat(new Marks(stored).stored("window/")).containsExactly("window/a", "window/b");
  }

  /** The punctuation that is due, if any. */
  private List<CapturedPunctuator> due() {
    return context.scheduledPunctuators().stream().filter(made -> !made.cancelled()).toList();
  }

  @Test
  void workThatMeetsADefectIsTriedAgainWithoutAnotherCause() {
    AtomicInteger runs = new AtomicInteger();
    WakeUp wakeUp =
        new WakeUp(
            context,
            () -> {
              if (runs.incrementAndGet() < 3) {
                throw new IllegalStateException("a defect");
              }
            });
    wakeUp.in(Duration.ofMillis(50));
    for (int attempt = 1; attempt <= 2; attempt++) {
      CapturedPunctuator due = due().get(0);
      assertThatThrownBy(() -> due.getPunctuator().punctuate(0)).hasMessage("a defect");
      assertThat(due()).as("after attempt %d", attempt).hasSize(1);
      assertThat(due().get(0).getInterval()).isEqualTo(Duration.ofSeconds(1));
    }
    due().get(0).getPunctuator().punctuate(0);
    assertThat(runs).hasValue(3);
    assertThat(due()).as("done").isEmpty();
    wakeUp.in(Duration.ofMillis(50));
    assertThat(due()).hasSize(1);
  }

  @Test
  void countersGrowOverRestartsAndCountPerHour() {
    KeyValueStore<String, byte[]> counts =
        InMemory.store(context, "counts", Serdes.String(), Serdes.ByteArray());
    LineCounters before =
        new LineCounters("intake-1", counts, new PendingEmissions(marks, "count"));
    before.decided("s", SOURCE, ARRIVAL, Fate.BILLED);
    before.decided("s", SOURCE, ARRIVAL, Fate.QUARANTINED);
    before.writeBack();
    LineCounters after = new LineCounters("intake-1", counts, new PendingEmissions(marks, "count"));
    after.decided("s", SOURCE, ARRIVAL, Fate.BILLED);
    after.settled("s", SOURCE, ARRIVAL);
    after.decided("s", SOURCE, ARRIVAL.plusMillis(1), Fate.BILLED);
    List<LineCount> published = new ArrayList<>();
    after.drain(published::add);
    assertThat(published)
        .containsExactly(
            new LineCount(
                "intake-1",
                "s",
                SOURCE,
                Instant.parse("2026-11-20T10:00:00Z"),
                0,
                1,
                Map.of(Fate.BILLED, 2L, Fate.QUARANTINED, 1L)),
            new LineCount(
                "intake-1",
                "s",
                SOURCE,
                Instant.parse("2026-11-20T11:00:00Z"),
                0,
                0,
                Map.of(Fate.BILLED, 1L)));
  }

  @Test
  void aSweepLooksAtEveryEntryInBoundedSteps() {
    KeyValueStore<Long, Long> store =
        InMemory.store(context, "numbers", Serdes.Long(), Serdes.Long());
    LongStream.range(0, 10).forEach(number -> store.put(number, number));
    List<Long> seen = new ArrayList<>();
    Sweep<Long, Long> sweep =
        new Sweep<>(
            store,
            4,
            (key, value) -> {
              seen.add(key);
              return value % 3 == 0;
            });
    sweep.step();
    assertThat(seen).containsExactly(0L, 1L, 2L, 3L);
    sweep.step();
    sweep.step();
    assertThat(seen).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
    assertThat(keys(store)).containsExactly(1L, 2L, 4L, 5L, 7L, 8L);
    seen.clear();
    sweep.step();
    assertThat(seen).containsExactly(1L, 2L, 4L, 5L);
  }

  private static List<Long> keys(KeyValueStore<Long, Long> store) {
    List<Long> keys = new ArrayList<>();
    try (KeyValueIterator<Long, Long> entries = store.all()) {
      entries.forEachRemaining((KeyValue<Long, Long> entry) -> keys.add(entry.key));
    }
    return keys;
  }

  @Test
  void noTwoListsOfPartsShareAKey() {
    assertThat(StoreKeys.of("a", "b")).startsWith(StoreKeys.of("a"));
    assertThat(StoreKeys.of("ab")).doesNotStartWith(StoreKeys.of("a"));
    assertThat(
            List.of(
                StoreKeys.of("a", "b"),
                StoreKeys.of("a\0b"),
                StoreKeys.of("a\0010b"),
                StoreKeys.of("a\1", "b"),
                StoreKeys.of("a", "\1b"),
                StoreKeys.of("a", "b", ""),
                StoreKeys.of("a\0", "b")))
        .doesNotHaveDuplicates();
    assertThat(StoreKeys.of("acme\0globex")).doesNotStartWith(StoreKeys.of("acme"));
  }

  @Test
  void aRecordThatNoBrokerTakesIsRefusedBeforeItLeaves() {
    String path = "x".repeat(13 << 20);
    LineCount count = new LineCount("w", "s", new LineSource("h", path), ARRIVAL, 0, 0, Map.of());
    assertThatThrownBy(() -> Outlets.FATE_COUNTS.encode("key", count))
        .isInstanceOf(OversizedRecordException.class)
        .hasMessageContaining("for line-accounting.v1 is larger than")
        .hasMessageNotContaining("xx");
  }

  @Test
  void descriptionsOfDefectsQuoteNothing() {
    Throwable defect =
        new IllegalStateException("sk-secret", new NumberFormatException("For input: sk-secret"));
    assertThat(Defects.describe(defect))
        .contains("IllegalStateException")
        .contains("NumberFormatException")
        .doesNotContain("sk-secret");
  }

  /** Else a reader could see a summary before the months that it names. */
  @Test
  void allRecordsOfAnAccountAreInThePartitionOfItsInput() {
    ByAccount partitioner = new ByAccount();
    for (String account : List.of("acme", "globex", "unattributed:0123456789abcdef", "")) {
      int home = Utils.toPositive(Utils.murmur2(account.getBytes(StandardCharsets.UTF_8))) % 4;
      for (String key : List.of(account, account + "\t2026-10", account + "\t2026-11")) {
        assertThat(
                partitioner.partitions("t", key.getBytes(StandardCharsets.UTF_8), new byte[0], 4))
            .contains(Set.of(home));
      }
    }
  }
}
