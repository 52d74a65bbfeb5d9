package dev.taximeter.standalone.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.json.Json;
import dev.taximeter.standalone.landing.ContractRun;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Made-up calls to the API of a whole installation: every answer is as the OpenAPI document says,
 * and whatever was called, the audit finds the money as it should be.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ApiFuzzIT {
  private static final int CALLS = Integer.getInteger("taximeter.fuzz.calls", 500);
  private static final int LINES = 60;

  /** Lines of which nobody can tell who pays; each is decided once. */
  private static final int SUSPENDED = 12;

  private static final int FOREIGN = 4;
  private static final int ALL_LINES = LINES + SUSPENDED + FOREIGN;
  private static final long PATIENCE_MINUTES = 30;
  private static final int LAST_CHARACTERS = 8_000;

  private static final String CATALOG =
      """
      accounts:
        - id: acme
          name: Acme GmbH
          currency: USD
          timezone: Europe/Berlin
          plan: standard
          keys:
            - { name: main, secret: sk-fuzz-00001 }
            - { name: batch, secret: sk-fuzz-00002 }
        - { id: globex, name: Globex, currency: USD, timezone: UTC, plan: standard }
      teams:
        - { id: search, account: acme, name: Search team }
      priceBooks:
        - id: list
          currency: USD
          prices:
            - { model: "*", effectiveFrom: 2020-01-01T00:00:00Z, perMillion: { input: "0.40", output: "1.20" } }
      plans:
        - { id: standard, priceBook: list, perRequest: "0.001" }
      credits:
        - { id: welcome, account: acme, amount: "50" }
      """;

  private static final String LINE =
      """
      {"ai_log":"{\\"api\\":\\"-\\",\\"chat_id\\":\\"c-%d\\",\\"chat_round\\":1,\\"input_token\\":%d,\
      \\"input_token_details\\":{},\\"llm_service_duration\\":191,\\"model\\":\\"qwen-max\\",\
      \\"output_token\\":15,\\"output_token_details\\":{},\\"response_type\\":\\"normal\\",\
      \\"total_token\\":%d}","authority":"llm.example.com","bytes_received":"1490",\
      "bytes_sent":"1021","downstream_local_address":"10.0.0.5:8080",\
      "downstream_remote_address":"203.0.113.8:40210","duration":"19",\
      "istio_policy_status":"-","method":"POST","path":"/v1/chat/completions",\
      "protocol":"HTTP/2","request_id":"r-%d","requested_server_name":"-",\
      "response_code":"200","response_flags":"-","route_name":"ai-route-qwen.internal",\
      "start_time":"%s","trace_id":"-","upstream_cluster":"outbound|443||llm-qwen.internal.dns",\
      "upstream_host":"192.0.2.18:443","upstream_local_address":"10.0.0.5:32940",\
      "upstream_service_time":"102","upstream_transport_failure_reason":"-",\
      "user_agent":"okhttp/4.12.0","x_forwarded_for":"203.0.113.8",\
      "response_code_details":"via_upstream","user_api_key":"%s","client_version":"3.2.0"}
      """;

  @TempDir private static Path directory;
  private RunningInstallation installation;

  @BeforeAll
  void start() throws Exception {
    installation = RunningInstallation.start(directory, CATALOG, List.of(), "api-fuzz");
    Path log = directory.resolve("access.log");
    Instant last = Instant.now().minus(2, ChronoUnit.HOURS).truncatedTo(ChronoUnit.SECONDS);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < LINES; i++) {
      String key = i % 10 == 0 ? "sk-nobody" : "sk-fuzz-0000" + (1 + i % 2);
      Instant start = last.minus(i, ChronoUnit.DAYS);
      lines.append(LINE.formatted(i, 100 + i, 115 + i, i, start, key));
    }
    for (int i = LINES; i < LINES + SUSPENDED; i++) {
      lines.append(
          LINE.formatted(i, 100 + i, 115 + i, i, last, "sk-fuzz-00001")
              .replace("okhttp/4.12.0", "x\",\"user_api_key\":\"sk-fuzz-00002"));
    }
    for (int i = 0; i < FOREIGN; i++) {
      lines.append("not a line of the access log, number ").append(i).append('\n');
    }
    Files.writeString(log, lines);
    assertThat(installation.ship(log).read()).isEqualTo(ALL_LINES);
    installation.awaitConservation(ALL_LINES);
  }

  @AfterAll
  void stop() throws Exception {
    if (installation != null) {
      installation.close();
    }
  }

  @Test
  @Order(1)
  void theStatementOfAnExplanationGivesTheFigure() throws Exception {
    String month = Instant.now().toString().substring(0, 7);
    for (String figure : List.of("usage", "balance", "bill&month=" + month)) {
      RunningInstallation.eventually(
          () -> {
            JsonNode explained =
                installation.api().get("/v1/explain?account=acme&figure=" + figure);
            assertThat(explained.path("agrees").asBoolean()).as(explained.toString()).isTrue();
            assertThat(explained.path("evidence").path("items").size()).isPositive();
            try (Connection connection = installation.system().clickHouse();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(explained.path("sql").asString())) {
              assertThat(row.next()).isTrue();
              assertThat(row.getBigDecimal(1))
                  .isEqualByComparingTo(explained.path("value").asString());
            }
          });
    }
    JsonNode balance = installation.api().get("/v1/accounts/acme/balance");
    assertThat(installation.api().get("/v1/explain?account=acme&figure=balance").path("value"))
        .isEqualTo(balance.path("balance"));
  }

  @Test
  @Order(2)
  void everyAnswerIsAsTheDocumentSays() throws Exception {
    Path known = Files.writeString(directory.resolve("known.json"), known());
    Path module =
        Path.of("").toAbsolutePath().getParent().getParent().resolve("billing-api/target");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dtaximeter.fuzz.url=" + installation.data().instance().orElseThrow().apiUrl());
    command.add("-Dtaximeter.fuzz.token-file=" + directory.resolve("data/admin-token"));
    command.add("-Dtaximeter.fuzz.known-file=" + known);
    command.add("-Dtaximeter.fuzz.calls=" + CALLS);
    String seed = System.getProperty("taximeter.fuzz.seed");
    if (seed != null) {
      command.add("-Dtaximeter.fuzz.seed=" + seed);
    }
    command.add("-cp");
    command.add(
        String.join(
            File.pathSeparator,
            module.resolve("test-classes").toString(),
            module.resolve("classes").toString(),
            module.resolve("lib") + File.separator + "*",
            System.getProperty("java.class.path")));
    command.add(ContractRun.class.getName());
    command.add("dev.taximeter.api.fuzz.RunningApiFuzz");
    Path log = Path.of("target", "api-fuzz.log");
    Process run =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    boolean ended = run.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
    run.destroyForcibly();
    String output = Files.readString(log, StandardCharsets.UTF_8);
    System.out.println(output);
    // What went wrong stands last: a report that is cut off at its end shall still say it.
    String last = output.substring(Math.max(0, output.length() - LAST_CHARACTERS));
    assertThat(ended).as(last).isTrue();
    assertThat(run.exitValue()).as(last).isZero();
  }

  @Test
  @Order(3)
  void whateverWasCalledTheMoneyAddsUp() throws Exception {
    installation.awaitConservation(ALL_LINES);
    installation.awaitCleanAudit();
  }

  /** What calls can name: without it, most would only meet what is not there. */
  private String known() throws Exception {
    List<String> unknownKeys = new ArrayList<>();
    installation
        .api()
        .get("/v1/unattributed")
        .path("items")
        .forEach(key -> unknownKeys.add(key.path("fingerprint").asString()));
    String month = Instant.now().toString().substring(0, 7);
    JsonNode source = installation.api().get("/v1/sources").path("items").path(0);
    return Json.MAPPER.writeValueAsString(
        Map.ofEntries(
            Map.entry("account", List.of("acme", "globex", "acme", "nobody")),
            Map.entry("id", List.of("acme", "made-here", "list", "standard")),
            Map.entry("/v1/catalog/history id", List.of("account/acme", "plan/standard")),
            Map.entry("key", List.of("main", "batch")),
            Map.entry("keyName", List.of("main", "claimed")),
            Map.entry("team", List.of("search", "other")),
            Map.entry("model", List.of("qwen-max")),
            Map.entry("month", List.of(month, "2026-10", month + ".csv", month + ".html")),
            Map.entry("/v1/explain month", List.of(month, "2026-10")),
            Map.entry("number", List.of("1", "2")),
            Map.entry("fingerprint", unknownKeys.isEmpty() ? List.of("none") : unknownKeys),
            Map.entry("lastFour", List.of("9f3A")),
            Map.entry("limit", List.of("1", "2", "1000")),
            Map.entry("start_time", List.of("1793491200", "1763942400")),
            Map.entry("group_by", List.of("project_id", "model")),
            Map.entry("project_ids", List.of("acme")),
            Map.entry("minAsOf", List.of("0", "1")),
            Map.entry("credit", List.of("welcome", "ledger:1")),
            Map.entry("from", List.of("2026-11-01T00:00:00Z", "2026-10-01T00:00:00+02:00")),
            Map.entry("to", List.of("2026-11-24T00:00:00Z", "2026-12-01T00:00:00Z")),
            Map.entry("groupBy", List.of("key", "model", "key,model")),
            Map.entry("granularity", List.of("day", "hour", "month")),
            Map.entry("amount", List.of("5", "0.25", "12.50")),
            Map.entry("currency", List.of("USD")),
            Map.entry("timezone", List.of("UTC", "Asia/Shanghai")),
            Map.entry("plan", List.of("standard")),
            Map.entry("kind", List.of("top-up", "grant", "price")),
            Map.entry("reason", List.of("because")),
            Map.entry("book", List.of("list")),
            Map.entry("host", List.of(source.path("host").asString())),
            Map.entry("path", List.of(source.path("path").asString())),
            Map.entry("/v1/accounts/{account}/keys/{key}/rotation account", List.of("acme")),
            Map.entry("POST /v1/accounts/{account}/keys/{key}/rotation body", List.of("{}")),
            Map.entry("/v1/cost-books/{book} book", List.of("costs")),
            Map.entry("name", List.of("main", "Acme GmbH", "spare")),
            Map.entry(
                "PUT /v1/price-books/{book} body",
                List.of(
                    "{\"currency\":\"USD\",\"prices\":[{\"model\":\"*\",\"effectiveFrom\":"
                        + "\"2020-01-01T00:00:00Z\",\"perMillion\":{\"input\":\"0.40\","
                        + "\"output\":\"1.20\"}}]}")),
            Map.entry(
                "PUT /v1/cost-books/{book} body",
                List.of("{\"currency\":\"USD\",\"everyone\":true,\"prices\":[]}")),
            Map.entry(
                "PUT /v1/plans/{plan} body",
                List.of("{\"priceBook\":\"list\",\"perRequest\":\"0.001\"}")),
            Map.entry("PUT /v1/catalog body", List.of(CATALOG)),
            Map.entry("POST /v1/price-books/{book}/imports body", List.of("{}")),
            Map.entry("GET /v1/key authorization", List.of("Bearer sk-fuzz-00001")),
            Map.entry(
                "GET /v1/dashboard/billing/subscription authorization",
                List.of("Bearer sk-fuzz-00001")),
            Map.entry(
                "GET /v1/dashboard/billing/usage authorization", List.of("Bearer sk-fuzz-00001")),
            Map.entry("PATCH /v1/accounts/{account} body", List.of("{\"name\":\"Acme again\"}")),
            Map.entry(
                "POST /v1/recipients body",
                List.of(
                    "{\"name\":\"ops\",\"channel\":\"webhook\","
                        + "\"address\":\"https://hooks.example.com/here\"}"))));
  }
}
