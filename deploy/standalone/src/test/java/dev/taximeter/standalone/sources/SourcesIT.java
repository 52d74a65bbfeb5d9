package dev.taximeter.standalone.sources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.event.SourceState;
import dev.taximeter.contract.event.SourceState.Gap;
import dev.taximeter.contract.gateway.GatewayFile;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.contract.topic.TopicAdministration;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.parse.GatewayConfiguration;
import dev.taximeter.ship.Backfill;
import dev.taximeter.ship.BackfillSettings;
import dev.taximeter.ship.ShipperProcess;
import dev.taximeter.ship.ShipperSettings;
import dev.taximeter.ship.TailShipper;
import dev.taximeter.standalone.broker.BrokerProcess;
import dev.taximeter.standalone.landing.JavaProcess;
import dev.taximeter.streams.topology.MeteringSettings;
import dev.taximeter.streams.topology.MeteringStreams;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A collector's file, a real broker, metering, and a shipper that is killed. */
class SourcesIT {
  private static final int PARTITIONS = 2;
  private static final String HOST = "node-1";
  private static final String AT = "2026-11-03T08:14:05.123456789Z stdout ";

  @TempDir private Path directory;
  private Path log;
  private JavaProcess broker;
  private Map<String, Object> kafka;
  private Map<String, String> shipperEnvironment;
  private GatewayFile gateway;
  private MeteringStreams metering;

  @BeforeEach
  void start() throws Exception {
    log = Files.createDirectory(directory.resolve("logs")).resolve("0.log");
    int port = JavaProcess.freePort();
    broker =
        JavaProcess.start(
            BrokerProcess.class,
            Map.of(
                BrokerProcess.DIRECTORY,
                directory.resolve("broker").toString(),
                BrokerProcess.PORT,
                Integer.toString(port),
                BrokerProcess.CONTROLLER_PORT,
                Integer.toString(JavaProcess.freePort()),
                BrokerProcess.PASSWORD_FILE,
                Files.writeString(directory.resolve("password"), "secret").toString()),
            directory.resolve("broker.log"));
    Properties client = new Properties();
    client.putAll(BrokerProcess.client(port, "secret"));
    Path clientFile = directory.resolve("kafka.properties");
    try (OutputStream out = Files.newOutputStream(clientFile)) {
      client.store(out, "");
    }
    kafka = new HashMap<>();
    client.forEach((key, value) -> kafka.put((String) key, value));
    JavaProcess.await(
        "the broker",
        () -> {
          TopicAdministration.ensure(kafka, PARTITIONS, (short) 1, Duration.ofSeconds(10));
          return true;
        });
    Path gatewayFile =
        Files.writeString(directory.resolve("gateway.yaml"), "sources: [{ format: cri }]");
    gateway = GatewayFile.read(gatewayFile, null);
    shipperEnvironment =
        Map.of(
            "TAXIMETER_KAFKA_CONFIG",
            clientFile.toString(),
            "TAXIMETER_LOG_FILES",
            log.toString(),
            "TAXIMETER_HOST_NAME",
            HOST,
            GatewayFile.VARIABLE,
            gatewayFile.toString());
    GatewayConfiguration parsers = GatewayConfiguration.defaults();
    metering =
        new MeteringStreams(
            new MeteringSettings(
                kafka,
                PARTITIONS,
                (short) 1,
                RootSecret.of(new byte[32]),
                directory.resolve("state"),
                1,
                Duration.ofHours(24),
                Duration.ofDays(400),
                Duration.ofHours(2),
                Duration.ofDays(3)),
            (line, source, arrival, doubtful) ->
                parsers.parserFor(source).parse(line, arrival, doubtful),
            false,
            () -> {},
            Duration.ofSeconds(10));
    metering.start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    metering.close();
    broker.close();
  }

  @Test
  void nothingIsLostUnnamedAndWhatIsNamedCanBeShippedAgain() throws Exception {
    Instant begin = Instant.now();
    append("F one\n", "P tw");
    append("\n");
    JavaProcess shipper =
        JavaProcess.start(
            ShipperProcess.class, shipperEnvironment, directory.resolve("shipper.log"));
    JavaProcess.await("the first line", () -> lines().equals(List.of("one")));

    // Killed between two pieces of a line.
    shipper.kill();
    append("F o\n");
    shipper.startAgain();
    JavaProcess.await("the joined line", () -> lines().equals(List.of("one", "two")));

    // Rotated between two pieces of a line.
    append("F three\n", "P fo\n");
    JavaProcess.await("the third line", () -> lines().size() == 3);
    Files.move(log, log.resolveSibling("0.log.20261103"));
    append("F ur\n");
    JavaProcess.await(
        "the line over a rotation", () -> lines().equals(List.of("one", "two", "three", "four")));
    JavaProcess.await("completeness", () -> begin.isBefore(watermark()) && state().lines() == 4);
    assertThat(state().gaps()).isEmpty();

    // Lost by rotation while nobody read it.
    shipper.kill();
    long read = Files.size(log);
    append("F five\n", "F six\n");
    Path copy = directory.resolve("from-backup.log");
    Files.copy(log, copy);
    Files.delete(log);
    append("F seven\n");
    ShipperSettings settings =
        new ShipperSettings(
            HOST, "default", List.of(log.toString()), Duration.ofMillis(20), Duration.ofSeconds(1));
    try (TailShipper successor = new TailShipper(settings, kafka, gateway::formatOf)) {
      successor.start();
      JavaProcess.await("the gap", () -> state().gaps().size() == 1);
      Gap gap = state().gaps().get(0);
      assertThat(gap.from()).isEqualTo(read);
      assertThat(gap.to()).isNull();
      assertThat(gap.openEnded()).isTrue();
      assertThat(gap.file()).matches("[0-9a-f]{8}-[0-9a-f]{16}");

      try (Backfill backfill = new Backfill(new BackfillSettings(HOST, gateway::formatOf), kafka)) {
        assertThat(backfill.ship(List.of(copy), (l, done, total) -> {}).lines()).isEqualTo(3);
      }
      JavaProcess.await("the gap to be closed", () -> state().gaps().isEmpty());
    }
    // "ur" was "four": without its first piece, the copy's first line is a line of its own.
    assertThat(lines())
        .containsExactly("one", "two", "three", "four", "seven", "ur", "five", "six");
    assertThat(readCount()).isEqualTo(8);
    assertThat(state().reshippedBytes()).isEqualTo(read);
  }

