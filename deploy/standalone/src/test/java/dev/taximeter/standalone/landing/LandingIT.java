package dev.taximeter.standalone.landing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountRecord;
import dev.taximeter.contract.event.AccountState;
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
import dev.taximeter.contract.topic.TopicAdministration;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.standalone.broker.BrokerProcess;
import dev.taximeter.streams.landing.ClickHouseSettings;
import dev.taximeter.streams.landing.Landing;
import dev.taximeter.streams.landing.LandingSettings;
import dev.taximeter.streams.landing.Schema;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real broker, a real engine, and what happens to one of them while records land. */
class LandingIT {
  private static final int PARTITIONS = 2;
  private static final YearMonth MONTH = YearMonth.of(2026, 11);
  private static final Instant START = Instant.parse("2026-10-31T23:59:00Z");
  private static final String TRICKY = "it's\n\n\\ a \"path\"\twith ✓";

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

  @Test
  void everythingLandsOnceWhateverIsKilled() throws Exception {
    ClickHouseSettings database = engine.writer("landing");
    migrateTwiceAtOnce(database);
    LandingSettings settings = new LandingSettings(database, Duration.ofMillis(50));
    try (KafkaProducer<String, byte[]> producer = producer()) {
      producer.initTransactions();
      try (Landing landing = new Landing(settings, kafka)) {
        assertThat(landing.problem()).isPresent();
        landing.start();
        send(producer, 1, 15_000);
        JavaProcess.await("the first rows", () -> count("usage_events") > 0);
        assertThat(landing.isHealthy()).isTrue();

        engine.kill();
        send(producer, 15_001, 16_000);
        JavaProcess.await("the failure to be noticed", () -> !landing.isHealthy());
        assertThat(landing.problem().orElseThrow()).startsWith("ClickHouse did not ");
        engine.startAgain();
        JavaProcess.await("recovery", landing::isHealthy);
        awaitLanded();
      }
      // A successor goes on where the other stopped, also behind what it stopped before.
      send(producer, 16_001, 16_500);
      producer.beginTransaction();
      producer.send(event(99_999));
      producer.flush();
      producer.abortTransaction();
      producer.beginTransaction();
      producer.send(
          new ProducerRecord<>(
              Topics.USAGE_EVENTS.topicName(),
              0,
              "acme",
              "no record".getBytes(StandardCharsets.UTF_8)));
      producer.commitTransaction();
      try (Landing landing = new Landing(settings, kafka)) {
        landing.start();
        awaitLanded();
      }
    }
    assertThat(count("usage_events FINAL")).isEqualTo(16_500);
    assertThat(value("SELECT uniqExact(sequence) FROM landing.usage_events")).isEqualTo("16500");
    assertThat(value("SELECT max(sequence) FROM landing.usage_events")).isEqualTo("16500");
    assertThat(value("SELECT toUInt64(sum(cost)) FROM landing.usage_events FINAL")).isEqualTo("33");
    assertThat(value("SELECT uniqExact(toYYYYMM(completion)) FROM landing.usage_events"))
        .isEqualTo("2");
    assertThat(value("SELECT DISTINCT path FROM landing.usage_events")).isEqualTo(TRICKY);
    assertThat(value("SELECT `charges.price_version`[1] FROM landing.usage_events LIMIT 1"))
        .isEqualTo(TRICKY);
    assertThat(value("SELECT sum(requests) FROM landing.usage_windows FINAL")).isEqualTo("16500");
    assertThat(value("SELECT sequence FROM landing.account_states FINAL")).isEqualTo("16500");
    assertThat(value("SELECT quantity FROM landing.bill_lines FINAL")).isEqualTo("16500");
    assertThat(count("landing_rejects FINAL")).isEqualTo(1);
  }

