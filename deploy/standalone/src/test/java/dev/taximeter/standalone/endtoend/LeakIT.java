package dev.taximeter.standalone.endtoend;

import static dev.taximeter.standalone.demo.AccessLogField.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.audit.Audit;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.standalone.backfill.BackfillReport;
import dev.taximeter.standalone.demo.AccessLogLine;
import dev.taximeter.standalone.demo.AiLog;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Raw API keys and what people ask and are answered stay in the raw topic: everything else that the
 * four processes leave behind is searched for them, decompressed. (Request ids and model names are
 * kept as logged: a client that writes a secret there publishes it itself.)
 */
class LeakIT {
  private static final String FIELD_KEY = "sk-leak-field-58a1c07be2d94f36";
  private static final String JSON_KEY = "sk-leak-json-1f6e02c9b7a84d53";
  private static final String UNKNOWN_KEY = "sk-leak-unknown-90b3d6417ca2e85f";
  private static final String QUERY_KEY = "sk-leak-query-7d20f9e84b163ac5";
  private static final String FORGED_KEY = "sk-leak-forged-c3815e6fa09b2d74";
  private static final String BROKEN_KEY = "sk-leak-broken-26fb94d07e1c8a35";
  private static final String QUESTION = "leak-question-ee41-where-is-the-treasure";
  private static final String ANSWER = "leak-answer-77ab-under-the-old-oak-tree";
  private static final List<String> SECRETS =
      List.of(
          FIELD_KEY, JSON_KEY, UNKNOWN_KEY, QUERY_KEY, FORGED_KEY, BROKEN_KEY, QUESTION, ANSWER);

  /** Is not secret: a search that finds it looks where it should. */
  private static final String HARMLESS = "leaktest-account";

  private static final String CATALOG =
      """
      accounts:
        - id: %s
          name: Leak test
          currency: USD
          timezone: UTC
          plan: plain
          keys:
            - { name: field, secret: %s }
            - { name: json, secret: %s }
      priceBooks:
        - id: list
          currency: USD
          prices:
            - { model: "*", effectiveFrom: 2026-01-01T00:00:00Z, perMillion: { input: "1", output: "2" } }
      plans:
        - { id: plain, priceBook: list, perRequest: "0" }
      """
          .formatted(HARMLESS, FIELD_KEY, JSON_KEY);

  private int serial;

  @Test
  void nothingSecretLeavesTheRawTopic(@TempDir Path directory) throws Exception {
    Path log = directory.resolve("access.log");
    List<String> lines = lines();
    try (RunningInstallation installation =
        RunningInstallation.start(directory, CATALOG, List.of(log), "leak")) {
      Path file = Files.write(directory.resolve("history.log"), lines);
      BackfillReport report = installation.ship(file);
      assertThat(report.billed()).isPositive();
      assertThat(report.quarantined()).isPositive();
      assertThat(report.unattributed()).isPositive();
      // The follower ships the same once more, and some that it reads first.
      List<String> followed = new ArrayList<>(lines);
      followed.addAll(lines());
      Files.write(log, followed);
      installation.awaitConservation(report.read() + followed.size());

      searchTopics(installation);
      searchTables(installation);
      searchAnswers(installation);
      installation.stop();
      searchFiles(installation);
    }
  }

