package dev.taximeter.standalone.landing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.DeadLetter;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.LateLine;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.security.ReplayStamp;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.contract.security.Sealer;
import dev.taximeter.contract.topic.TopicAdministration;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.standalone.broker.BrokerProcess;
import dev.taximeter.streams.landing.ClickHouseDeadLetters;
import dev.taximeter.streams.landing.ClickHouseIdentities;
import dev.taximeter.streams.landing.ClickHouseSettings;
import dev.taximeter.streams.landing.Landing;
import dev.taximeter.streams.landing.LandingSettings;
import dev.taximeter.streams.late.KafkaTopicEnds;
import dev.taximeter.streams.late.LateLane;
import dev.taximeter.streams.replay.KafkaLetters;
import dev.taximeter.streams.replay.Replayer;
import dev.taximeter.streams.retention.TopicCleaner;
import dev.taximeter.streams.worker.TransactionalWorker;
import dev.taximeter.streams.worker.WorkerClients;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The late lane and replays between a real broker and a real engine. */
class HistoryWorkersIT {
  private static final int PARTITIONS = 2;
  private static final RootSecret SECRET = RootSecret.of(new byte[32]);
  private static final LineSource SOURCE = new LineSource("gateway-1", "/var/log/access.log");
  private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private static final Instant LONG_AGO = NOW.minus(Duration.ofDays(3));
  private static final Duration HORIZON = Duration.ofHours(24);

  private static RealEngine engine;
  private static JavaProcess broker;
  private static Map<String, Object> kafka;