  @Test
  void aTopicThatWasCreatedAnewLandsAsOrdered() throws Exception {
    ClickHouseSettings database = engine.writer("replaced");
    try (Landing landing =
        new Landing(new LandingSettings(database, Duration.ofMillis(50)), kafka)) {
      landing.start();
      sendJunk(3);
      JavaProcess.await("three rejects", () -> rejects("replaced") == 3);

      createAnew(Topics.LINE_FATES);
      sendJunk(1);
      JavaProcess.await("the other topic to be noticed", () -> !landing.isHealthy());
      JavaProcess.await(
          "the way out", () -> landing.problem().orElse("").contains("TAXIMETER_LANDING_RESUME="));
      assertThat(landing.problem().orElseThrow())
          .contains(
              "landing of line.fates.v1-0 has stopped: the topic was deleted and created anew")
          .endsWith("TAXIMETER_LANDING_RESUME=line.fates.v1#1@earliest");
      assertThat(rejects("replaced")).isEqualTo(3);
    }
    LandingSettings ordered =
        new LandingSettings(
            database, Duration.ofMillis(50), "line.fates.v1#1@earliest", Duration.ofDays(400));
    try (Landing landing = new Landing(ordered, kafka)) {
      landing.start();
      // What had landed, the report of the decision, and the record of the new topic.
      JavaProcess.await("all of it", () -> rejects("replaced") == 5);
      assertThat(landing.problem()).isEmpty();
      assertThat(landing.gaps()).singleElement().asString().contains("as ordered");
    }
    createAnew(Topics.LINE_FATES);
  }

  @Test
  void aWipedClickHouseIsFilledAgainWhileLandingRuns() throws Exception {
    ClickHouseSettings database = engine.writer("wiped");
    try (Landing landing =
        new Landing(new LandingSettings(database, Duration.ofMillis(50)), kafka)) {
      landing.start();
      sendJunk(3);
      JavaProcess.await("three rejects", () -> rejects("wiped") == 3);

      execute(engine.writer("default"), "DROP DATABASE wiped SYNC");
      JavaProcess.await("the same once more", () -> rejects("wiped") == 3);
      JavaProcess.await("recovery", landing::isHealthy);
    }
    createAnew(Topics.LINE_FATES);
  }

