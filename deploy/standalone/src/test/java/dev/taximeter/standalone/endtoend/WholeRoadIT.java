package dev.taximeter.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.api.audit.Audit;
import dev.taximeter.api.audit.AuditReport;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.security.GateIdentity;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.standalone.backfill.BackfillCommand;
import dev.taximeter.standalone.backfill.BackfillReport;
import dev.taximeter.standalone.backfill.BackfillRun;
import dev.taximeter.standalone.backfill.RestClient;
import dev.taximeter.standalone.backfill.RunningSystem;
import dev.taximeter.standalone.doctor.Doctor;
import dev.taximeter.standalone.doctor.Finding;
import dev.taximeter.standalone.endtoend.Tariff.Customer;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.instance.Instance.ProcessIdentity;
import dev.taximeter.standalone.supervisor.RunningStack;
import dev.taximeter.standalone.supervisor.StageListener;
import dev.taximeter.standalone.supervisor.Supervisor;
import dev.taximeter.standalone.supervisor.UpOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/**
 * The four real processes, from log lines to bills, against an oracle that shares no code with
 * them. {@code -Dtaximeter.lines=200000} makes the first load bigger.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WholeRoadIT {
  private static final int LINES = Integer.getInteger("taximeter.lines", 20_000);
  private static final int LINES_WHILE_KILLED = 4_000;
  private static final int TAILED_LINES = 3_000;
  private static final List<String> PROCESSES = List.of("metering", "clickhouse", "api", "broker");
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final int DUPLICATE_PERCENT = 5;
  private static final int BROKEN_PERCENT = 2;

  private static final long PAUSE_MILLIS = 20;

  /** Long enough for any machine: only a failure waits for its end. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Instant to =
      Instant.now().minus(Duration.ofHours(1)).truncatedTo(ChronoUnit.SECONDS);
  private final Instant from = to.minus(Duration.ofDays(45));
  private final Tariff tariff =
      Tariff.usual(to.minus(Duration.ofDays(20)).truncatedTo(ChronoUnit.HOURS));
  private final Oracle oracle = new Oracle(tariff);

  @TempDir private static Path directory;
  private DataDirectory data;
  private Path log;
  private RunningStack stack;
  private RunningSystem system;
  private RestClient api;
  private Answers answers;
  private int gatePort;

  @BeforeAll
  void start() throws Exception {
    data = new DataDirectory(directory.resolve("data"));
    log = directory.resolve("access.log");
    Path catalog = directory.resolve("catalog.yaml");
    Files.writeString(catalog, tariff.yaml());
    stack =
        Supervisor.start(
            UpOptions.of(data)
                .withCatalog(catalog)
                .withLogs(List.of(log))
                .withGatePort(gatePort = freePort()),
            new Silence());
    stack.awaitReady();
    system = new RunningSystem(data);
    api = system.api();
    answers = new Answers(api, tariff, from, to);
  }

  /** The processes' logs outlive the test, since a failure is rarely explained without them. */
  @AfterAll
  void stop() throws IOException {
    if (stack != null) {
      stack.stop();
    }
    Path kept = Files.createDirectories(Path.of("target", "endtoend-logs"));
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(data.logs())) {
      for (Path file : logs) {
        Files.copy(file, kept.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  @Test
  @Order(1)
  void aBackfillIsCountedAndPricedExactly() throws Exception {
    Path file = directory.resolve("history.log");
    LoadGenerator load = load(1);
    load.write(file, LINES, DUPLICATE_PERCENT, BROKEN_PERCENT);

    BackfillReport report = new BackfillRun(system, null).ship(List.of(file));

    assertFates(report, load);
    answers.assertMatch(oracle);
  }

  @Test
  @Order(2)
  void theSameFileAgainIsAllDuplicate() throws Exception {
    StringWriter output = new StringWriter();
    int exit =
        new CommandLine(new BackfillCommand())
            .setOut(new PrintWriter(output))
            .execute(
                "--data-dir", data.root().toString(), directory.resolve("history.log").toString());

    JsonNode answer = Json.MAPPER.readTree(output.toString());
    assertThat(exit).isZero();
    assertThat(answer.path("read").asLong()).isEqualTo(LINES);
    assertThat(answer.path("duplicate").asLong()).isEqualTo(LINES);
    assertThat(answer.path("residual").asLong(-1)).isZero();
    answers.assertMatch(oracle);
  }

  @Test
  @Order(3)
  void killingAnyProcessChangesNoTotal() throws Exception {
    int seed = 10;
    for (String process : PROCESSES) {
      Path file = directory.resolve("while-killed-" + process + ".log");
      LoadGenerator load = load(seed++);
      load.write(file, LINES_WHILE_KILLED, DUPLICATE_PERCENT, BROKEN_PERCENT);

      long before = linesInKafka();
      CompletableFuture<BackfillReport> backfill =
          inBackground(() -> new BackfillRun(system, null).ship(List.of(file)));
      eventually(() -> assertThat(linesInKafka()).isGreaterThan(before));
      kill(process);

      assertFates(result(backfill), load);
    }
    answers.assertMatch(oracle);
  }

  @Test
  @Order(4)
  void aFollowedFileIsCountedExactlyAcrossRotations() throws Exception {
    LoadGenerator load = load(20);
    for (int i = 0; i < TAILED_LINES; i++) {
      if (i == TAILED_LINES / 3) {
        Files.move(log, directory.resolve("access.log.1"));
      } else if (i == TAILED_LINES / 2) {
        Files.move(directory.resolve("access.log.1"), directory.resolve("access.log.2"));
        Files.move(log, directory.resolve("access.log.1"));
      }
      Files.writeString(
          log,
          load.next(DUPLICATE_PERCENT, BROKEN_PERCENT) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }

    for (Customer customer : tariff.customers()) {
      eventually(
          () ->
              assertThat(answers.sequence(customer))
                  .as("events of %s", customer.id())
                  .isEqualTo(oracle.requests(customer)));
    }
    eventually(() -> answers.assertMatch(oracle));
  }

  @Test
  @Order(5)
  void everyLineIsAccountedFor() throws Exception {
    long read = 2L * LINES + (long) PROCESSES.size() * LINES_WHILE_KILLED + TAILED_LINES;
    eventually(
        () -> {
          JsonNode total = api.get("/v1/accounting").path("total");
          assertThat(total.path("read").asLong()).as("read").isEqualTo(read);
          assertThat(total.path("inFlight").asLong(-1)).as("in flight").isZero();
          assertThat(total.path("unsettled").asLong(-1)).as("unsettled").isZero();
          assertThat(total.path("residual").asLong(-1)).as("residual").isZero();
        });
  }

  @Test
  @Order(6)
  void theAuditFindsNoDifference() throws Exception {
    eventually(
        () -> {
          try (Connection connection = system.clickHouse()) {
            AuditReport report = new Audit(connection).run(null, null);
            assertThat(report.isClean()).as(report.toText()).isTrue();
          }
        });
  }

  @Test
  @Order(7)
  void theDoctorFindsNothingThatFails() throws Exception {
    assertThat(Doctor.examine(data))
        .noneMatch(finding -> finding.status() == Finding.Status.FAILURE)
        .noneMatch(finding -> finding.status() == Finding.Status.NOT_RUNNING);
  }

  @Test
  @Order(8)
  void aWrongTokenIsRefused() {
    RestClient stranger = new RestClient(stack.apiUrl().toString(), "not-the-token");

    assertThatThrownBy(() -> stranger.get("/v1/usage"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("answered 401");
  }

  /** Ten customers in turn: from the line that reaches the limit to the first refusal. */
  @Test
  @Order(9)
  void aReachedHardQuotaIsRefusedAtTheGateWithinASecondOfTheLine() throws Exception {
    int customers = 10;
    putCatalog(gatedCatalog(customers));
    List<Long> millis = new ArrayList<>();
    for (int i = 0; i < customers; i++) {
      Customer customer =
          new Customer(
              "gated-" + i,
              "USD",
              ZoneOffset.UTC,
              "list",
              BigDecimal.ZERO,
              List.of(new Tariff.Key("main", gatedSecret(i))));
      eventually(() -> assertThat(check(customer).statusCode()).isEqualTo(200));
      HttpResponse<String> passed = check(customer);
      assertThat(
              GateIdentity.of(RootSecret.read(data.rootSecretFile()))
                  .read(passed.headers().firstValue("x-taximeter-identity").orElseThrow()))
          .matches(claim -> claim.isOf(Instant.now(), Instant.now()));
      append(customer, 99, 30 + i);
      eventually(() -> assertThat(answers.sequence(customer)).isEqualTo(1));
      assertThat(check(customer).statusCode()).isEqualTo(200);

      append(customer, 1, 50 + i);
      long written = System.nanoTime();
      eventually(() -> assertThat(check(customer).statusCode()).isEqualTo(429));
      millis.add(Duration.ofNanos(System.nanoTime() - written).toMillis());
      HttpResponse<String> refused = check(customer);
      assertThat(refused.headers().firstValue("retry-after")).isPresent();
      assertThat(Json.MAPPER.readTree(refused.body()).path("type").asString())
          .isEqualTo("urn:taximeter:problem:quota-reached");
    }
    System.err.println("from line to refusal at the gate, ms: " + millis);
    JsonNode alerts = api.get("/v1/alerts?account=gated-0").path("items");
    eventually(
        () ->
            assertThat(api.get("/v1/alerts?account=gated-0").path("items"))
                .as(alerts.toString())
                .hasSize(1));
    // What stops keys outlives the process that tells of it.
    kill("api");
    eventually(() -> assertThat(checkKey(gatedSecret(0)).statusCode()).isEqualTo(429));
  }

  private void append(Customer customer, long tokens, long seed) throws IOException {
    String line =
        load(seed)
            .line(
                customer,
                customer.keys().get(0),
                "gpt-4o",
                Instant.now(),
                Map.of(Tariff.Kind.INPUT, tokens));
    Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static String gatedSecret(int number) {
    return "sk-test-gated-0123456789-" + number;
  }

  private static String gatedCatalog(int customers) {
    StringBuilder accounts = new StringBuilder("accounts:\n");
    StringBuilder quotas = new StringBuilder("quotas:\n");
    for (int i = 0; i < customers; i++) {
      accounts.append(
          "  - { id: gated-%d, currency: USD, timezone: UTC, plan: gated, keys: [ { name: main, secret: %s } ] }\n"
              .formatted(i, gatedSecret(i)));
      quotas.append(
          "  - { id: gated-%d, account: gated-%d, metric: total_tokens, window: day, limit: 100, thresholds: [100], enforcement: hard }\n"
              .formatted(i, i));
    }
    return accounts
        + "priceBooks:\n  - { id: gated, currency: USD, prices: [] }\n"
        + "plans:\n  - { id: gated, priceBook: gated }\n"
        + quotas;
  }

  private void putCatalog(String yaml) throws Exception {
    HttpResponse<String> answer =
        CLIENT.send(
            HttpRequest.newBuilder(URI.create(stack.apiUrl() + "/v1/catalog"))
                .header("Authorization", "Bearer " + data.adminToken())
                .header("Content-Type", "application/yaml")
                .PUT(HttpRequest.BodyPublishers.ofString(yaml))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private HttpResponse<String> check(Customer customer) throws Exception {
    return checkKey(customer.keys().get(0).secret());
  }

  private HttpResponse<String> checkKey(String secret) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gatePort + "/v1/chat/completions"))
            .header("Authorization", "Bearer " + secret)
            .POST(HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private LoadGenerator load(long seed) {
    return new LoadGenerator(tariff, oracle, seed, from, to);
  }

  private static void assertFates(BackfillReport report, LoadGenerator load) {
    assertThat(report.billed()).as("billed").isEqualTo(load.fate("billed"));
    assertThat(report.unbillable()).as("unbillable").isEqualTo(load.fate("unbillable"));
    assertThat(report.duplicate()).as("duplicate").isEqualTo(load.fate("duplicate"));
    assertThat(report.unattributed()).as("unattributed").isEqualTo(load.fate("unattributed"));
    assertThat(report.suspense()).as("suspense").isEqualTo(load.fate("suspense"));
    assertThat(report.quarantined()).as("quarantined").isEqualTo(load.fate("quarantined"));
    assertThat(report.residual()).as("residual").isZero();
  }

  /** Records in the raw topic, those of an open transaction included. */
  private long linesInKafka() throws Exception {
    try (Admin admin = Admin.create(system.kafka())) {
      String topic = Topics.ACCESS_LOG.topicName();
      int partitions =
          admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size();
      Map<TopicPartition, OffsetSpec> latest =
          IntStream.range(0, partitions)
              .mapToObj(partition -> new TopicPartition(topic, partition))
              .collect(Collectors.toMap(Function.identity(), partition -> OffsetSpec.latest()));
      return admin.listOffsets(latest).all().get().values().stream()
          .mapToLong(ListOffsetsResult.ListOffsetsResultInfo::offset)
          .sum();
    }
  }

  /** Kills a process as the operating system does it, and waits until another one took over. */
  private void kill(String process) throws Exception {
    ProcessIdentity victim = identity(process);
    assertThat(victim.handle().orElseThrow().destroyForcibly()).isTrue();
    eventually(() -> assertThat(identity(process)).isNotEqualTo(victim));
  }

  private ProcessIdentity identity(String process) {
    return data.instance().orElseThrow().processes().get(process);
  }

  private static <T> CompletableFuture<T> inBackground(Callable<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(work.call());
              } catch (Exception e) {
                result.completeExceptionally(e);
              }
            },
            "backfill");
    thread.setDaemon(true);
    thread.start();
    return result;
  }

  private static <T> T result(CompletableFuture<T> work) throws Exception {
    try {
      return work.get();
    } catch (ExecutionException e) {
      throw new AssertionError("the backfill failed", e.getCause());
    }
  }

  /** What must come true, but not at once. */
  private interface Assertion {
    void check() throws Exception;
  }

  private static void eventually(Assertion assertion) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        assertion.check();
        return;
      } catch (AssertionError | IOException e) {
        if (System.nanoTime() - end > 0) {
          throw e;
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  private static final class Silence implements StageListener {
    @Override
    public void started(String stage) {}

    @Override
    public void finished(String stage, Duration took) {}

    @Override
    public void note(String message) {
      System.err.println(message);
    }
  }
}
