package dev.taximeter.standalone.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.standalone.instance.Ports.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real broker as the launcher runs it. */
class BrokerIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private static Path folder;
  private static StandaloneProcess broker;

  @BeforeAll
  static void start() throws Exception {
    broker = StandaloneProcess.broker(folder);
  }

  @AfterAll
  static void stop() throws InterruptedException {
    broker.close();
    assertThat(broker.directory().kafka().resolve("log/.kafka_cleanshutdown")).exists();
  }

  @Test
  void featuresThatMeteringReliesOnAreOn() throws Exception {
    try (Admin admin = Admin.create(broker.kafka())) {
      Map<String, FinalizedVersionRange> features =
          admin.describeFeatures().featureMetadata().get().finalizedFeatures();

      assertThat(features.get("transaction.version").maxVersionLevel()).isEqualTo((short) 2);
      assertThat(features.get("streams.version").maxVersionLevel()).isEqualTo((short) 1);
    }
  }

  @Test
  void transactionsAreSeenOnceCommittedAndSurviveAKill() throws Exception {
    String topic = "transactions";
    try (Admin admin = Admin.create(broker.kafka())) {
      admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1))).all().get();
    }
    try (KafkaProducer<String, String> producer = producer("survivor")) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "a", "kept"));
      producer.commitTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "b", "dropped"));
      producer.flush();
      producer.abortTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "c", "open"));
      producer.flush();

      broker.killAndAwaitRestart();

      producer.commitTransaction();
    }
    assertThat(read(topic, 2)).containsExactlyInAnyOrder("kept", "open");

    try (KafkaProducer<String, String> producer = producer("survivor")) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "d", "after"));
      producer.commitTransaction();
    }
    assertThat(read(topic, 3)).containsExactlyInAnyOrder("kept", "open", "after");
  }

  @Test
  void wrongPasswordIsRefused() {
    Map<String, Object> settings = new HashMap<>(broker.kafka());
    settings.computeIfPresent(
        "sasl.jaas.config",
        (key, value) -> ((String) value).replaceFirst("password=\"[^\"]+\"", "password=\"x\""));
    try (Admin admin = Admin.create(settings)) {
      assertThatThrownBy(() -> admin.describeCluster().nodes().get())
          .hasCauseInstanceOf(SaslAuthenticationException.class);
    }
  }

  @Test
  void controllerWantsThePasswordToo() throws Exception {
    Map<String, Object> settings = new HashMap<>(broker.kafka());
    settings.remove("bootstrap.servers");
    settings.put("bootstrap.controllers", "127.0.0.1:" + broker.port(Role.CONTROLLER));
    try (Admin admin = Admin.create(settings)) {
      assertThat(admin.describeCluster().nodes().get()).isNotEmpty();
    }
    settings.computeIfPresent(
        "sasl.jaas.config",
        (key, value) -> ((String) value).replaceFirst("password=\"[^\"]+\"", "password=\"x\""));
    try (Admin admin = Admin.create(settings)) {
      assertThatThrownBy(() -> admin.describeCluster().nodes().get())
          .hasCauseInstanceOf(SaslAuthenticationException.class);
    }
  }

  @Test
  void topicsAreNotMadeByMistake() throws Exception {
    Map<String, Object> settings = new HashMap<>(broker.kafka());
    settings.put("max.block.ms", 2000);
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      assertThatThrownBy(() -> producer.send(new ProducerRecord<>("mistyped", "x")).get())
          .isInstanceOf(Exception.class);
    }
    try (Admin admin = Admin.create(broker.kafka())) {
      assertThatThrownBy(() -> admin.describeTopics(List.of("mistyped")).allTopicNames().get())
          .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
    }
  }

  @Test
  void passwordIsInNoLogAndSettingsAreForTheirOwner() throws Exception {
    String password = Files.readString(broker.directory().kafkaPasswordFile()).strip();

    assertThat(broker.log()).noneMatch(line -> line.contains(password));
    assertThat(
            Files.getPosixFilePermissions(broker.directory().kafka().resolve("server.properties")))
        .hasSize(2);
  }

  private static KafkaProducer<String, String> producer(String transactionalId) {
    Map<String, Object> settings = new HashMap<>(broker.kafka());
    settings.put("transactional.id", transactionalId);
    return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
  }

  private static List<String> read(String topic, int expected) {
    Map<String, Object> settings = new HashMap<>(broker.kafka());
    settings.put("group.id", "reader-" + expected);
    settings.put("auto.offset.reset", "earliest");
    settings.put("isolation.level", "read_committed");
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (values.size() < expected && System.nanoTime() < end) {
        for (ConsumerRecord<String, String> found : consumer.poll(Duration.ofMillis(200))) {
          values.add(found.value());
        }
      }
    }
    return values;
  }
}
