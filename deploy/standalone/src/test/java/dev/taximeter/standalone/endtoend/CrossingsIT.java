package dev.taximeter.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.Alert;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten thousand thresholds are reached while one process after the other is killed. */
class CrossingsIT {
  private static final int ACCOUNTS = 50;
  private static final int QUOTAS = 8;
  private static final int REQUESTS = 200;
  private static final int STEP_PERCENT = 4;
  private static final int THRESHOLDS = 100 / STEP_PERCENT;
  private static final int BATCH = 100;
  private static final long BATCH_MILLIS = 700;
  private static final long SEED = 11;

  @Test
  void eachThresholdIsToldOnceWhateverIsKilled(@TempDir Path directory) throws Exception {
    Path log = Files.createFile(directory.resolve("access.log"));
    List<String> lines = lines(Instant.now().minus(Duration.ofHours(1)));
    try (RunningInstallation installation =
        RunningInstallation.start(directory, catalog(), List.of(log), "crossings")) {
      try (Killer killer = Killer.of(installation, SEED)) {
        for (int i = 0; i < lines.size(); i += BATCH) {
          if (i + BATCH == lines.size()) {
            RunningInstallation.eventually(
                () ->
                    assertThat(killer.kills()).contains("metering", "broker", "clickhouse", "api"));
          }
          Files.write(log, lines.subList(i, i + BATCH), StandardOpenOption.APPEND);
          Thread.sleep(BATCH_MILLIS);
        }
      }
      installation.awaitConservation(lines.size());
      assertThat(told(installation)).containsExactlyElementsOf(expected());
      RunningInstallation.eventually(() -> assertThat(landed(installation)).isEqualTo(expected()));
      installation.awaitCleanAudit();
    }
  }

  private static String account(int number) {
    return "account-%02d".formatted(number);
  }

  private static String secret(int account) {
    return "sk-crossings-%02d-5e9a7c1f".formatted(account);
  }

  private static String catalog() {
    String thresholds =
        IntStream.rangeClosed(1, THRESHOLDS)
            .mapToObj(i -> Integer.toString(i * STEP_PERCENT))
            .collect(Collectors.joining(", "));
    StringBuilder accounts = new StringBuilder();
    StringBuilder quotas = new StringBuilder();
    for (int i = 0; i < ACCOUNTS; i++) {
      accounts.append(
          "  - { id: %s, name: A, currency: USD, timezone: UTC, plan: plain, keys: [{ name: main, secret: %s }] }\n"
              .formatted(account(i), secret(i)));
      for (int q = 0; q < QUOTAS; q++) {
        quotas.append(
            "  - { id: %s-%d, account: %s, %smetric: requests, window: month, limit: \"%d\", thresholds: [%s] }\n"
                .formatted(
                    account(i),
                    q,
                    account(i),
                    q % 2 == 0 ? "" : "key: main, ",
                    REQUESTS,
                    thresholds));
      }
    }
    return """
        accounts:
        %spriceBooks:
          - id: list
            currency: USD
            prices:
              - { model: "*", effectiveFrom: 2020-01-01T00:00:00Z, perMillion: { input: "1", output: "2" } }
        plans:
          - { id: plain, priceBook: list, perRequest: "0" }
        quotas:
        %s"""
        .formatted(accounts, quotas);
  }

  /** In no order of accounts, and all within a second: so all within a month. */
  private static List<String> lines(Instant at) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < ACCOUNTS * REQUESTS; i++) {
      lines.add(BilledLine.of(i, secret(i % ACCOUNTS), at.plusMillis(i % 1_000)));
    }
    Collections.shuffle(lines, new Random(SEED));
    return lines;
  }

  /** Account, quota, threshold, and how many requests had been counted by then. */
  private static List<String> expected() {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < ACCOUNTS; i++) {
      for (int q = 0; q < QUOTAS; q++) {
        for (int t = 1; t <= THRESHOLDS; t++) {
          int percent = t * STEP_PERCENT;
          expected.add(text(account(i) + "-" + q, percent, REQUESTS * percent / 100));
        }
      }
    }
    Collections.sort(expected);
    assertThat(expected).hasSize(10_000);
    return expected;
  }

  private static String text(String quota, int threshold, long value) {
    return "%s %d%% at %d".formatted(quota, threshold, value);
  }

  /** Every committed record of the topic, so that one that was written twice is there twice. */
  private static List<String> told(RunningInstallation installation) {
    Map<String, Object> kafka = new HashMap<>(installation.system().kafka());
    kafka.put("isolation.level", "read_committed");
    List<String> told = new ArrayList<>();
    TreeSet<String> ids = new TreeSet<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(kafka, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.ALERTS.topicName()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(it -> consumer.position(it) < ends.get(it))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          Alert alert = Json.MAPPER.readValue(record.value(), Alert.class);
          told.add(text(alert.quota(), alert.threshold(), alert.value().longValueExact()));
          ids.add(alert.id());
        }
      }
    }
    assertThat(ids).hasSameSizeAs(told);
    Collections.sort(told);
    return told;
  }

  private static List<String> landed(RunningInstallation installation) throws Exception {
    List<String> landed = new ArrayList<>();
    try (Connection connection = installation.system().clickHouse();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT quota, threshold, value FROM alerts FINAL")) {
      while (row.next()) {
        landed.add(text(row.getString(1), row.getInt(2), row.getBigDecimal(3).longValueExact()));
      }
    }
    Collections.sort(landed);
    return landed;
  }
}