  @BeforeAll
  static void startServers(@TempDir Path directory) throws Exception {
    engine = RealEngine.start(directory);
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
                Files.writeString(directory.resolve("broker-password"), "secret").toString()),
            directory.resolve("broker.log"));
    kafka = new HashMap<>();
    BrokerProcess.client(port, "secret").forEach((key, value) -> kafka.put((String) key, value));
    JavaProcess.await(
        "the broker",
        () -> {
          TopicAdministration.ensure(kafka, PARTITIONS, (short) 1, Duration.ofSeconds(10));
          return true;
        });
  }

  @AfterAll
  static void stopServers() throws InterruptedException {
    engine.close();
    broker.close();
  }

  private static String id(int number) {
    return "%032x".formatted(number);
  }

  @Test
  void lateLinesGetTheirVerdictsAndDeadLettersComeBack(@TempDir Path state) throws Exception {
    ClickHouseSettings database = engine.writer("workers");
    WorkerClients clients = new WorkerClients(kafka, state);
    try (Landing landing =
            new Landing(new LandingSettings(database, Duration.ofMillis(50)), kafka);
        ClickHouseIdentities identities =
            new ClickHouseIdentities(database, () -> landing.landed().keySet());
        KafkaTopicEnds ends = new KafkaTopicEnds(kafka, PARTITIONS);
        ClickHouseDeadLetters index = new ClickHouseDeadLetters(database);
        KafkaLetters letters = new KafkaLetters(() -> clients.reader("letters"));
        TransactionalWorker lane = lane(clients, identities, ends);
        TransactionalWorker replays = replays(clients, index, letters);
        Producer<String, byte[]> producer = producer();
        Consumer<byte[], byte[]> decided = clients.consumer("test-decided", 100);
        Consumer<byte[], byte[]> raw = clients.consumer("test-raw", 100)) {
      producer.send(record(Topics.LINE_FATES, id(1), fate(id(1), Fate.UNBILLABLE))).get();
      producer.send(record(Topics.LINE_FATES, id(2), fate(id(2), Fate.QUARANTINED))).get();
      producer
          .send(record(Topics.ACCOUNT_INPUTS, "acme", new AccountInput.UsageInput(usage(id(3)))))
          .get();
      landing.start();
      lane.start();
      replays.start();
      decided.subscribe(List.of(Topics.LATE_LINES_DECIDED.topicName()));
      raw.subscribe(List.of(Topics.ACCESS_LOG.topicName()));

      for (int number = 1; number <= 4; number++) {
        producer.send(record(Topics.LATE_LINES, "key-" + number, late(id(number)))).get();
      }
      assertThat(verdicts(decided, 4))
          .isEqualTo(
              Map.of(
                  id(1), "seen",
                  id(2), "only-quarantined",
                  id(3), "seen",
                  id(4), "unseen"));

      engine.kill();
      producer.send(record(Topics.LATE_LINES, "key-5", late(id(5)))).get();
      producer.send(record(Topics.LATE_LINES, "key-1", late(id(1)))).get();
      assertThat(poll(decided, Duration.ofSeconds(3))).isEmpty();
      engine.startAgain();
      assertThat(verdicts(decided, 2)).isEqualTo(Map.of(id(5), "unseen", id(1), "seen"));

      replay(producer, raw);
      assertThat(lane.problem()).isEmpty();
      assertThat(poll(decided, Duration.ofSeconds(1))).as("each once").isEmpty();
      lane.close();
      lateLinesThatExpireUnreadAreNamed(producer);
    }
  }

  /** The late lane commits in a group of its own, which retention has to look at, too. */
  private static void lateLinesThatExpireUnreadAreNamed(Producer<String, byte[]> producer)
      throws Exception {
    try (TopicCleaner before = TopicCleaner.of(kafka, Map::of)) {
      before.start();
      assertThat(before.problems()).isEmpty();
    }
    RecordMetadata sent = producer.send(record(Topics.LATE_LINES, "key-1", late(id(6)))).get();
    TopicPartition partition = new TopicPartition(sent.topic(), sent.partition());
    try (Admin admin = Admin.create(kafka)) {
      admin
          .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(sent.offset() + 1)))
          .all()
          .get();
    }
    try (TopicCleaner cleaner = TopicCleaner.of(kafka, Map::of)) {
      cleaner.start();
      assertThat(cleaner.problems())
          .singleElement()
          .asString()
          .contains(partition.toString(), "before metering read them");
    }
  }

  private static void replay(Producer<String, byte[]> producer, Consumer<byte[], byte[]> raw)
      throws Exception {
    byte[] line = "a line with sk-secret".getBytes(StandardCharsets.UTF_8);
    byte[] frame = new RawLine(SOURCE.host(), SOURCE.path(), 7, line).toBytes();
    DeadLetter letter =
        new DeadLetter(fate(id(2), Fate.QUARANTINED), "x xxxx", new Sealer(SECRET).seal(frame));
    producer.send(record(Topics.ACCESS_LOG_DEAD_LETTERS, id(2), letter)).get();
    JavaProcess.await(
        "the dead letter to land",
        () -> {
          try (ClickHouseDeadLetters index = new ClickHouseDeadLetters(engine.writer("workers"))) {
            return !index.find(List.of(id(2))).isEmpty();
          }
        });
    Instruction order =
        new Instruction(
            "replay-1",
            "admin",
            "",
            NOW,
            1,
            List.of(),
            new Order.Replay(List.of(id(2), id(9))),
            null);
    producer.send(record(Topics.REPLAY_ORDERS, "replay-1", order)).get();
    List<ConsumerRecord<byte[], byte[]>> sent = new ArrayList<>();
    JavaProcess.await(
        "the line to be sent again", () -> sent.addAll(poll(raw, Duration.ofMillis(200))));
    assertThat(sent).hasSize(1);
    assertThat(sent.get(0).value()).isEqualTo(frame);
    assertThat(sent.get(0).key()).isEqualTo(RawLine.checksum(line));
    byte[] stamp = sent.get(0).headers().lastHeader(RawLine.REPLAY_HEADER).value();
    assertThat(new ReplayStamp(SECRET).arrival(stamp, frame, "run-1", "")).isEqualTo(LONG_AGO);
  }

  private static TransactionalWorker lane(
      WorkerClients clients, ClickHouseIdentities identities, KafkaTopicEnds ends) {
    return new TransactionalWorker(
        "late lane",
        Topics.LATE_LINES.topicName(),
        () -> clients.consumer(Topics.LATE_LANE_GROUP, LateLane.MOST_LINES),
        () -> clients.producer(Topics.LATE_LANE_GROUP),
        new LateLane(identities, ends, HORIZON, Duration.ofDays(400), InstantSource.system()));
  }

  private static TransactionalWorker replays(
      WorkerClients clients, ClickHouseDeadLetters index, KafkaLetters letters) {
    return new TransactionalWorker(
        "replay of dead letters",
        Topics.REPLAY_ORDERS.topicName(),
        () -> clients.consumer(Topics.REPLAY_GROUP, 1),
        () -> clients.producer(Topics.REPLAY_GROUP),
        new Replayer(index, letters, SECRET, InstantSource.system()));
  }

  private static List<ConsumerRecord<byte[], byte[]>> poll(
      Consumer<byte[], byte[]> consumer, Duration patience) {
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    consumer.poll(patience).forEach(found::add);
    return found;
  }

  private static Map<String, String> verdicts(Consumer<byte[], byte[]> decided, int count)
      throws InterruptedException {
    Map<String, String> verdicts = new HashMap<>();
    JavaProcess.await(
        "verdicts",
        () -> {
          for (ConsumerRecord<byte[], byte[]> record : poll(decided, Duration.ofMillis(200))) {
            LateLine line = Json.MAPPER.readValue(record.value(), LateLine.class);
            String verdict =
                new String(
                    record.headers().lastHeader(LateLine.VERDICT_HEADER).value(),
                    StandardCharsets.UTF_8);
            assertThat(verdicts.put(line.id(), verdict)).isNull();
          }
          return verdicts.size() >= count;
        });
    return verdicts;
  }

  private static LateLine late(String id) {
    return new LateLine(
        id,
        Instant.now().minus(Duration.ofHours(36)),
        LONG_AGO,
        false,
        null,
        null,
        fate(id, Fate.UNBILLABLE),
        null,
        null,
        0,
        0);
  }

  private static LineFate fate(String id, Fate fate) {
    return new LineFate(
        id, fate, Reason.FOREIGN_LINE, false, null, null, null, LONG_AGO, SOURCE, 7, "run-1", null);
  }

  private static Usage usage(String id) {
    return new Usage(
        id,
        Fate.BILLED,
        "acme-prod",
        null,
        null,
        "qwen-plus",
        new TokenCounts(1, 0, 0, 0, 0),
        LONG_AGO,
        LONG_AGO,
        LONG_AGO,
        SOURCE,
        7,
        "run-1",
        List.of(),
        null);
  }

  private static ProducerRecord<String, byte[]> record(Topics topic, String key, Object value) {
    return new ProducerRecord<>(topic.topicName(), key, Json.MAPPER.writeValueAsBytes(value));
  }

  private static KafkaProducer<String, byte[]> producer() {
    return new KafkaProducer<>(kafka, new StringSerializer(), new ByteArraySerializer());
  }
}
