package dev.taximeter.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.event.SourceState;
import dev.taximeter.contract.event.SourceState.Kind;
import dev.taximeter.contract.event.SourceState.Status;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Intake and the writer of sources, together. */
class SourcesTest {
  private static final LineSource SOURCE = new LineSource("gw-9", "/var/log/other.log");
  private static final String FILE = "11111111-aaaaaaaaaaaaaaaa";

  @TempDir private Path stateDirectory;
  private Meter meter;
  private TestInputTopic<byte[], byte[]> raw;
  private TestInputTopic<String, SourceInput> inputs;
  private final Map<String, SourceState> latest = new HashMap<>();
  private int number;

  @BeforeEach
  void start() {
    meter = new Meter(stateDirectory);
    raw =
        meter.driver.createInputTopic(
            Topics.ACCESS_LOG.topicName(), new ByteArraySerializer(), new ByteArraySerializer());
    inputs =
        meter.driver.createInputTopic(
            Topics.SOURCE_INPUTS.topicName(), new StringSerializer(), Json.serializer());
  }

  @AfterEach
  void stop() {
    meter.close();
  }

  private String line() {
    TokenCounts tokens = new TokenCounts(1, 0, 0, 1, 0);
    return PlainParser.line("sk-x", "m", tokens, Meter.NOW.minusSeconds(5), 100_000 + number++);
  }

