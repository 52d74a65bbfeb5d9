package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taximeter.contract.topic.Topics;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
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
 * rights of {@link KafkaRights}, and the real ClickHouse engine. Each road from a gateway's log has
 * an account of its own, whose bill must be what the test itself computes.
 */
class ServicesIT {
  private static final String TOKEN = "token-of-the-services-test";
  private static final Duration START = Duration.ofMinutes(3);
  private static final Duration SHIPPERS_GRACE = Duration.ofSeconds(20);
  private static final Duration FLUENT_BITS_GRACE = Duration.ofSeconds(40);
  private static final Duration METERED = Duration.ofMinutes(2);
  private static final int LINES = 50;

  /** More than an idempotent producer sends before it has an answer. */
  private static final int PIECES = 12;

  /** 21 tokens at 0.40 and 69 at 1.20 a million, and 0.0001 for the request. */
  private static final BigDecimal PRICE_OF_A_LINE = new BigDecimal("0.0001912");

  private static final String CATALOG =
      """
      accounts:
        - { id: shipper, currency: USD, timezone: UTC, plan: all, keys: [ { name: a, secret: sk-demo-0 } ] }
        - { id: fluent-bit, currency: USD, timezone: UTC, plan: all, keys: [ { name: b, secret: sk-demo-1 } ] }
        - { id: rsyslog, currency: USD, timezone: UTC, plan: all, keys: [ { name: c, secret: sk-demo-2 } ] }
        - { id: envoy, currency: USD, timezone: UTC, plan: all, keys: [ { name: d, secret: %s } ] }
        - { id: victim, currency: USD, timezone: UTC, plan: all, keys: [ { name: e, secret: %s } ] }
      priceBooks:
        - id: list
          currency: USD
          prices:
            - { model: "qwen-*", effectiveFrom: 2026-01-01T00:00:00Z, perMillion: { input: "0.40", output: "1.20" } }
      plans:
        - { id: all, priceBook: list, perRequest: "0.0001" }
      """
          .formatted(Envoy.KEY, EnvoyIT.VICTIM);

  private static final Map<String, String> SERVICES =
      Map.of("metering", "streams", "billing-api", "billing-api", "shipper", "ingest");