  /** One line of each kind that holds a secret somewhere. */
  private List<String> lines() {
    String injected = "x\",\"user_api_key\":\"" + FORGED_KEY + "\",\"z\":\"x";
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      lines.add(line().set(USER_API_KEY, FIELD_KEY).text());
      lines.add(line().set(USER_API_KEY, JSON_KEY).json());
      lines.add(line().set(USER_API_KEY, UNKNOWN_KEY).text());
      String path = "/v1/chat/completions?apikey=" + QUERY_KEY + "&x=1";
      lines.add(line().set(USER_API_KEY, FIELD_KEY).set(PATH, path).text());
      lines.add(line().set(USER_API_KEY, FIELD_KEY).set(PATH, path).json());
      lines.add(line().set(USER_API_KEY, FIELD_KEY).set(USER_AGENT, injected).text());
      lines.add(line().set(USER_API_KEY, FIELD_KEY).set(CLIENT_VERSION, injected).text());
      lines.add(line().set(USER_API_KEY, "Bearer " + UNKNOWN_KEY).text());
      lines.add("{\"user_api_key\":\"" + BROKEN_KEY + "\",\"question\":\"" + QUESTION + i);
      lines.add(i + " [error] cannot parse " + BROKEN_KEY + " " + QUESTION + " " + ANSWER);
      String whole = line().set(USER_API_KEY, FIELD_KEY).text();
      lines.add(whole.substring(0, whole.indexOf("\"authority\"") - 30));
      lines.add(line().set(USER_API_KEY, FIELD_KEY).set(RESPONSE_CODE, BROKEN_KEY).text());
      lines.add(line().set(USER_API_KEY, FIELD_KEY).set(START_TIME, QUESTION).text());
    }
    return lines;
  }

  private AccessLogLine line() {
    serial++;
    Instant start = Instant.now().minus(Duration.ofHours(2)).plusMillis(serial);
    return new AccessLogLine()
        .aiLog(
            new AiLog()
                .set("answer", ANSWER)
                .set("api", "-")
                .set("chat_id", "chatcmpl-" + serial)
                .set("input_token", 10)
                .set("messages", List.of(Map.of("role", "user", "content", QUESTION)))
                .set("model", "qwen-plus")
                .set("output_token", 5)
                .set("question", QUESTION)
                .set("response_type", "normal")
                .set("total_token", 15))
        .set(AUTHORITY, "llm.example.com")
        .times(start, 100)
        .set(METHOD, "POST")
        .set(PATH, "/v1/chat/completions")
        .set(PROTOCOL, "HTTP/1.1")
        .set(REQUEST_ID, "request-" + serial)
        .set(RESPONSE_CODE, 200)
        .set(BYTES_SENT, 400)
        .set(ROUTE_NAME, "ai-route-qwen.internal")
        .set(UPSTREAM_CLUSTER, "outbound|443||llm-qwen.internal.dns")
        .set(UPSTREAM_HOST, "192.0.2.18:443")
        .set(RESPONSE_CODE_DETAILS, "via_upstream");
  }

  /** Every record of every topic, internal ones and changelogs too, as Kafka decompresses them. */
  private static void searchTopics(RunningInstallation installation) throws Exception {
    Map<String, Object> kafka = new HashMap<>(installation.system().kafka());
    Map<String, Set<String>> found = new TreeMap<>();
    Set<String> topics;
    try (Admin admin = Admin.create(kafka)) {
      topics = admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get();
    }
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(kafka, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      for (String topic : topics) {
        found.put(topic, search(consumer, topic));
      }
    }
    assertThat(found.keySet())
        .contains("__consumer_offsets")
        .anyMatch(topic -> topic.endsWith("-changelog"));
    assertThat(found.remove(Topics.ACCESS_LOG.topicName())).containsAll(SECRETS);
    assertThat(found.get(Topics.USAGE_EVENTS.topicName())).contains(HARMLESS);
    found.forEach(
        (topic, texts) ->
            assertThat(texts).as("topic " + topic).doesNotContainAnyElementsOf(SECRETS));
  }

  private static Set<String> search(KafkaConsumer<byte[], byte[]> consumer, String topic) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    Set<String> found = new TreeSet<>();
    while (partitions.stream().anyMatch(it -> consumer.position(it) < ends.get(it))) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : new byte[][] {record.key(), record.value()}) {
          all.writeBytes(part == null ? new byte[0] : part);
          all.write('\n');
        }
        for (Header header : record.headers()) {
          all.writeBytes(header.value() == null ? new byte[0] : header.value());
          all.write('\n');
        }
        found.addAll(secretsIn(all.toByteArray()));
      }
    }
    return found;
  }

  /** Every column of every row. */
  private static void searchTables(RunningInstallation installation) throws Exception {
    Map<String, Set<String>> found = new TreeMap<>();
    try (Connection connection = installation.system().clickHouse();
        Statement statement = connection.createStatement()) {
      List<String> tables = new ArrayList<>();
      try (ResultSet row =
          statement.executeQuery(
              "SELECT database || '.' || name FROM system.tables"
                  + " WHERE engine LIKE '%MergeTree'")) {
        while (row.next()) {
          tables.add(row.getString(1));
        }
      }
      for (String table : tables) {
        Set<String> texts = new TreeSet<>();
        for (String text : all()) {
          String sql =
              "SELECT count() FROM %s AS t WHERE position(toString(tuple(t.*)), '%s') > 0"
                  .formatted(table, text);
          try (ResultSet row = statement.executeQuery(sql)) {
            assertThat(row.next()).isTrue();
            if (row.getLong(1) > 0) {
              texts.add(text);
            }
          }
        }
        found.put(table, texts);
      }
    }
    assertThat(found).hasSizeGreaterThan(8);
    assertThat(found.get("taximeter.usage_events")).contains(HARMLESS);
    found.forEach(
        (table, texts) ->
            assertThat(texts).as("table " + table).doesNotContainAnyElementsOf(SECRETS));
  }

  /** What the API tells an administrator, and what the audit prints. */
  private static void searchAnswers(RunningInstallation installation) throws Exception {
    Map<String, String> answers = new TreeMap<>();
    JsonNode document = installation.api().get("/v1/openapi.json");
    for (String path : document.path("paths").propertyNames()) {
      if (document.path("paths").path(path).has("get")
          && !path.contains("{")
          && !path.contains("live")) {
        try {
          answers.put(path, installation.api().get(path).toString());
        } catch (java.io.IOException e) {
          // Some ask for parameters; the problem is searched like an answer.
          answers.put(path, String.valueOf(e.getMessage()));
        }
      }
    }
    for (String path :
        List.of("balance", "bills/" + java.time.YearMonth.now(java.time.ZoneOffset.UTC))) {
      String address = "/v1/accounts/" + HARMLESS + "/" + path;
      answers.put(address, installation.api().get(address).toString());
    }
    try (Connection connection = installation.system().clickHouse()) {
      answers.put("audit", new Audit(connection).run(null, null).toJson());
    }
    assertThat(answers).hasSizeGreaterThan(4);
    assertThat(answers.get("/v1/accounts")).contains(HARMLESS);
    answers.forEach(
        (name, answer) -> assertThat(answer).as("answer of " + name).doesNotContain(SECRETS));
  }

  /** Bytes as they lie on disk: state stores, ClickHouse's files, logs, journals. */
  private static void searchFiles(RunningInstallation installation) throws Exception {
    Path root = installation.data().root();
    String rawTopic = Topics.ACCESS_LOG.topicName() + "-";
    List<String> found = new ArrayList<>();
    long searched = 0;
    boolean harmless = false;
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String folder = file.getParent().getFileName().toString();
        if (folder.matches(java.util.regex.Pattern.quote(rawTopic) + "\\d+")) {
          continue;
        }
        searched++;
        Collection<String> texts = secretsIn(Files.readAllBytes(file));
        harmless |= texts.remove(HARMLESS);
        texts.forEach(text -> found.add(root.relativize(file) + " holds " + text));
      }
    }
    assertThat(found).isEmpty();
    assertThat(harmless).as("an account's name is somewhere in plain").isTrue();
    assertThat(searched).isGreaterThan(100);
  }

  private static List<String> all() {
    List<String> all = new ArrayList<>(SECRETS);
    all.add(HARMLESS);
    return all;
  }

  /** Which of the texts are in these bytes. */
  private static Set<String> secretsIn(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    Set<String> found = new TreeSet<>();
    for (String each : all()) {
      if (text.contains(each)) {
        found.add(each);
      }
    }
    return found;
  }
}
