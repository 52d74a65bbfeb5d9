package dev.taximeter.streams.topology;

import static dev.taximeter.streams.topology.Meter.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.DeadLetter;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.SuspendedUsage.Candidate;
import dev.taximeter.contract.event.SuspenseItem;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines with usage whose payer is not certain, and what people decide about them. */
class SuspenseTest {
  private static final Instant COMPLETION = NOW.minusSeconds(5);

  @TempDir private Path stateDirectory;
  private Meter meter;
  private final Map<String, LineCount> latestCounts = new HashMap<>();

  @BeforeEach
  void start() {
    meter = new Meter(stateDirectory);
    meter.command("load", Meter.catalogue());
  }

  @AfterEach
  void stop() {
    meter.close();
  }

  private String suspend(String rawKey, int number) {
    meter.ship(
        "suspect "
            + PlainParser.line(
                rawKey, "qwen-max", new TokenCounts(1_000, 0, 0, 0, 0), COMPLETION, number));
    meter.settle();
    return latest().lineId();
  }

  private SuspenseItem latest() {
    List<SuspenseItem> items = meter.read(Topics.SUSPENSE_ITEMS, SuspenseItem.class);
    return items.get(items.size() - 1);
  }

  @Test
  void aLineThatMayLackItsBeginningIsNobodysUntilAPersonDecides() {
    String text =
        PlainParser.line(
            "sk-demo-00001", "qwen-max", new TokenCounts(1_000, 0, 0, 0, 0), COMPLETION, 1);
    byte[] line = text.getBytes(StandardCharsets.UTF_8);
    meter.shipRecord(
        RawLine.checksum(line),
        new RawLine(Meter.HOST, Meter.PATH, 0, line).toBytes(),
        RawLine.UNCERTAIN_BEGINNING_HEADER);
    meter.settle();
    assertThat(meter.events()).isEmpty();
    SuspenseItem item = latest();
    assertThat(item.suspended().reason()).isEqualTo(Reason.UNCERTAIN_BEGINNING);

    // The file before it was found, and both are shipped: the line was whole.
    meter.ship(text);
    meter.settle();
    assertThat(fates()).isEqualTo(Map.of(Fate.SUSPENSE, 1L, Fate.DUPLICATE, 1L));
    assertThat(resolve("first", item.lineId(), "acme", "acme-prod").accepted()).isTrue();
    assertThat(resolve("second", item.lineId(), "acme", "acme-prod").accepted()).isFalse();
    assertThat(meter.events()).singleElement().matches(event -> event.account().equals("acme"));
    assertThat(fates()).isEqualTo(Map.of(Fate.BILLED, 1L, Fate.DUPLICATE, 1L));
  }

  private CommandResult resolve(String command, String line, String account, String key) {
    meter.order(command, "checked", Catalog.EMPTY, new Order.Resolve(line, account, key));
    CommandResult result = meter.result();
    meter.settle();
    return result;
  }

  private Map<Fate, Long> fates() {
    meter
        .read(Topics.LINE_ACCOUNTING, LineCount.class)
        .forEach(count -> latestCounts.put(count.recordKey(), count));
    Map<Fate, Long> fates = new EnumMap<>(Fate.class);
    latestCounts
        .values()
        .forEach(
            count -> count.fates().forEach((fate, lines) -> fates.merge(fate, lines, Long::sum)));
    fates.values().removeIf(lines -> lines == 0);
    return fates;
  }

  private long settled() {
    return latestCounts.values().stream().mapToLong(LineCount::settled).sum();
  }

  @Test
  void aLineInSuspenseIsShownWithItsEvidence() {
    meter.ship(
        "suspect "
            + PlainParser.line(
                "sk-demo-00001", "qwen-max", new TokenCounts(100, 0, 0, 0, 0), COMPLETION, 7));
    meter.settle();

    SuspenseItem item = latest();
    assertThat(item.state()).isEqualTo(SuspenseItem.State.OPEN);
    assertThat(item.suspended().reason()).isEqualTo(Reason.PAYER_UNCERTAIN);
    assertThat(item.suspended().usage().tokens().input()).isEqualTo(100);
    assertThat(item.suspended().usage().completion()).isEqualTo(COMPLETION);
    assertThat(item.suspended().usage().requestId()).isEqualTo("request-1");
    assertThat(item.suspended().usage().flags()).containsExactly("tampered");
    assertThat(item.suspended().evidence().excerpt()).startsWith("xxxxxxx xx-xxxx-00000 xxxx-xxx");
    assertThat(item.suspended().evidence().candidates())
        .containsExactly(
            new Candidate(
                new Fingerprinter(Meter.SECRET).fingerprint("sk-demo-00001"),
                "0001",
                "acme",
                "acme-prod"));
    assertThat(meter.events()).isEmpty();
    assertThat(fates()).isEqualTo(Map.of(Fate.SUSPENSE, 1L));
    assertThat(meter.read(Topics.LINE_FATES, LineFate.class))
        .singleElement()
        .matches(fate -> fate.fate() == Fate.SUSPENSE);
    assertThat(meter.read(Topics.ACCESS_LOG_DEAD_LETTERS, DeadLetter.class))
        .singleElement()
        .matches(letter -> letter.fate().fate() == Fate.SUSPENSE);
  }