  /** Records that can only be rejected: their number is easily seen. */
  private static void sendJunk(int records) throws Exception {
    Map<String, Object> settings = new HashMap<>(kafka);
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < records; i++) {
        byte[] junk = ("no record " + i).getBytes(StandardCharsets.UTF_8);
        producer.send(new ProducerRecord<>(Topics.LINE_FATES.topicName(), 0, "key", junk)).get();
      }
    }
  }

  private static void createAnew(Topics topic) throws Exception {
    try (Admin admin = Admin.create(kafka)) {
      admin.deleteTopics(List.of(topic.topicName())).all().get();
    }
    JavaProcess.await(
        "the topic",
        () -> {
          TopicAdministration.ensure(kafka, PARTITIONS, (short) 1, Duration.ofSeconds(10));
          return true;
        });
  }

  private static long rejects(String database) throws SQLException {
    return Long.parseLong(value("SELECT count() FROM " + database + ".landing_rejects FINAL"));
  }

  @Test
  void aDatabaseOfAnotherVersionIsRefused() throws Exception {
    ClickHouseSettings database = engine.writer("newer");
    Schema.migrate(database);
    execute(
        database, "INSERT INTO schema_migrations (version, name, checksum) VALUES (99, 'x', 'y')");
    assertThatThrownBy(() -> Schema.migrate(database))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("used by a newer one");
    execute(
        database, "INSERT INTO schema_migrations (version, name, checksum) VALUES (1, 'x', 'y')");
    assertThatThrownBy(() -> Schema.migrate(database))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("another version of step 1");
  }

  private static void migrateTwiceAtOnce(ClickHouseSettings database) {
    Runnable migration =
        () -> {
          try {
            Schema.migrate(database);
          } catch (SQLException e) {
            throw new IllegalStateException(e);
          }
        };
    CompletableFuture.allOf(
            CompletableFuture.runAsync(migration), CompletableFuture.runAsync(migration))
        .join();
  }

  /** Events one by one, then the account's window and state, in transactions. */
  private static void send(KafkaProducer<String, byte[]> producer, int first, int last) {
    for (int begin = first; begin <= last; begin += 1_000) {
      int end = Math.min(last, begin + 999);
      producer.beginTransaction();
      for (int sequence = begin; sequence <= end; sequence++) {
        producer.send(event(sequence));
      }
      producer.send(record(Topics.USAGE_WINDOWS, 0, window(end)));
      producer.send(record(Topics.ACCOUNT_STATES, 0, month(end)));
      producer.send(record(Topics.ACCOUNT_STATES, 0, state(end)));
      producer.commitTransaction();
    }
  }

  private static ProducerRecord<String, byte[]> event(long sequence) {
    BigDecimal cost = new BigDecimal("0.002");
    Usage usage =
        new Usage(
            "%032x".formatted(sequence),
            Fate.BILLED,
            "acme-prod",
            null,
            null,
            "qwen-plus",
            new TokenCounts(1, 0, 0, 0, 0),
            START.plusMillis(sequence * 10),
            START,
            START,
            new LineSource("gateway-1", TRICKY),
            sequence,
            "run-1",
            List.of("tampered", TRICKY),
            null);
    UsageEvent event =
        new UsageEvent(
            "acme",
            sequence,
            usage,
            "USD",
            cost,
            false,
            List.of(new UsageEvent.Charge(TokenClass.INPUT, "qwen-plus", TRICKY, 1, cost)));
    // Over both partitions, so that batches hold several ranges.
    return record(Topics.USAGE_EVENTS, (int) (sequence % PARTITIONS), event);
  }

  private static UsageWindows window(long sequence) {
    return new UsageWindows(
        "acme",
        "acme-prod",
        "qwen-plus",
        "USD",
        List.of(
            new UsageWindows.Part(
                UsageWindow.Granularity.HOUR,
                UsageWindow.Granularity.HOUR.startOf(START, ZoneOffset.UTC),
                1,
                sequence,
                sequence,
                new TokenCounts(sequence, 0, 0, 0, 0),
                BigDecimal.ONE)),
        List.of());
  }

  private static AccountRecord.Month month(long sequence) {
    AccountState.BillLine line =
        new AccountState.BillLine("qwen-plus", TokenClass.INPUT, "v", sequence, BigDecimal.ONE);
    return new AccountRecord.Month("acme", MONTH, sequence, List.of(line));
  }

  private static AccountRecord.Summary state(long sequence) {
    return new AccountRecord.Summary(
        "acme",
        sequence,
        1,
        "USD",
        "UTC",
        BigDecimal.ONE,
        sequence,
        List.of(),
        List.of(new AccountRecord.MonthTotals(MONTH, sequence, 0, 0, sequence)),
        START);
  }

  private static ProducerRecord<String, byte[]> record(Topics topic, int partition, Object value) {
    return new ProducerRecord<>(topic.topicName(), partition, "acme", bytes(value));
  }

  private static KafkaProducer<String, byte[]> producer() {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put("transactional.id", "landing-test");
    return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
  }

  /** Until the stored positions have passed everything, markers of transactions included. */
  private static void awaitLanded() throws InterruptedException {
    JavaProcess.await(
        "everything to land",
        () -> {
          try (Admin admin = Admin.create(kafka)) {
            Map<TopicPartition, OffsetSpec> partitions = new HashMap<>();
            for (int partition = 0; partition < PARTITIONS; partition++) {
              partitions.put(
                  new TopicPartition(Topics.USAGE_EVENTS.topicName(), partition),
                  OffsetSpec.latest());
            }
            partitions.put(
                new TopicPartition(Topics.ACCOUNT_STATES.topicName(), 0), OffsetSpec.latest());
            partitions.put(
                new TopicPartition(Topics.USAGE_WINDOWS.topicName(), 0), OffsetSpec.latest());
            var ends = admin.listOffsets(partitions).all().get();
            for (TopicPartition partition : partitions.keySet()) {
              String stored =
                  value(
                      "SELECT max(next_offset) FROM landing.landing_progress WHERE topic = '%s' AND partition = %d"
                          .formatted(partition.topic(), partition.partition()));
              if (Long.parseLong(stored) != ends.get(partition).offset()) {
                return false;
              }
            }
            return true;
          }
        });
  }

  private static long count(String table) throws SQLException {
    return Long.parseLong(value("SELECT count() FROM landing." + table));
  }

  private static String value(String query) throws SQLException {
    try (Connection connection = engine.reader("system").connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      assertThat(row.next()).isTrue();
      String value = row.getString(1);
      assertThat(row.next()).isFalse();
      return value;
    }
  }

  private static void execute(ClickHouseSettings database, String statement)
      throws SQLException, IOException {
    try (Connection connection = database.connect();
        Statement running = connection.createStatement()) {
      running.execute(statement);
    }
  }

  private static byte[] bytes(Object value) {
    if (value instanceof UsageEvent event) {
      return PackedEvents.encode(List.of(event));
    }
    return value instanceof UsageWindows windows
        ? PackedWindows.encode(windows)
        : Json.MAPPER.writeValueAsBytes(value);
  }
}