  /**
   * The shipper that starts anew knows of the pattern and of its last look, and not of the file.
   */
  @Test
  void anEndThatWasSaidHoldsOverARestartUntilTheFileIsThereAgain() throws Exception {
    String pattern = log.resolveSibling("*.log").toString();
    ShipperSettings settings =
        new ShipperSettings(
            HOST, "default", List.of(pattern), Duration.ofMillis(20), Duration.ofSeconds(1));
    append("F one\n");
    byte[] old = Files.readAllBytes(log);
    try (TailShipper shipper = new TailShipper(settings, kafka, gateway::formatOf)) {
      shipper.start();
      JavaProcess.await("the first line", () -> lines().equals(List.of("one")));
      Files.delete(log);
      JavaProcess.await("the end", () -> state().status() == SourceState.Status.FINISHED);
    }
    // Compressed by a job of the night, later than anybody's last look.
    Path compressed = log.resolveSibling("0.log.20261103-081405.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(compressed))) {
      out.write(old);
    }
    Path other = log.resolveSibling("1.log");
    try (TailShipper successor = new TailShipper(settings, kafka, gateway::formatOf)) {
      successor.start();
      Files.writeString(other, AT + "F other\n");
      JavaProcess.await("the other file", () -> lines().contains("other"));
      JavaProcess.await("what was compressed", this::isCompressedTold);
      assertThat(state().status()).isEqualTo(SourceState.Status.FINISHED);

      append("F two\n");
      JavaProcess.await("the file again", () -> lines().contains("two"));
      JavaProcess.await("its life", () -> state().status() == SourceState.Status.LIVE);
    }
    assertThat(lines()).containsExactly("one", "other", "two");
    assertThat(state().lines()).isEqualTo(2);
    assertThat(state().gaps()).as("it had been read").isEmpty();
  }

  private boolean isCompressedTold() throws InterruptedException {
    return read(Topics.SOURCE_INPUTS).stream()
        .map(record -> Json.MAPPER.readValue(record.value(), SourceInput.class))
        .anyMatch(
            input ->
                input instanceof SourceInput.Lost lost
                    && lost.source().path().equals(log.toString())
                    && lost.reason().contains("compressed"));
  }

  private Instant watermark() throws InterruptedException {
    Instant watermark = state().watermark();
    return watermark == null ? Instant.EPOCH : watermark;
  }

  private SourceState state() throws InterruptedException {
    SourceState latest = null;
    for (ConsumerRecord<byte[], byte[]> record : read(Topics.SOURCES)) {
      SourceState state = Json.MAPPER.readValue(record.value(), SourceState.class);
      latest = state.source().path().equals(log.toString()) ? state : latest;
    }
    return latest;
  }

  /** In the order in which they were shipped. */
  private List<String> lines() throws InterruptedException {
    List<ConsumerRecord<byte[], byte[]>> records = read(Topics.ACCESS_LOG);
    records.removeIf(r -> r.headers().lastHeader(RawLine.HEARTBEAT_HEADER) != null);
    List<String> lines = new ArrayList<>();
    records.stream()
        .sorted(
            java.util.Comparator.<ConsumerRecord<byte[], byte[]>>comparingLong(
                    ConsumerRecord::timestamp)
                .thenComparingLong(r -> offset(r.value())))
        .forEach(
            r -> {
              assertThat(r.headers().lastHeader(RawLine.TRUNCATED_HEADER)).isNull();
              byte[] line = RawLine.fromBytes(r.value()).line();
              lines.add(new String(line, StandardCharsets.UTF_8));
            });
    return lines;
  }

  private static long offset(byte[] frame) {
    return RawLine.fromBytes(frame).offset();
  }

  private long readCount() throws InterruptedException {
    Map<String, Long> counts = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : read(Topics.LINE_ACCOUNTING)) {
      LineCount count = Json.MAPPER.readValue(record.value(), LineCount.class);
      counts.put(count.recordKey(), count.read());
    }
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  private List<ConsumerRecord<byte[], byte[]>> read(Topics topic) throws InterruptedException {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (int i = 0; i < topic.partitionCount(PARTITIONS); i++) {
        partitions.add(new TopicPartition(topic.topicName(), i));
      }
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      consumer.seekToBeginning(partitions);
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    records.removeIf(record -> record.value() == null);
    return records;
  }

  private void append(String... pieces) throws IOException {
    for (String piece : pieces) {
      String text = piece.equals("\n") ? piece : AT + piece;
      Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }
}
