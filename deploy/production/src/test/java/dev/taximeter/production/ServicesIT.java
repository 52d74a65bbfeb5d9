package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taximeter.contract.topic.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Starts the services as the manifests and images do, against a broker with TLS, passwords and the
 * rights of {@link KafkaRights}, and the real ClickHouse engine.
 */
class ServicesIT {
  private static final String TOKEN = "token-of-the-services-test";
  private static final Duration START = Duration.ofMinutes(3);
  private static final Duration METERED = Duration.ofMinutes(2);
  private static final int LINES = 50;

  private static final Map<String, String> SERVICES =
      Map.of("metering", "streams", "billing-api", "billing-api", "shipper", "ingest");

  @Test
  void linesOfTheGatewayBecomeFatesWithTheLeastRights(@TempDir Path folder) throws Exception {
    Path library = engineLibrary();
    assumeThat(library).as("the ClickHouse engine is not installed: ./taximeter test").isNotNull();
    try (Processes processes = new Processes(folder)) {
      SecuredKafka kafka = SecuredKafka.start(processes, folder.resolve("kafka"));
      int clickHouse = startEngine(processes, folder, library);

      Map<String, String> ofMetering =
          adapted(
              KubernetesTest.meteringEnvironment(),
              folder,
              kafka,
              KafkaRights.METERING,
              clickHouse,
              "writer");
      int health = Processes.freePort();
      ofMetering.put("TAXIMETER_HEALTH_PORT", Integer.toString(health));
      Process metering = start(processes, "metering", ofMetering);
      processes.awaitOk(
          metering, "metering", "http://127.0.0.1:%d/readyz".formatted(health), START);

      Map<String, String> ofApi =
          adapted(
              KubernetesTest.apiEnvironment(),
              folder,
              kafka,
              KafkaRights.BILLING_API,
              clickHouse,
              "reader");
      int port = Processes.freePort();
      ofApi.put("TAXIMETER_PORT", Integer.toString(port));
      Process api = start(processes, "billing-api", ofApi);
      String url = "http://127.0.0.1:" + port;
      processes.awaitOk(api, "billing-api", url + "/readyz", START);

      Path log = folder.resolve("access.log");
      write(log, 0);
      Map<String, String> ofShipper =
          Map.of(
              "TAXIMETER_KAFKA_CONFIG", kafka.clientFile(KafkaRights.SHIPPER).toString(),
              "TAXIMETER_LOG_FILES", log.toString(),
              "TAXIMETER_HOST_NAME", "gateway-1");
      Process shipper = start(processes, "shipper", ofShipper);
      awaitFates(processes, url, "shipper", LINES);

      int shipped = LINES;
      if (FluentBit.program() != null) {
        Path other = folder.resolve("other.log");
        write(other, 1);
        FluentBit.start(
            processes, folder, kafka, "gateway-2", other.toString(), Processes.freePort());
        shipped += LINES;
        awaitFates(processes, url, "fluent-bit", shipped);
      }
      if (MonitoringTest.onPath("rsyslogd") != null) {
        Path third = folder.resolve("third.log");
        write(third, 2);
        RsyslogTest.start(processes, folder, kafka, third);
        shipped += LINES;
        awaitFates(processes, url, "rsyslog", shipped);
      }

      assertThat(
              metrics(Processes.get("http://127.0.0.1:%d/metrics".formatted(health), null).body()))
          .containsAll(DeployFiles.sections("metrics.txt").get("metering"));
      assertThat(metrics(Processes.get(url + "/metrics", TOKEN).body()))
          .containsAll(DeployFiles.sections("metrics.txt").get("billing-api"));
      assertHealthCheck("metering", 8081, health);
      assertHealthCheck("billing-api", 8080, port);
      theRawTopicIsMeteringsAlone(kafka);
      assertThat(processes.log("billing-api")).doesNotContain("Not authorized");

      processes.stop(shipper, Duration.ofSeconds(20));
      processes.stop(api, grace("billing-api"));
      assertThat(processes.stop(metering, grace("metering"))).isZero();
    }
  }

  /**
   * What is wrong is said in one sentence, and no orchestrator starts it again in vain for long.
   */
  @Test
  void aServiceWithoutSettingsEndsWithTwoAndSaysWhy(@TempDir Path folder) throws Exception {
    try (Processes processes = new Processes(folder)) {
      for (String service : SERVICES.keySet()) {
        Process process = start(processes, service, Map.of());
        assertThat(process.waitFor()).as(service).isEqualTo(2);
        assertThat(processes.log(service)).contains("TAXIMETER_").contains("is not set");
      }
    }
  }