  @Test
  void eachRoadEndsInItsBillWithTheLeastRights(@TempDir Path folder) throws Exception {
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
      int gate = Processes.freePort();
      ofApi.put("TAXIMETER_GATE_PORT", Integer.toString(gate));
      Process api = start(processes, "billing-api", ofApi);
      String url = "http://127.0.0.1:" + port;
      processes.awaitOk(api, "billing-api", url + "/readyz", START);

      assertThat(Processes.put(url + "/v1/catalog", TOKEN, "application/yaml", CATALOG))
          .isEqualTo(200);

      Roads roads = new Roads(processes, url);
      Process shipper = shippersRoad(roads, folder, kafka);
      int fluentBit = Processes.freePort();
      if (FluentBit.program() != null) {
        fluentBitsRoad(roads, folder, kafka, fluentBit);
      }
      if (MonitoringTest.onPath("rsyslogd") != null) {
        rsyslogsRoad(roads, folder, kafka);
      }
      if (Envoy.program() != null) {
        envoysRoad(roads, folder, kafka);
      }
      roads.assertNobodyElsePays();

      assertThat(
              metrics(Processes.get("http://127.0.0.1:%d/metrics".formatted(health), null).body()))
          .containsExactlyInAnyOrderElementsOf(DeployFiles.sections("metrics.txt").get("metering"));
      assertThat(Processes.get("http://127.0.0.1:%d/".formatted(gate), null).statusCode())
          .as("a gateway's question without a key")
          .isEqualTo(403);
      List<String> ofApiAndGate =
          new ArrayList<>(DeployFiles.sections("metrics.txt").get("billing-api"));
      ofApiAndGate.addAll(DeployFiles.sections("metrics.txt").get("gate"));
      assertThat(metrics(Processes.get(url + "/metrics", TOKEN).body()))
          .containsExactlyInAnyOrderElementsOf(ofApiAndGate);
      if (Prometheus.isHere()) {
        monitored(processes, folder, health, port, fluentBit);
      }
      assertHealthCheck("metering", 8081, health);
      assertHealthCheck("billing-api", 8080, port);
      theRawTopicIsMeteringsAlone(kafka);
      assertThat(processes.log("billing-api")).doesNotContain("Not authorized");

      processes.stop(shipper, SHIPPERS_GRACE);
      processes.stop(api, grace("billing-api"));
      assertThat(processes.stop(metering, grace("metering"))).isZero();
    }
  }

  private static void monitored(
      Processes processes, Path folder, int metering, int api, int fluentBit) throws Exception {
    Map<String, Integer> targets =
        new HashMap<>(Map.of("metering:8081", metering, "billing-api:8080", api));
    List<String> scraped = new ArrayList<>(List.of("taximeter_"));
    if (FluentBit.program() != null) {
      targets.put("fluent-bit:2020", fluentBit);
      scraped.add("fluentbit_");
    }
    String body = "{\"name\":\"prometheus\",\"role\":\"viewer\"}";
    String tokens = "http://127.0.0.1:%d/v1/tokens".formatted(api);
    String viewer =
        DeployFiles.JSON
            .readTree(Processes.send("POST", tokens, TOKEN, "application/json", body).body())
            .path("secret")
            .asText();
    Prometheus.start(processes, folder, targets, viewer).assertPanelsShowSomething(scraped);
  }

  private static Process shippersRoad(Roads roads, Path folder, SecuredKafka kafka)
      throws Exception {
    Path log = folder.resolve("access.log");
    write(log, 0, 0);
    Process killed = shipper(roads.processes(), kafka, "shipper", "gateway-1", log);
    roads.awaitBill("shipper", LINES);
    killed.destroyForcibly().waitFor();
    write(log, 0, LINES);
    Files.move(log, folder.resolve("access.log.1"));
    write(log, 0, 2 * LINES);
    Process shipper = shipper(roads.processes(), kafka, "shipper-again", "gateway-1", log);
    roads.awaitBill("shipper", 3 * LINES);
    return shipper;
  }

  private static void fluentBitsRoad(Roads roads, Path folder, SecuredKafka kafka, int port)
      throws Exception {
    Path log = folder.resolve("other.log");
    Path rotated = folder.resolve("other.log.1");
    write(log, 1, 0);
    Process killed = fluentBit(roads, folder, kafka, log, port);
    roads.awaitBill("fluent-bit", LINES);
    killed.destroyForcibly().waitFor();
    // Rotation while it is away.
    write(log, 1, LINES);
    Files.move(log, rotated);
    write(log, 1, 2 * LINES);
    Process stopped = fluentBit(roads, folder, kafka, log, port);
    roads.awaitBill("fluent-bit", 3 * LINES);
    // Rotation while it looks: the gateway still has the old file open.
    Files.move(rotated, folder.resolve("other.log.2"));
    Files.move(log, rotated);
    write(rotated, 1, 3 * LINES);
    write(log, 1, 4 * LINES);
    roads.awaitBill("fluent-bit", 5 * LINES);
    // At a stop it forgets the positions of files that were renamed under its eyes: copies.
    assertThat(roads.processes().stop(stopped, FLUENT_BITS_GRACE)).isZero();
    write(log, 1, 5 * LINES);
    killed = fluentBit(roads, folder, kafka, log, port);
    roads.awaitBill("fluent-bit", 6 * LINES);
    loseWhatTheLibraryHolds(roads, killed, kafka, log, port);
    fluentBit(roads, folder, kafka, log, port);
    int written = (6 + PIECES) * LINES;
    write(log, 1, written);
    roads.awaitGap("gateway-2");
    // As the runbook says.
    Process backfill =
        roads
            .processes()
            .java(
                "backfill",
                "ingest",
                List.of("dev.taximeter.ship.BackfillProcess", log.toString()),
                Map.of(
                    "TAXIMETER_KAFKA_CONFIG",
                    kafka.clientFile(KafkaRights.SHIPPER).toString(),
                    "TAXIMETER_HOST_NAME",
                    "gateway-2"));
    assertThat(backfill.waitFor()).as(roads.processes().log("backfill")).isZero();
    roads.awaitBill("fluent-bit", written + LINES);
    roads.awaitNoGap("gateway-2");
  }

  /** A broker that does not answer gets the first requests; the others die with the process. */
  private static void loseWhatTheLibraryHolds(
      Roads roads, Process fluentBit, SecuredKafka kafka, Path log, int port) throws Exception {
    String metric = "fluentbit_output_proc_records_total{name=\"taximeter\"}";
    String address = "http://127.0.0.1:%d/api/v2/metrics/prometheus".formatted(port);
    double before = value(Processes.get(address, null).body(), metric);
    kafka.pause();
    try {
      for (int i = 0; i < PIECES; i++) {
        write(log, 1, (6 + i) * LINES);
        Thread.sleep(300);
      }
      roads
          .processes()
          .await(
              FLUENT_BITS_GRACE,
              "fluent-bit",
              () -> value(Processes.get(address, null).body(), metric) >= before + PIECES * LINES);
      fluentBit.destroyForcibly().waitFor();
    } finally {
      kafka.goOn();
    }
  }

  private static Process fluentBit(Roads roads, Path folder, SecuredKafka kafka, Path log, int port)
      throws IOException {
    return FluentBit.start(roads.processes(), folder, kafka, "gateway-2", log + "*", port);
  }

  private static void rsyslogsRoad(Roads roads, Path folder, SecuredKafka kafka) throws Exception {
    Path log = folder.resolve("third.log");
    write(log, 2, 0);
    Process killed = RsyslogTest.start(roads.processes(), folder, kafka, log);
    roads.awaitBill("rsyslog", LINES);
    killed.destroyForcibly().waitFor();
    write(log, 2, LINES);
    RsyslogTest.start(roads.processes(), folder, kafka, log);
    roads.awaitBill("rsyslog", 2 * LINES);
    // Rotation while it looks: the gateway still has the old file open.
    Path rotated = folder.resolve("third.log.1");
    Files.move(log, rotated);
    write(rotated, 2, 2 * LINES);
    write(log, 2, 3 * LINES);
    roads.awaitBill("rsyslog", 4 * LINES);
  }

  private static void envoysRoad(Roads roads, Path folder, SecuredKafka kafka) throws Exception {
    String format = "safe-json";
    List<List<String>> attacks = EnvoyIT.attacks();
    try (Envoy envoy = Envoy.start(roads.processes(), folder, List.of(format))) {
      Process killed =
          shipper(roads.processes(), kafka, "envoy-shipper", "gateway-4", envoy.log(format));
      for (List<String> attack : attacks) {
        envoy.request(format, attack);
      }
      envoy.leave(format);
      // The first line is that of the probe.
      int requests = attacks.size() + 2;
      roads.awaitBill("envoy", requests);
      killed.destroyForcibly().waitFor();
      envoy.rotate(format);
      for (List<String> attack : attacks) {
        envoy.request(format, attack);
      }
      Process shipper =
          shipper(roads.processes(), kafka, "envoy-shipper-again", "gateway-4", envoy.log(format));
      roads.awaitBill("envoy", requests + attacks.size());
      roads.processes().stop(shipper, SHIPPERS_GRACE);
    }
  }

  private static Process shipper(
      Processes processes, SecuredKafka kafka, String name, String host, Path log)
      throws Exception {
    return start(
        processes,
        name,
        "shipper",
        Map.of(
            "TAXIMETER_KAFKA_CONFIG", kafka.clientFile(KafkaRights.SHIPPER).toString(),
            "TAXIMETER_LOG_FILES", log.toString(),
            "TAXIMETER_HOST_NAME", host));
  }

  /** What the roads have brought so far, and the bills that follow from it. */
  private record Roads(Processes processes, String url, Map<String, Integer> lines) {
    Roads(Processes processes, String url) {
      this(processes, url, new HashMap<>());
    }

    /** All lines ever shipped by this road are on its bill, and no line is without a fate. */
    void awaitBill(String account, int count) throws Exception {
      lines.put(account, count);
      int all = lines.values().stream().mapToInt(Integer::intValue).sum();
      processes.await(
          METERED,
          account,
          () -> {
            String text = Processes.get(url + "/metrics", TOKEN).body();
            return value(text, "taximeter_lines_total{fate=\"billed\"}") == all
                && value(text, "taximeter_lines_residual") == 0
                && billed(account).compareTo(price(count)) == 0;
          });
    }

    /** A hole in the offsets that lasts is named. */
    void awaitGap(String host) throws Exception {
      processes.await(METERED, "fluent-bit", () -> gaps(host) > 0);
    }

    void awaitNoGap(String host) throws Exception {
      processes.await(METERED, "fluent-bit", () -> gaps(host) == 0);
    }

    private long gaps(String host) throws Exception {
      String page = Processes.get(url + "/v1/sources/gaps", TOKEN).body();
      return DeployFiles.JSON.readTree(page).get("items").findValuesAsText("host").stream()
          .filter(host::equals)
          .count();
    }

    void assertNobodyElsePays() throws Exception {
      for (String account : List.of("shipper", "fluent-bit", "rsyslog", "envoy", "victim")) {
        assertThat(billed(account))
            .as(account)
            .isEqualByComparingTo(price(lines.getOrDefault(account, 0)));
      }
      String text = Processes.get(url + "/metrics", TOKEN).body();
      for (String fate : List.of("unattributed", "unbillable", "suspense", "quarantined")) {
        assertThat(value(text, "taximeter_lines_total{fate=\"%s\"}".formatted(fate)))
            .as(fate)
            .isIn(0.0, Double.NaN);
      }
    }

    private static BigDecimal price(int count) {
      return PRICE_OF_A_LINE.multiply(BigDecimal.valueOf(count));
    }

    /** Of this month and the last: a test may begin in one and end in the other. */
    private BigDecimal billed(String account) throws Exception {
      YearMonth now = YearMonth.now(ZoneOffset.UTC);
      BigDecimal sum = BigDecimal.ZERO;
      for (YearMonth month : List.of(now.minusMonths(1), now)) {
        String bill =
            Processes.get("%s/v1/accounts/%s/bills/%s".formatted(url, account, month), TOKEN)
                .body();
        sum =
            sum.add(new BigDecimal(DeployFiles.JSON.readTree(bill).at("/exactTotal").asText("0")));
      }
      return sum;
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
    return start(processes, service, service, environment);
  }

  private static Process start(
      Processes processes, String name, String service, Map<String, String> environment)
      throws Exception {
    Matcher entry =
        Pattern.compile("AS " + service + "\n.*?ENTRYPOINT (\\[.*?])", Pattern.DOTALL)
            .matcher(DeployFiles.text("containers/Dockerfile"));
    assertThat(entry.find()).isTrue();
    List<?> command = DeployFiles.JSON.readValue(entry.group(1), List.class);
    return processes.java(
        name, SERVICES.get(service), (String) command.get(command.size() - 1), environment);
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
  private static void write(Path log, int series, int from) throws IOException {
    List<String> lines = new ArrayList<>();
    Instant start = Instant.now().minusSeconds(60).truncatedTo(ChronoUnit.SECONDS);
    for (int i = from; i < from + LINES; i++) {
      lines.add(
          """
          {"ai_log":"{\\"api\\":\\"-\\",\\"chat_id\\":\\"c-%1$d-%2$d\\",\\"chat_round\\":1,\\"input_token\\":21,\\"input_token_details\\":{},\\"llm_service_duration\\":900,\\"model\\":\\"qwen-plus\\",\\"output_token\\":69,\\"output_token_details\\":{},\\"response_type\\":\\"normal\\",\\"total_token\\":90}","start_time":"%3$s.%2$09dZ","duration":961,"response_code":200,"response_flags":"-","bytes_received":213,"bytes_sent":4410,"upstream_cluster":"outbound|443||llm-qwen.internal.dns","upstream_host":"192.0.2.18:443","upstream_local_address":"10.0.0.5:32932","downstream_local_address":"10.0.0.5:8080","downstream_remote_address":"203.0.113.7:51422","route_name":"ai-route-qwen.internal","protocol":"HTTP/1.1","method":"POST","response_code_details":"via_upstream","upstream_service_time":"301","upstream_transport_failure_reason":null,"user_api_key":"sk-demo-%1$d","authority":"llm.example.com","path":"/v1/chat/completions","request_id":"r-%1$d-%2$d","requested_server_name":null,"trace_id":null,"user_agent":"OpenAI/Python","x_forwarded_for":"203.0.113.7","client_version":null}
          """
              .strip()
              .formatted(series, i, start.toString().replace("Z", "")));
    }
    Files.write(log, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
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
