package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.topic.Topics;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ships real files with a real Fluent Bit into a real broker with TLS, a password and rights. */
class FluentBitIT {
  private static final int PARTITIONS = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Shorter than metering's or a producer's patience with a broker. */
  private static final Duration AWAY = Duration.ofSeconds(15);

  @Test
  void everyLineArrivesOnceWithFrameAndKeyAcrossARotation(@TempDir Path folder) throws Exception {
    assumeThat(FluentBit.program())
        .as("no fluent-bit on the path, and TAXIMETER_TEST_FLUENT_BIT names none")
        .isNotNull();
    Path log = folder.resolve("access.log");
    List<byte[]> lines = new ArrayList<>();
    IntStream.range(0, 2_000).forEach(i -> lines.add(line("before " + i)));
    lines.add(new byte[] {'{', (byte) 0xff, (byte) 0xfe, '"', '\\', '\t', '}'});
    lines.add(line("long " + "x".repeat(3_000_000)));
    append(log, lines);
    try (Processes processes = new Processes(folder)) {
      SecuredKafka kafka = SecuredKafka.start(processes, folder.resolve("kafka"));
      try (Admin admin = kafka.admin()) {
        admin
            .createTopics(List.of(Topics.ACCESS_LOG.toNewTopic(PARTITIONS, (short) 1)))
            .all()
            .get();
      }
      int port = Processes.freePort();
      Process fluentBit = FluentBit.start(processes, folder, kafka, "gateway-1", log + "*", port);
      awaitRecords(processes, kafka, lines.size());

      // The gateway renames its file and still appends to it, while the new one grows.
      Path rotated = folder.resolve("access.log.1");
      Files.move(log, rotated);
      List<byte[]> late = Stream.of("late 1", "late 2").map(FluentBitIT::line).toList();
      List<byte[]> after = IntStream.range(0, 500).mapToObj(i -> line("after " + i)).toList();
      append(rotated, late);
      append(log, after);
      lines.addAll(late);
      lines.addAll(after);
      List<ConsumerRecord<byte[], byte[]>> records = awaitRecords(processes, kafka, lines.size());

      List<String> arrived = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> record : records) {
        RawLine line = RawLine.fromBytes(record.value());
        assertThat(record.key()).isEqualTo(RawLine.checksum(line.line()));
        assertThat(record.partition())
            .isEqualTo(Utils.toPositive(Utils.murmur2(record.key())) % PARTITIONS);
        assertThat(line.host()).isEqualTo("gateway-1");
        // Offsets are those of the file that the line is in.
        Path file =
            line.path().equals(log.toString()) && !isIn(log, line) ? rotated : Path.of(line.path());
        assertThat(isIn(file, line)).as(line.path() + " " + line.offset()).isTrue();
        arrived.add(text(line.line()));
      }
      assertThat(arrived)
          .containsExactlyInAnyOrderElementsOf(lines.stream().map(FluentBitIT::text).toList());

      String metrics =
          Processes.get("http://127.0.0.1:%d/api/v2/metrics/prometheus".formatted(port), null)
              .body();
      for (String metric : DeployFiles.sections("metrics.txt").get("fluent-bit")) {
        assertThat(metrics).contains(metric);
      }
      assertThat(
              Processes.get("http://127.0.0.1:%d/api/v1/health".formatted(port), null).statusCode())
          .isEqualTo(200);
      assertThat(processes.stop(fluentBit, PATIENCE)).isZero();

      // Started again it goes on where it was. Only what was renamed under its eyes comes again: at
      // a
      // stop it forgets the positions of such files.
      append(log, List.of(line("again")));
      lines.add(line("again"));
      after = new ArrayList<>(after);
      after.add(line("again"));
      FluentBit.start(processes, folder, kafka, "gateway-1", log + "*", port);
      List<String> both = new ArrayList<>();
      processes.await(
          PATIENCE,
          "fluent-bit",
          () -> {
            both.clear();
            awaitRecords(processes, kafka, lines.size()).forEach(it -> both.add(content(it)));
            return both.contains(text(line("again")));
          });
      assertThat(Set.copyOf(both))
          .isEqualTo(lines.stream().map(FluentBitIT::text).collect(Collectors.toSet()));
      for (byte[] line : after) {
        assertThat(Collections.frequency(both, text(line))).as(text(line)).isOne();
      }
    }
  }

  /** What the library's queue does not hold waits on disk, and follows within seconds. */
  @Test
  void linesWaitForABrokerThatIsAway(@TempDir Path folder) throws Exception {
    assumeThat(FluentBit.program())
        .as("no fluent-bit on the path, and TAXIMETER_TEST_FLUENT_BIT names none")
        .isNotNull();
    Path log = folder.resolve("access.log");
    append(log, List.of(line("first")));
    try (Processes processes = new Processes(folder)) {
      SecuredKafka kafka = SecuredKafka.start(processes, folder.resolve("kafka"));
      try (Admin admin = kafka.admin()) {
        admin
            .createTopics(List.of(Topics.ACCESS_LOG.toNewTopic(PARTITIONS, (short) 1)))
            .all()
            .get();
      }
      int port = Processes.freePort();
      FluentBit.start(processes, folder, kafka, "gateway-1", log + "*", port);
      awaitRecords(processes, kafka, 1);
      String filling = "x".repeat(1_000);
      List<byte[]> lines = IntStream.range(0, 40_000).mapToObj(i -> line(i + filling)).toList();
      kafka.pause();
      try {
        append(log, lines);
        Thread.sleep(AWAY.toMillis());
      } finally {
        kafka.goOn();
      }
      long begin = System.nanoTime();
      List<ConsumerRecord<byte[], byte[]>> records =
          awaitRecords(processes, kafka, lines.size() + 1);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(AWAY.multipliedBy(2));
      assertThat(records.stream().map(FluentBitIT::content).distinct()).hasSize(lines.size() + 1);
      assertThat(
              Processes.get("http://127.0.0.1:%d/api/v2/metrics/prometheus".formatted(port), null)
                  .body())
          .contains("fluentbit_output_dropped_records_total{name=\"taximeter\"} 0\n")
          .doesNotContain("fluentbit_output_retries_total{name=\"taximeter\"} 0\n");
    }
  }

  private static String content(ConsumerRecord<byte[], byte[]> record) {
    return text(RawLine.fromBytes(record.value()).line());
  }

  private static String text(byte[] line) {
    return new String(line, StandardCharsets.ISO_8859_1);
  }

  private static byte[] line(String text) {
    return ("{\"ai_log\":\"" + text + "\"}").getBytes(StandardCharsets.UTF_8);
  }

  private static void append(Path file, List<byte[]> lines) throws Exception {
    try (OutputStream out =
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (byte[] line : lines) {
        out.write(line);
        out.write('\n');
      }
    }
  }

  private static boolean isIn(Path file, RawLine line) throws Exception {
    byte[] content = Files.readAllBytes(file);
    int from = (int) line.offset();
    int to = from + line.line().length;
    return to <= content.length
        && java.util.Arrays.equals(content, from, to, line.line(), 0, line.line().length);
  }

  private static List<ConsumerRecord<byte[], byte[]>> awaitRecords(
      Processes processes, SecuredKafka kafka, int count) throws Exception {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    Map<String, Object> settings = new java.util.HashMap<>();
    // Metering's rights: Fluent Bit may not read.
    kafka.client(KafkaRights.METERING).forEach((name, value) -> settings.put((String) name, value));
    settings.put("auto.offset.reset", "earliest");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          IntStream.range(0, PARTITIONS)
              .mapToObj(i -> new TopicPartition(Topics.ACCESS_LOG.topicName(), i))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      processes.await(
          PATIENCE,
          "fluent-bit",
          () -> {
            consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            return records.size() >= count;
          });
      // Copies would come now.
      for (int i = 0; i < 5; i++) {
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
    }
    return records;
  }
}