  private static Process start(Processes processes, String service, Map<String, String> environment)
      throws Exception {
    Matcher entry =
        Pattern.compile("AS " + service + "\n.*?ENTRYPOINT (\\[.*?])", Pattern.DOTALL)
            .matcher(DeployFiles.text("containers/Dockerfile"));
    assertThat(entry.find()).isTrue();
    List<?> command = DeployFiles.JSON.readValue(entry.group(1), List.class);
    return processes.java(
        service, SERVICES.get(service), (String) command.get(command.size() - 1), environment);
  }

  static Path engineLibrary() {
    Path cache =
        Path.of(
            System.getenv()
                .getOrDefault("XDG_CACHE_HOME", System.getProperty("user.home") + "/.cache"),
            "taximeter/engine");
    return DeployFiles.newest(cache, "libchdb.so");
  }

  static int startEngine(Processes processes, Path folder, Path library) throws Exception {
    int port = Processes.freePort();
    Process engine =
        processes.java(
            "engine",
            "deploy/standalone",
            "dev.taximeter.standalone.engine.EngineProcess",
            Map.of(
                "TAXIMETER_ENGINE_LIBRARY", library.toString(),
                "TAXIMETER_ENGINE_DIR", folder.resolve("clickhouse").toString(),
                "TAXIMETER_ENGINE_PORT", Integer.toString(port),
                "TAXIMETER_CLICKHOUSE_PASSWORD_FILE", file(folder, "writer", "writer"),
                "TAXIMETER_CLICKHOUSE_READER_PASSWORD_FILE", file(folder, "reader", "reader"),
                "TZ", "UTC"));
    processes.awaitOk(engine, "engine", "http://127.0.0.1:%d/ping".formatted(port), START);
    return port;
  }

