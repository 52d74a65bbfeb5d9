package dev.taximeter.ship;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.gateway.LineFormat;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TailShipperTest {
  /** Long enough for a slow machine; nothing passes by waiting. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;
  private Path log;
  private UnreliableKafka kafka = new UnreliableKafka(1, 0);
  private TailShipper shipper;
  private LineFormat format = LineFormat.PLAIN;

  @BeforeEach
  void prepare() {
    log = directory.resolve("access.log");
  }

  @AfterEach
  void close() {
    if (shipper != null) {
      shipper.close();
    }
  }

  @Test
  void shipsLinesWithPositionsAndCounts() throws IOException {
    Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    append("one\ntwo\n");
    start();
    await(() -> kafka.lines().size() == 2);
    append("three\n");
    await(() -> kafka.lines().size() == 3);

    assertThat(kafka.lines().get(1))
        .usingRecursiveComparison()
        .isEqualTo(new RawLine("gw-1", log.toString(), 4, bytes("two")));
    ProducerRecord<byte[], byte[]> record = kafka.committed(Topics.ACCESS_LOG).get(1);
    assertThat(record.key()).isEqualTo(RawLine.checksum(bytes("two")));
    Instant arrival = Instant.ofEpochMilli(record.timestamp());
    assertThat(arrival).isBetween(before, Instant.now());
    assertThat(record.headers().lastHeader(RawLine.TRUNCATED_HEADER)).isNull();
    String shipment =
        new String(
            record.headers().lastHeader(RawLine.SHIPMENT_HEADER).value(),
            StandardCharsets.US_ASCII);
    assertThat(shipment).matches("[0-9a-f]{16}");
    assertThat(kafka.counts().values())
        .allSatisfy(
            count -> {
              assertThat(count.writer()).isEqualTo("shipper");
              assertThat(count.shipment()).isEqualTo(shipment);
              assertThat(count.source()).isEqualTo(new LineSource("gw-1", log.toString()));
              assertThat(count.fates()).isEmpty();
            })
        .extracting(LineCount::hour)
        .contains(arrival.truncatedTo(ChronoUnit.HOURS));
    assertThat(read()).isEqualTo(3);
  }

  @Test
  void heartbeatsFollowTheLinesThroughEveryPartition() throws IOException {
    kafka.setPartitions(2);
    long before = System.currentTimeMillis();
    append("one\n");
    start();
    await(() -> heartbeats().size() >= 2 && kafka.lines().size() == 1);

    List<ProducerRecord<byte[], byte[]>> all = kafka.committed(Topics.ACCESS_LOG);
    assertThat(all.get(0).headers().lastHeader(RawLine.HEARTBEAT_HEADER)).isNull();
    assertThat(heartbeats()).extracting(ProducerRecord::partition).startsWith(0, 1);
    for (ProducerRecord<byte[], byte[]> heartbeat : heartbeats()) {
      RawLine frame = RawLine.fromBytes(heartbeat.value());
      assertThat(frame.host() + frame.path()).isEqualTo("gw-1" + log);
      assertThat(frame.line()).isEmpty();
      String[] value =
          new String(
                  heartbeat.headers().lastHeader(RawLine.HEARTBEAT_HEADER).value(),
                  StandardCharsets.US_ASCII)
              .split("/");
      assertThat(value[1]).isEqualTo("2");
      assertThat(Long.parseLong(value[0])).isBetween(before - 2, System.currentTimeMillis());
    }
    // Soon after the next line, not only after the regular interval.
    int beats = heartbeats().size();
    append("two\n");
    await(() -> heartbeats().size() >= beats + 2);
    assertThat(read()).isEqualTo(2);
  }

  private List<ProducerRecord<byte[], byte[]>> heartbeats() {
    return kafka.committed(Topics.ACCESS_LOG).stream()
        .filter(r -> r.headers().lastHeader(RawLine.HEARTBEAT_HEADER) != null)
        .toList();
  }

  /** Whoever starts anew does not know of the file any more, and would never say its end. */
  @Test
  void theEndOfAFileIsCommittedTogetherWithTheDeletionOfItsPosition() throws IOException {
    kafka.setPartitions(1);
    append("one\n");
    start(directory.resolve("*.log").toString(), Duration.ofSeconds(1));
    await(() -> heartbeats().size() >= 2 && kafka.lines().size() == 1);
    Files.delete(log);
    await(
        () -> kafka.committed(Topics.SHIPPER_POSITIONS).stream().anyMatch(r -> r.value() == null));
    String end = SourceInput.Heartbeat.FOLLOWED_END.toEpochMilli() + "/1";
    List<ProducerRecord<byte[], byte[]>> all = heartbeats();
    assertThat(all.get(all.size() - 1).headers().lastHeader(RawLine.HEARTBEAT_HEADER).value())
        .isEqualTo(bytes(end));
  }

  /** What is stored says that the pattern was looked at, and nothing of the file. */
  @Test
  void anEndThatWasSaidIsTheLastWordOverARestart() throws IOException {
    kafka.setPartitions(1);
    append("one\n");
    String pattern = directory.resolve("*.log").toString();
    start(pattern, Duration.ofSeconds(1));
    await(() -> heartbeats().size() >= 2 && kafka.lines().size() == 1);
    Files.delete(log);
    await(
        () -> kafka.committed(Topics.SHIPPER_POSITIONS).stream().anyMatch(r -> r.value() == null));
    shipper.close();
    assertThat(kafka.positions().values())
        .singleElement()
        .satisfies(
            position -> {
              assertThat(position.path()).isEqualTo(pattern);
              assertThat(position.lookedAt()).isNotNull();
            });
    assertThat(kafka.committed(Topics.SOURCE_INPUTS))
        .extracting(r -> Json.MAPPER.readValue(r.value(), SourceInput.class))
        .as("that it was read to its end is told before it is forgotten")
        .last()
        .isInstanceOfSatisfying(
            SourceInput.Shipped.class,
            shipped -> {
              assertThat(shipped.ended()).isTrue();
              assertThat(shipped.to()).isEqualTo(shipped.size()).isEqualTo(4);
            });
    List<String> said = heartbeatsOf(log);
    String end = SourceInput.Heartbeat.FOLLOWED_END.toEpochMilli() + "/1";
    assertThat(said).endsWith(end);
    start(pattern, Duration.ofSeconds(1));
    Path other = Files.writeString(directory.resolve("other.log"), "two\n");
    await(() -> heartbeatsOf(other).size() >= 2);
    assertThat(heartbeatsOf(log)).isEqualTo(said);

    append("three\n");
    await(() -> kafka.texts().equals(List.of("one", "two", "three")));
    await(() -> !heartbeatsOf(log).get(heartbeatsOf(log).size() - 1).equals(end));
  }

  private List<String> heartbeatsOf(Path file) {
    return heartbeats().stream()
        .filter(r -> RawLine.fromBytes(r.value()).path().equals(file.toString()))
        .map(r -> r.headers().lastHeader(RawLine.HEARTBEAT_HEADER).value())
        .map(value -> new String(value, StandardCharsets.US_ASCII))
        .toList();
  }

  @Test
  void readCountsJoinedLinesOnceAndReportsWhatItShipped() throws IOException {
    format = LineFormat.CRI;
    String at = "2026-11-03T08:14:05Z stdout ";
    append(at + "P o\n" + at + "P n\n" + at + "F e\n" + at + "F two\n");
    start();
    await(() -> kafka.texts().equals(List.of("one", "two")));
    assertThat(read()).isEqualTo(2);
    long size = Files.size(log);
    List<SourceInput> reports =
        kafka.committed(Topics.SOURCE_INPUTS).stream()
            .map(r -> Json.MAPPER.readValue(r.value(), SourceInput.class))
            .toList();
    assertThat(reports)
        .singleElement()
        .isInstanceOfSatisfying(
            SourceInput.Shipped.class,
            shipped -> {
              assertThat(shipped.from()).isZero();
              assertThat(shipped.to()).isEqualTo(size);
              assertThat(shipped.lines()).isEqualTo(2);
              assertThat(shipped.file())
                  .isEqualTo(
                      new String(
                          kafka
                              .committed(Topics.ACCESS_LOG)
                              .get(0)
                              .headers()
                              .lastHeader(RawLine.FILE_HEADER)
                              .value(),
                          StandardCharsets.US_ASCII));
            });
  }

  @Test
  void resumesWithANewShipment() throws IOException {
    append("one\n");
    start();
    await(() -> kafka.lines().size() == 1);
    shipper.close();
    assertThat(shipper.isHealthy()).isFalse();
    append("two\n");
    start();
    await(() -> kafka.lines().size() == 2);

    assertThat(kafka.texts()).containsExactly("one", "two");
    assertThat(kafka.counts().values()).extracting(LineCount::read).containsExactly(1L, 1L);
    assertThat(kafka.counts().values()).extracting(LineCount::shipment).doesNotHaveDuplicates();
  }

  @Test
  void waitsWhileKafkaIsAway() throws IOException {
    kafka.setDown(true);
    append("one\n");
    start();
    await(() -> kafka.failures() > 0);
    assertThat(shipper.isHealthy()).isFalse();
    kafka.setDown(false);
    await(() -> shipper.isHealthy() && kafka.texts().equals(List.of("one")));
    kafka.setDown(true);
    append("two\n");
    await(() -> !shipper.isHealthy());
    assertThat(shipper.state()).startsWith("waiting: ");
    kafka.setDown(false);
    await(() -> shipper.isHealthy() && kafka.texts().equals(List.of("one", "two")));
    assertThat(read()).isEqualTo(2);
  }

  @Test
  void isUnhealthyWhileItMayNotReadItsFile() throws IOException {
    append("one\n");
    Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("---------"));
    if (Files.isReadable(log)) {
      return; // The superuser may read everything.
    }
    start();
    await(() -> shipper.state().contains("permission denied"));
    assertThat(shipper.isHealthy()).isFalse();
  }

  @Test
  void marksALineTooLongToShip() throws IOException {
    append("a\n" + "x".repeat(LineSplitter.LONGEST_LINE_BYTES + 1) + "\nb\n");
    start();
    await(() -> kafka.lines().size() == 3);

    ProducerRecord<byte[], byte[]> record = kafka.committed(Topics.ACCESS_LOG).get(1);
    byte[] line = kafka.lines().get(1).line();
    assertThat(line).hasSize(LineSplitter.TRUNCATED_LINE_BYTES);
    assertThat(record.key()).isEqualTo(RawLine.checksum(line));
    assertThat(record.headers().lastHeader(RawLine.TRUNCATED_HEADER).value()).isEqualTo(bytes("1"));
    assertThat(read()).isEqualTo(3);
  }

  /** Every call may fail, commits with either outcome, while the file grows and rotates. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void shipsEveryLineOnceWhateverKafkaDoes(long seed) throws IOException {
    kafka = new UnreliableKafka(seed, 5);
    Random random = new Random(seed);
    List<String> expected = new ArrayList<>();
    start();
    await(() -> !kafka.committed(Topics.SHIPPER_POSITIONS).isEmpty());
    for (int i = 0; i < 40; i++) {
      StringBuilder text = new StringBuilder();
      for (int j = random.nextInt(4); j >= 0; j--) {
        String line = "line " + expected.size();
        expected.add(line);
        text.append(line).append('\n');
      }
      append(text.toString());
      if (random.nextInt(8) == 0) {
        Files.move(log, directory.resolve("access.log." + (100 - i)));
      }
      int size = expected.size();
      if (random.nextInt(3) == 0) {
        await(() -> kafka.texts().size() >= size);
      }
      if (random.nextInt(10) == 0) {
        shipper.close();
        start();
      }
    }
    await(() -> kafka.texts().size() >= expected.size());
    kafka.failOneIn(0);
    await(shipper::isHealthy);

    assertThat(kafka.texts()).isEqualTo(expected);
    assertThat(read()).isEqualTo(expected.size());
    assertThat(kafka.failures()).isPositive();
  }

  private void start() {
    start(log.toString(), ShipperSettings.DEFAULT_GRACE);
  }

  private void start(String files, Duration grace) {
    ShipperSettings settings =
        new ShipperSettings("gw-1", "default", List.of(files), Duration.ofMillis(2), grace);
    shipper = new TailShipper(settings, kafka, source -> format);
    shipper.start();
  }

  private long read() {
    return kafka.counts().values().stream().mapToLong(LineCount::read).sum();
  }

  private void append(String text) throws IOException {
    Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("gave up waiting").isLessThan(deadline);
      try {
        Thread.sleep(2);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