  private void ship(String line, long offset, Map<String, String> headers) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    RecordHeaders all = new RecordHeaders();
    headers.forEach((name, value) -> all.add(name, value.getBytes(StandardCharsets.US_ASCII)));
    byte[] frame = new RawLine(SOURCE.host(), SOURCE.path(), offset, bytes).toBytes();
    raw.pipeInput(new TestRecord<>(RawLine.checksum(bytes), frame, all, Meter.NOW.toEpochMilli()));
  }

  private void beat(Instant through) {
    ship("", -1, Map.of(RawLine.HEARTBEAT_HEADER, through.toEpochMilli() + "/1"));
  }

  private void pass(Duration duration) {
    meter.driver.advanceWallClockTime(duration);
    // Whoever waits for a common instant may have just missed one.
    for (int step = 0; step < 4; step++) {
      meter.driver.advanceWallClockTime(Duration.ofMillis(500));
    }
  }

  private SourceState state() {
    latest.putAll(meter.output(Topics.SOURCES, SourceState.class).readKeyValuesToMap());
    assertThat(latest).containsKey("gw-9\t/var/log/other.log");
    return latest.get("gw-9\t/var/log/other.log");
  }

  @Test
  void holesBetweenLinesOfAnotherShipperAreNamedAndClosed() {
    String missing = line();
    long length = missing.length() + 1;
    for (int i = 0; i < 10; i++) {
      if (i != 4) {
        ship(line(), i * length, Map.of());
      }
    }
    pass(Duration.ofMillis(100));
    SourceState before = state();
    assertThat(before.kind()).isEqualTo(Kind.FOREIGN);
    assertThat(before.lines()).isEqualTo(9);
    assertThat(before.bytes()).isEqualTo(9 * (length - 1));
    assertThat(before.lastLine()).isEqualTo(Meter.NOW);
    assertThat(before.gaps()).isEmpty();
    assertThat(before.watermark()).isNull();
    pass(Duration.ofSeconds(40));
    assertThat(state().gaps())
        .singleElement()
        .satisfies(
            gap -> {
              assertThat(gap.file()).isEqualTo("unknown-1");
              assertThat(gap.from()).isEqualTo(4 * length - 1);
              assertThat(gap.to()).isEqualTo(5 * length);
            });
    ship(missing, 4 * length, Map.of());
    pass(Duration.ofMillis(100));
    assertThat(state().gaps()).isEmpty();
    ship(missing, 4 * length, Map.of());
    pass(Duration.ofMillis(100));
    assertThat(state().reshippedBytes()).isEqualTo(length - 1);
  }

  @Test
  void ourOwnShippersReportThemselves() {
    ship(line(), 0, Map.of(RawLine.FILE_HEADER, FILE));
    pass(Duration.ofSeconds(6));
    assertThat(meter.read(Topics.SOURCES, SourceState.class)).isEmpty();
  }

  @Test
  void heartbeatsAreNoLinesAndTellCompleteness() {
    beat(Meter.NOW);
    pass(Duration.ofMillis(100));
    SourceState live = state();
    assertThat(live.kind()).isEqualTo(Kind.SHIPPER);
    assertThat(live.status()).isEqualTo(Status.LIVE);
    assertThat(live.watermark()).isEqualTo(Meter.NOW.minusSeconds(2));
    assertThat(live.lines()).isZero();
    assertThat(meter.read(Topics.LINE_ACCOUNTING, LineCount.class)).isEmpty();
    assertThat(meter.read(Topics.LINE_FATES, LineFate.class)).isEmpty();
    pass(Duration.ofSeconds(5));
    beat(Meter.NOW.plusSeconds(5));
    pass(Duration.ofMillis(100));
    assertThat(state().watermark()).isEqualTo(Meter.NOW.plusSeconds(3));
    assertThat(meter.read(Topics.LINE_FATES, LineFate.class)).isEmpty();
  }

  @Test
  void aLineIsNoHeartbeatWhateverItsHeader() {
    ship(line(), 0, Map.of(RawLine.HEARTBEAT_HEADER, "1/1", RawLine.FILE_HEADER, FILE));
    pass(Duration.ofMillis(100));
    assertThat(meter.events()).hasSize(1);
  }

  @Test
  void completenessWaitsForEveryPartition() {
    meter.driver.advanceWallClockTime(Duration.ofSeconds(300));
    heartbeat(0, Meter.NOW.plusSeconds(100));
    pass(Duration.ofMillis(100));
    assertThat(state().watermark()).isNull();
    heartbeat(1, Meter.NOW);
    pass(Duration.ofMillis(100));
    assertThat(state().watermark()).isEqualTo(Meter.NOW.minusSeconds(2));
    heartbeat(1, Meter.NOW.plusSeconds(200));
    pass(Duration.ofMillis(100));
    assertThat(state().watermark()).isEqualTo(Meter.NOW.plusSeconds(98));
  }

  private void heartbeat(int partition, Instant through) {
    inputs.pipeInput(
        "k", new SourceInput.Heartbeat(SOURCE, partition, 2, through, Meter.NOW, null));
  }

  @Test
  void aSourceFallsSilentIsRetiredAndComesBack() {
    beat(Meter.NOW);
    pass(Duration.ofSeconds(50));
    assertThat(state().status()).isEqualTo(Status.LIVE);
    for (int i = 0; i < 5; i++) {
      pass(Duration.ofSeconds(5));
    }
    assertThat(state().status()).isEqualTo(Status.SILENT);
    retire(SOURCE);
    pass(Duration.ofMillis(100));
    assertThat(result("retire-0").accepted()).isTrue();
    assertThat(state().status()).isEqualTo(Status.RETIRED);
    beat(Meter.NOW.plusSeconds(100));
    pass(Duration.ofMillis(100));
    assertThat(state().status()).isEqualTo(Status.LIVE);
  }

  private void shipped(long from, long to, boolean ended) {
    inputs.pipeInput(
        "k", new SourceInput.Shipped(SOURCE, FILE, from, to, 900, ended, 3, Meter.NOW, null));
  }

  private void shipped(String shipment, Instant at, long from, long to, boolean ended) {
    inputs.pipeInput(
        "k", new SourceInput.Shipped(SOURCE, FILE, from, to, 900, ended, 3, at, shipment));
  }

  private void ends(String shipment, Instant at) {
    for (int partition = 0; partition < 2; partition++) {
      inputs.pipeInput(
          "k",
          new SourceInput.Heartbeat(SOURCE, partition, 2, SourceInput.Heartbeat.END, at, shipment));
    }
  }

  /** What is reported at once overtakes the ends, which travel behind lines that wait. */
  @Test
  void theEndOfOneShipmentIsNotTheEndOfTheNext() {
    shipped("first", Meter.NOW, 0, 900, true);
    shipped("second", Meter.NOW.plusSeconds(2), 0, 300, false);
    ends("first", Meter.NOW.plusSeconds(1));
    pass(Duration.ofMillis(100));
    assertThat(state().status()).isEqualTo(Status.LIVE);
    assertThat(state().watermark()).isNull();
    for (int i = 0; i < 20; i++) {
      pass(Duration.ofSeconds(5));
    }
    assertThat(state().status()).as("its lines may still wait").isEqualTo(Status.SILENT);
    ends("second", Meter.NOW.plusSeconds(3));
    pass(Duration.ofMillis(100));
    assertThat(state().status()).isEqualTo(Status.FINISHED);
  }

  @Test
  void aShipmentThatBrokeOffIsCoveredByTheEndOfALaterOne() {
    shipped("broken", Meter.NOW, 0, 300, false);
    shipped("again", Meter.NOW.plusSeconds(2), 0, 900, true);
    ends("again", Meter.NOW.plusSeconds(2));
    pass(Duration.ofMillis(100));
    assertThat(state().status()).as("it may go on").isEqualTo(Status.LIVE);
    for (int i = 0; i < 14; i++) {
      pass(Duration.ofSeconds(5));
    }
    assertThat(state().status()).isEqualTo(Status.FINISHED);
  }

  /** The machine of the first run had a clock that was ahead; that of the second has not. */
  @Test
  void aShipmentThatBrokeOffIsCoveredWhateverItsClockSaid() {
    shipped("broken", Meter.NOW.plus(Duration.ofDays(365)), 0, 300, false);
    shipped("again", Meter.NOW.plusSeconds(2), 0, 900, true);
    ends("again", Meter.NOW.plusSeconds(2));
    for (int i = 0; i < 14; i++) {
      pass(Duration.ofSeconds(5));
    }
    assertThat(state().status()).isEqualTo(Status.FINISHED);
  }

  /** The end comes behind the lines of earlier reports only. */
  @Test
  void aShipmentThatReportedLaterIsNotCoveredWhateverTheClockOfTheOtherSaid() {
    shipped("first", Meter.NOW.plus(Duration.ofDays(365)), 0, 900, true);
    shipped("broken", Meter.NOW, 0, 300, false);
    ends("first", Meter.NOW.plus(Duration.ofDays(365)));
    for (int i = 0; i < 14; i++) {
      pass(Duration.ofSeconds(5));
    }
    assertThat(state().status()).isEqualTo(Status.SILENT);
  }

  @Test
  void aFileThatIsGoneWithItsWriterIsNotWaitedForUntilItIsThereAgain() {
    heartbeat(0, Meter.NOW);
    heartbeat(1, Meter.NOW);
    heartbeat(0, SourceInput.Heartbeat.FOLLOWED_END);
    pass(Duration.ofMillis(100));
    assertThat(state().status()).as("lines may wait in the other part").isEqualTo(Status.LIVE);
    assertThat(state().watermark()).isEqualTo(Meter.NOW.minusSeconds(2));
    heartbeat(1, SourceInput.Heartbeat.FOLLOWED_END);
    pass(Duration.ofMillis(100));
    assertThat(state().status()).isEqualTo(Status.FINISHED);
    for (int i = 0; i < 14; i++) {
      pass(Duration.ofSeconds(5));
    }
    assertThat(state().status()).as("after the shipper's restart").isEqualTo(Status.FINISHED);
    heartbeat(0, Meter.NOW.plusSeconds(100));
    heartbeat(1, Meter.NOW.plusSeconds(100));
    pass(Duration.ofMillis(100));
    assertThat(state().status()).isEqualTo(Status.LIVE);
  }

  /** Whoever retired it has decided that nothing is to be expected of a file that is not there. */
  @Test
  void aShipperThatGoesOnWaitingForItsFileLeavesTheSourceRetired() {
    heartbeat(0, Meter.NOW);
    heartbeat(1, Meter.NOW);
    for (int i = 0; i < 20; i++) {
      pass(Duration.ofSeconds(5));
    }
    inputs.pipeInput("k", new SourceInput.Retirement(SOURCE, "c", 1, Meter.NOW));
    heartbeat(0, Meter.NOW);
    heartbeat(1, Instant.EPOCH);
    heartbeat(0, SourceInput.Heartbeat.FOLLOWED_END);
    pass(Duration.ofMillis(100));
    assertThat(state().status()).isEqualTo(Status.RETIRED);
    heartbeat(1, Meter.NOW.plusSeconds(99));
    pass(Duration.ofMillis(100));
    assertThat(state().status()).as("the file is there again").isEqualTo(Status.LIVE);
  }

  /** So short a time that silence cannot tell yet. */
  @Test
  void aRetirementRightAfterTheFileWentIsNotTakenBack() {
    heartbeat(0, Meter.NOW);
    heartbeat(1, Meter.NOW);
    for (int i = 0; i < 4; i++) {
      pass(Duration.ofSeconds(5));
    }
    inputs.pipeInput("k", new SourceInput.Retirement(SOURCE, "c", 1, Meter.NOW.plusSeconds(20)));
    heartbeat(0, Meter.NOW.plusMillis(900));
    heartbeat(1, Meter.NOW.plusMillis(900));
    pass(Duration.ofSeconds(5));
    heartbeat(0, Meter.NOW.plusSeconds(20));
    pass(Duration.ofMillis(100));
    assertThat(state().status()).isEqualTo(Status.RETIRED);
    heartbeat(0, Meter.NOW.plusSeconds(21));
    pass(Duration.ofMillis(100));
    assertThat(state().status()).as("it is at work").isEqualTo(Status.LIVE);
  }

  /** Its lines are quarantined, and somebody wants to know why. */
  @Test
  void aGatewayWhoseClockIsAheadIsNamedForAnHour() {
    TokenCounts tokens = new TokenCounts(1, 0, 0, 1, 0);
    ship(line(), 0, Map.of());
    ship(PlainParser.line("sk-x", "m", tokens, Meter.NOW.plusSeconds(900), 1), 99, Map.of());
    ship(PlainParser.line("sk-x", "m", tokens, Meter.NOW.plusSeconds(800), 2), 198, Map.of());
    pass(Duration.ofSeconds(6));
    assertThat(state().clockAheadSeconds()).isEqualTo(900);
    pass(Duration.ofMinutes(59));
    assertThat(state().clockAheadSeconds()).isEqualTo(900);
    pass(Duration.ofMinutes(2));
    assertThat(state().clockAheadSeconds()).isNull();
  }

  @Test
  void theNameOfTheShipmentComesThroughIntake() {
    shipped("first", Meter.NOW, 0, 900, true);
    shipped("second", Meter.NOW, 0, 900, true);
    String end = SourceInput.Heartbeat.END.toEpochMilli() + "/1";
    ship("", -1, Map.of(RawLine.HEARTBEAT_HEADER, end, RawLine.SHIPMENT_HEADER, "first"));
    pass(Duration.ofMillis(100));
    assertThat(state().status()).isEqualTo(Status.LIVE);
    ship("", -1, Map.of(RawLine.HEARTBEAT_HEADER, end, RawLine.SHIPMENT_HEADER, "second"));
    pass(Duration.ofMillis(100));
    assertThat(state().status()).isEqualTo(Status.FINISHED);
  }

  @Test
  void aBackfillOfWhatAnotherShipperSendsIsWaitedFor() {
    ship(line(), 0, Map.of());
    pass(Duration.ofMillis(100));
    assertThat(state().kind()).isEqualTo(Kind.FOREIGN);
    shipped("mine", Meter.NOW, 0, 900, true);
    pass(Duration.ofMillis(100));
    assertThat(state().kind()).isEqualTo(Kind.SHIPPER);
    assertThat(state().watermark()).isNull();
    shipped("other", Meter.NOW, 0, 900, true);
    ends("mine", Meter.NOW);
    ship(line(), 0, Map.of());
    pass(Duration.ofMillis(100));
    assertThat(state().kind()).isEqualTo(Kind.SHIPPER);
    assertThat(state().status()).isEqualTo(Status.LIVE);
    ends("other", Meter.NOW);
    pass(Duration.ofMillis(100));
    assertThat(state().status()).isEqualTo(Status.FINISHED);
  }

  /** A shipper's clock that is ahead. */
  @Test
  void nothingIsCompleteBeforeItHasHappened() {
    beat(Meter.NOW.plus(Duration.ofHours(1)));
    pass(Duration.ofMillis(100));
    assertThat(state().watermark()).isBefore(Meter.NOW);
    pass(Duration.ofMinutes(10));
    assertThat(state().watermark()).isBefore(Meter.NOW);
    heartbeat(0, Meter.NOW.plus(Duration.ofHours(1)));
    heartbeat(1, Meter.NOW.plus(Duration.ofHours(1)));
    pass(Duration.ofMillis(100));
    assertThat(state().watermark())
        .isBetween(Meter.NOW.plus(Duration.ofMinutes(9)), Meter.NOW.plus(Duration.ofMinutes(11)));
  }

  @Test
  void aShipperThatHasReadNothingYetSaysSo() {
    beat(Instant.EPOCH);
    pass(Duration.ofMillis(100));
    assertThat(state().status()).isEqualTo(Status.LIVE);
    assertThat(state().watermark()).isNull();
  }

  @Test
  void aBackfillEndsOnceItsLastWordHasComeThroughEveryPartition() {
    shipped(0, 300, false);
    pass(Duration.ofMillis(100));
    assertThat(state().status()).isEqualTo(Status.LIVE);
    assertThat(state().watermark()).isNull();
    shipped(300, 900, true);
    heartbeat(0, SourceInput.Heartbeat.END);
    pass(Duration.ofMillis(100));
    assertThat(state().status()).as("its lines may wait elsewhere").isEqualTo(Status.LIVE);
    heartbeat(1, SourceInput.Heartbeat.END);
    pass(Duration.ofMillis(100));
    assertThat(state().status()).isEqualTo(Status.FINISHED);
    assertThat(state().watermark()).isNull();
    for (int i = 0; i < 30; i++) {
      pass(Duration.ofSeconds(5));
    }
    assertThat(state().status()).as("nobody waits for it").isEqualTo(Status.FINISHED);

    shipped(0, 300, false);
    pass(Duration.ofMillis(100));
    assertThat(state().status()).as("shipped again").isEqualTo(Status.LIVE);
  }

  @Test
  void theLastWordComesThroughIntake() {
    shipped(0, 900, true);
    beat(SourceInput.Heartbeat.END);
    pass(Duration.ofMillis(100));
    assertThat(state().status()).isEqualTo(Status.FINISHED);
  }

  @Test
  void aBackfillThatBreaksOffFallsSilent() {
    shipped(0, 300, false);
    for (int i = 0; i < 14; i++) {
      pass(Duration.ofSeconds(5));
    }
    assertThat(state().status()).isEqualTo(Status.SILENT);
    shipped(300, 900, true);
    heartbeat(0, SourceInput.Heartbeat.END);
    heartbeat(1, SourceInput.Heartbeat.END);
    pass(Duration.ofMillis(100));
    assertThat(state().status()).isEqualTo(Status.FINISHED);
  }

  @Test
  void aBackfillOfAPathThatIsFollowedDoesNotEndItsShipper() {
    heartbeat(0, Meter.NOW);
    heartbeat(1, Meter.NOW);
    shipped(0, 900, true);
    heartbeat(0, SourceInput.Heartbeat.END);
    heartbeat(1, SourceInput.Heartbeat.END);
    pass(Duration.ofMillis(100));
    assertThat(state().status()).isEqualTo(Status.LIVE);
    assertThat(state().watermark()).isEqualTo(Meter.NOW.minusSeconds(2));
  }

  @Test
  void aPathThatIsFollowedAfterABackfillLivesAgain() {
    shipped(0, 900, true);
    heartbeat(0, SourceInput.Heartbeat.END);
    heartbeat(1, SourceInput.Heartbeat.END);
    heartbeat(0, Meter.NOW);
    pass(Duration.ofMillis(100));
    assertThat(state().status()).isEqualTo(Status.LIVE);
    assertThat(state().watermark()).isNull();
    heartbeat(1, Meter.NOW.plusSeconds(5));
    pass(Duration.ofMillis(100));
    assertThat(state().watermark()).isEqualTo(Meter.NOW.minusSeconds(2));
  }

  /** An earlier version's backfill sent no last word. */
  @Test
  void filesThatEndedLongAgoAreFinishedWithoutAWord() {
    shipped(0, 900, true);
    pass(Duration.ofHours(23));
    assertThat(state().status()).isEqualTo(Status.SILENT);
    pass(Duration.ofHours(2));
    assertThat(state().status()).isEqualTo(Status.FINISHED);
  }

  @Test
  void whatIsNotKnownCannotBeRetired() {
    retire(SOURCE);
    pass(Duration.ofMillis(100));
    CommandResult result = result("retire-0");
    assertThat(result.accepted()).isFalse();
    assertThat(result.problems()).containsExactly("there is no source /var/log/other.log on gw-9");
  }

  private void retire(LineSource source) {
    meter.order("retire-0", "", Catalog.EMPTY, new Order.RetireSource(source));
  }

  private CommandResult result(String id) {
    return meter.read(Topics.COMMAND_RESULTS, CommandResult.class).stream()
        .filter(result -> result.id().equals(id))
        .reduce((first, second) -> second)
        .orElseThrow();
  }

  @Test
  void aCopyUnderAnotherNameFillsTheGap() {
    Instant at = Meter.NOW;
    inputs.pipeInput("k", new SourceInput.Shipped(SOURCE, FILE, 0, 300, 900, false, 3, at, null));
    inputs.pipeInput("k", new SourceInput.Lost(SOURCE, FILE, 300, null, "gone", at));
    pass(Duration.ofMillis(100));
    assertThat(state().gaps())
        .containsExactly(new SourceState.Gap(FILE, 300, 900L, true, at, "gone"));
    LineSource elsewhere = new LineSource("gw-9", "/backup/other.log");
    String copy = "99999999-" + FILE.substring(9);
    inputs.pipeInput(
        "k", new SourceInput.Shipped(elsewhere, copy, 0, 900, 900, false, 9, at, null));
    inputs.pipeInput(
        "k", new SourceInput.Shipped(elsewhere, copy, 900, 950, 950, true, 1, at, null));
    pass(Duration.ofMillis(100));
    SourceState closed = state();
    assertThat(closed.gaps()).isEmpty();
    assertThat(closed.reshippedBytes()).isEqualTo(300);
    assertThat(closed.lines()).isEqualTo(3);
  }
}