  private static String file(Path folder, String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, content);
    return file.toString();
  }

  /** The manifest's settings; only addresses, paths and the number of brokers differ. */
  private static Map<String, String> adapted(
      Map<String, String> manifest,
      Path folder,
      SecuredKafka kafka,
      String user,
      int clickHouse,
      String password)
      throws IOException {
    Map<String, String> environment = new HashMap<>(manifest);
    environment.put("TAXIMETER_KAFKA_CONFIG", kafka.clientFile(user).toString());
    environment.put("TAXIMETER_REPLICATION", "1");
    environment.put("TAXIMETER_PARTITIONS", "2");
    environment.put(
        "TAXIMETER_ROOT_SECRET_FILE", file(folder, "root-secret", "0123456789abcdef".repeat(4)));
    environment.put(
        "TAXIMETER_CLICKHOUSE_URL", "jdbc:clickhouse:http://127.0.0.1:%d/".formatted(clickHouse));
    environment.put("TAXIMETER_CLICKHOUSE_PASSWORD_FILE", folder.resolve(password).toString());
    environment.computeIfPresent(
        "TAXIMETER_STATE_DIR", (name, value) -> folder.resolve("state").toString());
    environment.computeIfPresent("TAXIMETER_HEALTH_ADDRESS", (name, value) -> "127.0.0.1");
    environment.computeIfPresent("TAXIMETER_ADDRESS", (name, value) -> "127.0.0.1");
    if (environment.containsKey("TAXIMETER_ADMIN_TOKEN_FILE")) {
      environment.put("TAXIMETER_ADMIN_TOKEN_FILE", file(folder, "admin-token", TOKEN));
    }
    if (environment.containsKey("TAXIMETER_GATEWAY_CONFIG")) {
      JsonNode gateway =
          DeployFiles.documents(DeployFiles.deploy("kubernetes/base/settings.yaml")).get(1);
      environment.put(
          "TAXIMETER_GATEWAY_CONFIG",
          file(folder, "gateway.yaml", gateway.at("/data/gateway.yaml").asText()));
    }
    return environment;
  }

  /** Lines as a gateway with the format of deploy/higress writes them: JSON, numbers as numbers. */
  private static void write(Path log, int series) throws IOException {
    List<String> lines = new ArrayList<>();
    Instant start = Instant.now().minusSeconds(60).truncatedTo(ChronoUnit.SECONDS);
    for (int i = 0; i < LINES; i++) {
      lines.add(
          """
          {"ai_log":"{\\"api\\":\\"-\\",\\"chat_id\\":\\"c-%1$d-%2$d\\",\\"chat_round\\":1,\\"input_token\\":21,\\"input_token_details\\":{},\\"llm_service_duration\\":900,\\"model\\":\\"qwen-plus\\",\\"output_token\\":69,\\"output_token_details\\":{},\\"response_type\\":\\"normal\\",\\"total_token\\":90}","start_time":"%3$s.%2$09dZ","duration":961,"response_code":200,"response_flags":"-","bytes_received":213,"bytes_sent":4410,"upstream_cluster":"outbound|443||llm-qwen.internal.dns","upstream_host":"192.0.2.18:443","upstream_local_address":"10.0.0.5:32932","downstream_local_address":"10.0.0.5:8080","downstream_remote_address":"203.0.113.7:51422","route_name":"ai-route-qwen.internal","protocol":"HTTP/1.1","method":"POST","response_code_details":"via_upstream","upstream_service_time":"301","upstream_transport_failure_reason":null,"user_api_key":"sk-demo-%1$d","authority":"llm.example.com","path":"/v1/chat/completions","request_id":"r-%1$d-%2$d","requested_server_name":null,"trace_id":null,"user_agent":"OpenAI/Python","x_forwarded_for":"203.0.113.7","client_version":null}
          """
              .strip()
              .formatted(series, i, start.toString().replace("Z", "")));
    }
    Files.write(log, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /**
   * Nobody knows the keys: all lines are unattributed, none is missing, none quarantined. Only
   * Taximeter's own shipper counts what it reads.
   */
  private static void awaitFates(Processes processes, String url, String name, int count)
      throws Exception {
    processes.await(
        METERED,
        name,
        () -> {
          String text = Processes.get(url + "/metrics", TOKEN).body();
          return value(text, "taximeter_lines_read_total") == LINES
              && value(text, "taximeter_lines_total{fate=\"unattributed\"}") == count
              && value(text, "taximeter_lines_residual") == 0;
        });
  }

  private static double value(String metrics, String series) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElse(Double.NaN);
  }

  private static Set<String> metrics(String text) {
    Set<String> names = new TreeSet<>();
    text.lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(line -> names.add(line.split("[{ ]", 2)[0]));
    return names;
  }

  /** The image's health check, run as Docker runs it. */
  private static void assertHealthCheck(String service, int inImage, int here) throws Exception {
    Matcher check =
        Pattern.compile("AS " + service + "\n.*?CMD (\\[\"bash\".*?\\])\n", Pattern.DOTALL)
            .matcher(DeployFiles.text("containers/Dockerfile"));
    assertThat(check.find()).isTrue();
    List<String> command = new ArrayList<>();
    for (Object word : DeployFiles.JSON.readValue(check.group(1), List.class)) {
      command.add(((String) word).replace("/" + inImage + " ", "/" + here + " "));
    }
    assertThat(new ProcessBuilder(command).start().waitFor()).as(service).isZero();
    command.replaceAll(word -> word.replace("/livez", "/nothing-there"));
    assertThat(new ProcessBuilder(command).start().waitFor()).as(service).isNotZero();
  }

  private static void theRawTopicIsMeteringsAlone(SecuredKafka kafka) throws IOException {
    for (String user :
        List.of(KafkaRights.BILLING_API, KafkaRights.SHIPPER, KafkaRights.FLUENT_BIT)) {
      Map<String, Object> settings = new HashMap<>();
      kafka.client(user).forEach((name, value) -> settings.put((String) name, value));
      try (KafkaConsumer<byte[], byte[]> consumer =
          new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
        List<TopicPartition> first = List.of(new TopicPartition(Topics.ACCESS_LOG.topicName(), 0));
        consumer.assign(first);
        consumer.seekToBeginning(first);
        assertThatThrownBy(() -> consumer.poll(Duration.ofSeconds(10)))
            .as(user)
            .isInstanceOf(TopicAuthorizationException.class);
      }
    }
  }

  private static Duration grace(String service) {
    String file = "kubernetes/base/" + service + ".yaml";
    return Duration.ofSeconds(
        DeployFiles.documents(DeployFiles.deploy(file)).stream()
            .map(document -> document.at("/spec/template/spec/terminationGracePeriodSeconds"))
            .filter(JsonNode::isInt)
            .findFirst()
            .orElseThrow()
            .asInt());
  }
}
