package dev.taximeter.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.topic.Topics;
import dev.taximeter.parse.AccessLogParser;
import dev.taximeter.parse.ParserSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys in every place where a client can write one, and every record that metering makes of it. */
class SecretsNowhereTest {
  private static final String PASSWORD = "correct-horse-battery-9";
  private static final String RANDOM = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";
  private static final String USUAL = "sk-Ab3dEf6hIj9kLm2nOp5q";
  private static final String BASIC =
      Base64.getEncoder().encodeToString(("me:" + PASSWORD).getBytes(StandardCharsets.UTF_8));

  /** Values of the payer's field. */
  private static final List<String> HEADERS =
      List.of(
          USUAL,
          RANDOM,
          "Bearer " + USUAL,
          "bearer " + RANDOM,
          "BEARER " + RANDOM,
          "Basic " + BASIC,
          "ApiKey " + RANDOM);

  private static final List<String> SECRETS = List.of(USUAL, RANDOM, BASIC, PASSWORD, "a prompt");

  private static final String FORGED = "x\",\"user_api_key\":\"somebody-elses-key-000";

  @TempDir private Path stateDirectory;

  private final List<String> lines = new ArrayList<>();

  @Test
  void noRecordButTheRawOneHoldsAKeyOrAPrompt() {
    HEADERS.forEach(this::plant);
    AccessLogParser parser = new AccessLogParser(ParserSettings.defaults());
    Set<String> searched = new TreeSet<>();
    try (Meter meter =
        new Meter(
            stateDirectory,
            (line, source, arrival, doubtful) -> parser.parse(line, arrival, doubtful))) {
      meter.command("load", Meter.catalogue());
      lines.forEach(meter::ship);
      meter.pass(Duration.ofMinutes(1));
      meter.settle();
      Set<String> produced = new TreeSet<>(meter.driver.producedTopicNames());
      for (Topics topic : Topics.values()) {
        // Some are read by the meter itself, which keeps what it has read.
        if (produced.remove(topic.topicName()) && topic != Topics.ACCESS_LOG) {
          search(topic.topicName(), meter.readRaw(topic), searched);
        }
      }
      produced.forEach(topic -> search(topic, meter.readRaw(topic), searched));
    }
    assertThat(searched)
        .contains(
            Topics.USAGE_EVENTS.topicName(),
            Topics.SUSPENSE_ITEMS.topicName(),
            Topics.UNATTRIBUTED_KEYS.topicName(),
            Topics.LINE_FATES.topicName(),
            Topics.ACCESS_LOG_DEAD_LETTERS.topicName());
  }

  /** Everything that a client writes of its own accord repeats the key. */
  private void plant(String header) {
    String secret = header.substring(header.indexOf(' ') + 1);
    String usage = "\\\"input_token\\\":21,\\\"output_token\\\":69,";
    for (String key : List.of(header, "-")) {
      for (String counts : List.of(usage, "")) {
        for (String status : List.of("200", "401")) {
          add(key, secret, counts, status, "agent-" + secret);
          add(key, secret, counts, status, FORGED);
        }
      }
    }
    if (header.startsWith("Basic")) {
      add(header, PASSWORD, usage, "200", "agent");
    }
    lines.add("no line at all of " + header);
    String cut = lines.get(0);
    lines.add(cut.substring(0, cut.length() - 30) + secret);
  }

  private void add(String key, String secret, String counts, String status, String agent) {
    // Nothing tells that a word is a key if the line names none: only those of usual kinds are
    // known.
    boolean unknowable = key.equals("-") && (secret.equals(RANDOM) || secret.equals(BASIC));
    String word = unknowable ? "word" : secret;
    lines.add(
        "{\"ai_log\":\"{\\\"answer\\\":\\\"a prompt\\\",%s\\\"model\\\":\\\"m-%s\\\",\\\"question\\\":\\\"a prompt %s\\\"}\",\"authority\":\"a\",\"bytes_received\":\"1\",\"bytes_sent\":\"2\",\"downstream_local_address\":\"l\",\"downstream_remote_address\":\"r\",\"duration\":\"%d\",\"istio_policy_status\":\"-\",\"method\":\"POST\",\"path\":\"/v1/chat/completions?apikey=%s\",\"protocol\":\"HTTP/1.1\",\"request_id\":\"%s\",\"requested_server_name\":\"-\",\"response_code\":\"%s\",\"response_flags\":\"-\",\"route_name\":\"ai-route-a\",\"start_time\":\"2026-11-20T09:59:00.000Z\",\"trace_id\":\"%s\",\"upstream_cluster\":\"outbound|443||llm-a.internal.dns\",\"upstream_host\":\"1.2.3.4:443\",\"upstream_local_address\":\"l\",\"upstream_service_time\":\"1\",\"upstream_transport_failure_reason\":\"-\",\"user_agent\":\"%s\",\"x_forwarded_for\":\"%s\",\"response_code_details\":\"via_upstream\",\"user_api_key\":\"%s\",\"client_version\":\"%s\"}"
            .formatted(
                counts,
                word,
                secret,
                lines.size(),
                secret,
                word,
                status,
                secret,
                agent,
                secret,
                key,
                secret));
  }

  private static void search(
      String topic, List<TestRecord<byte[], byte[]>> records, Set<String> searched) {
    records.forEach(record -> search(topic, record));
    if (!records.isEmpty()) {
      searched.add(topic);
    }
  }

  private static void search(String topic, TestRecord<byte[], byte[]> record) {
    List<byte[]> parts = new ArrayList<>();
    parts.add(record.key());
    parts.add(record.value());
    for (Header header : record.headers()) {
      parts.add(header.value());
    }
    for (byte[] part : parts) {
      if (part != null) {
        assertThat(new String(part, StandardCharsets.ISO_8859_1)).as(topic).doesNotContain(SECRETS);
      }
    }
  }
}