  @Test
  void aLineWithoutAnyTimeCountsAtItsArrival() {
    meter.ship("tampered");
    meter.settle();
    SuspenseItem item = latest();
    assertThat(item.suspended().usage().completion()).isEqualTo(NOW);
    assertThat(item.suspended().usage().flags()).containsExactly("completion-at-arrival");
    assertThat(item.suspended().evidence().candidates()).isEmpty();
  }

  @Test
  void anAssignedLineIsBilledOnce() {
    String line = suspend("sk-unknown-00009", 1);

    CommandResult answer = resolve("first", line, "acme", "acme-prod");
    assertThat(answer.accepted()).isTrue();
    assertThat(answer.changed()).containsExactly("suspense/" + line);
    UsageEvent event = meter.events().get(0);
    assertThat(event.account()).isEqualTo("acme");
    assertThat(event.usage().id()).isEqualTo(line);
    assertThat(event.usage().fate()).isEqualTo(Fate.BILLED);
    assertThat(event.usage().key()).isEqualTo("acme-prod");
    assertThat(event.usage().keyLastFour()).isEqualTo("0001");
    assertThat(event.usage().flags()).containsExactly("tampered", "assigned");
    assertThat(event.usage().completion()).isEqualTo(COMPLETION);
    // 1,000 at 0.40 per million
    assertThat(event.cost()).isEqualByComparingTo("0.0004");
    SuspenseItem item = latest();
    assertThat(item.state()).isEqualTo(SuspenseItem.State.ASSIGNED);
    assertThat(item.decision())
        .isEqualTo(
            new SuspenseItem.Decision(
                "acme", "acme-prod", "first", "ann", "checked", NOW.plusSeconds(1)));
    assertThat(fates()).isEqualTo(Map.of(Fate.BILLED, 1L));
    assertThat(settled()).isEqualTo(1);

    // The same command again, another decision, the same decision by another command.
    assertThat(resolve("first", line, "acme", "acme-prod")).isEqualTo(answer);
    for (CommandResult second :
        List.of(
            resolve("second", line, "globex", "globex-main"),
            resolve("third", line, null, null),
            resolve("fourth", line, "acme", "acme-prod"))) {
      assertThat(second.accepted()).isFalse();
      assertThat(second.problems())
          .singleElement()
          .asString()
          .startsWith(
              "line "
                  + line
                  + " was assigned to account acme, key acme-prod, by ann at 2026-11-20T10:");
    }
    assertThat(meter.events()).isEmpty();
    assertThat(fates()).isEqualTo(Map.of(Fate.BILLED, 1L));
  }

  @Test
  void aLineThatIsWrittenOffStaysInSuspense() {
    String line = suspend("sk-unknown-00009", 1);

    assertThat(resolve("first", line, null, null).accepted()).isTrue();
    assertThat(latest().state()).isEqualTo(SuspenseItem.State.WRITTEN_OFF);
    assertThat(resolve("second", line, "acme", "acme-prod").problems())
        .singleElement()
        .asString()
        .startsWith("line " + line + " was written off by ann at ");
    assertThat(meter.events()).isEmpty();
    assertThat(fates()).isEqualTo(Map.of(Fate.SUSPENSE, 1L));
    assertThat(settled()).isZero();
  }

  @Test
  void whatCannotBeCarriedOutIsRefusedWithAReason() {
    String line = suspend("sk-unknown-00009", 1);
    String unknown = "0".repeat(32);
    assertThat(resolve("a", unknown, null, null).problems())
        .singleElement()
        .asString()
        .startsWith("there is no line " + unknown + " in suspense");
    assertThat(resolve("b", line, "nobody", "x").problems())
        .containsExactly("the line is assigned to account nobody, which does not exist");
    assertThat(resolve("c", line, "acme", "globex-main").problems())
        .containsExactly("account acme has no key globex-main that the line could count under");
    meter.order("d", " ", Catalog.EMPTY, new Order.Resolve(line, null, null));
    assertThat(meter.result().problems())
        .containsExactly("a line is written off only with a reason");
    meter.order("e", "x", Meter.catalogue(), new Order.Resolve(line, null, null));
    assertThat(meter.result().problems())
        .containsExactly(
            "a line in suspense is decided by a command of its own, without changes of the"
                + " catalogue");
    meter.order("f", "", Catalog.EMPTY, new Order.Replay(List.of("no line")));
    assertThat(meter.result().problems())
        .containsExactly("the id of a dead letter must be 32 hex digits");
    assertThat(resolve("g", line, null, null).accepted()).isTrue();
  }

  @Test
  void candidateKeysLeaveNoTraceInClear() {
    suspend("sk-unknown-00009", 1);
    for (Topics topic : Topics.values()) {
      if (topic == Topics.ACCESS_LOG
          || !meter.driver.producedTopicNames().contains(topic.topicName())) {
        continue;
      }
      for (TestRecord<byte[], byte[]> record : meter.readRaw(topic)) {
        assertThat(new String(record.value(), StandardCharsets.UTF_8))
            .as(topic.topicName())
            .doesNotContain("sk-unknown");
      }
    }
  }
}
