package dev.taximeter.standalone.inspect;

import static dev.taximeter.standalone.inspect.LogLines.KEY;
import static dev.taximeter.standalone.inspect.LogLines.line;
import static dev.taximeter.standalone.inspect.LogLines.usage;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.parse.Template;
import dev.taximeter.standalone.demo.AccessLogField;
import dev.taximeter.standalone.demo.AiLog;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

class InspectCommandTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-24T09:00:00Z"), ZoneOffset.UTC);

  private static final String CATALOG =
      """
      accounts:
        - id: acme
          name: Acme
          currency: USD
          timezone: UTC
          plan: standard
          keys:
            - {name: prod, secret: %s}
      priceBooks:
        - id: list
          currency: USD
          prices:
            - model: qwen-*
              effectiveFrom: 2026-01-01T00:00:00Z
              perMillion: {input: "0.40", cachedInput: "0.10", output: "1.20"}
        - id: other
          currency: EUR
          prices:
            - model: "*"
              effectiveFrom: 2026-01-01T00:00:00Z
              perMillion: {input: "1", output: "1"}
      plans:
        - {id: standard, priceBook: list}
      """
          .formatted(KEY);

  @TempDir private Path directory;
  private Path log;

  private record Answer(int exit, String out, String err) {
    JsonNode json() {
      return Json.MAPPER.readTree(out);
    }
  }

  @BeforeEach
  void writeLog() throws IOException {
    log = directory.resolve("access.log");
    Files.writeString(log, String.join("\n", lines()) + "\n");
  }

  /** One of each kind; the planted key is wherever a client could put it. */
  private static List<String> lines() {
    String cached = line(1).aiLog(LogLines.withDetails(usage("qwen-max", 1_000, 200))).text();
    List<String> lines = new ArrayList<>();
    lines.add(
        line(0)
            .aiLog(
                usage("qwen-plus", 21, 69)
                    .set("question", "my key is " + KEY)
                    .set("answer", "it was " + KEY)
                    .set("response_type", "stream"))
            .text());
    lines.add(cached);
    lines.add(cached);
    lines.add(line(2).set(AccessLogField.USER_API_KEY, "-").aiLog(usage("qwen-max", 9, 11)).text());
    lines.add(
        line(3)
            .set(AccessLogField.RESPONSE_CODE, 429)
            .aiLog(new AiLog().set("api", "-").set("chat_round", 1))
            .text());
    lines.add(
        line(4)
            .set(AccessLogField.RESPONSE_FLAGS, "DC")
            .set(AccessLogField.RESPONSE_CODE_DETAILS, "downstream_remote_disconnect")
            .aiLog(new AiLog().set("api", "-").set("chat_round", 1))
            .text());
    lines.add(
        line(5).aiLog(new AiLog().set("model", "qwen-max").set("response_type", "stream")).text());
    lines.add(
        line(6)
            .set(AccessLogField.USER_AGENT, "x\",\"" + KEY + "\":\"1\",\"response_code\":\"500")
            .aiLog(usage("qwen-max", 48_000, 4_000))
            .text());
    lines.add(
        line(7)
            .set(AccessLogField.USER_AGENT, "x\",\"user_api_key\":\"sk-of-somebody-else")
            .aiLog(usage("qwen-max", 7, 7))
            .text());
    lines.add("[2026-11-03 08:14:05] starting with " + KEY);
    lines.add(
        line(8)
            .set(AccessLogField.PATH, "/v1/chat/completions?api_key=" + KEY)
            .aiLog(usage("gpt-4o", 100, 10))
            .text());
    lines.add(LogLines.json(LogLines.withDetails(usage("qwen-max", 1_000, 50))));
    lines.add(
        line(9)
            .aiLog(usage("qwen-max", 5, 5))
            .text()
            .replace("\",\"bytes_received", "\",\"consumer\":\"" + KEY + "\",\"bytes_received"));
    return lines;
  }

  private Answer inspect(String... arguments) {
    CommandLine command =
        new CommandLine(new InspectCommand(CLOCK, () -> RootSecret.of(new byte[32])));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err, true));
    int exit = command.execute(arguments);
    return new Answer(exit, out.toString(), err.toString());
  }

  private String catalog() throws IOException {
    Path file = directory.resolve("catalog.yaml");
    Files.writeString(file, CATALOG);
    return file.toString();
  }

  @Test
  void theReportIsTheGoldenOne() throws IOException {
    Answer answer = fromStandardInput("--catalog", catalog(), "-");

    assertThat(answer.err()).isEmpty();
    assertThat(answer.exit()).isZero();
    String shown = answer.out();
    Path rewritten = Path.of("target", "inspect-golden.txt");
    Files.createDirectories(rewritten.toAbsolutePath().getParent());
    Files.writeString(rewritten, shown);
    try (InputStream golden = getClass().getResourceAsStream("golden.txt")) {
      assertThat(shown)
          .as("compare with %s", rewritten)
          .isEqualTo(
              new String(Objects.requireNonNull(golden).readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void everyLineHasOneFate() {
    JsonNode report = inspect("--json", log.toString()).json();

    assertThat(report.path("lines").asLong()).isEqualTo(13);
    JsonNode fates = report.path("fates");
    assertThat(fates.path("duplicate").asLong()).isEqualTo(1);
    assertThat(fates.path("unattributed").asLong()).isEqualTo(1);
    assertThat(fates.path("unbillable").asLong()).isEqualTo(3);
    assertThat(fates.path("suspense").asLong()).isEqualTo(1);
    assertThat(fates.path("quarantined").asLong()).isEqualTo(1);
    assertThat(fates.path("billed").asLong()).isEqualTo(6);
    assertThat(report.path("leakage").path("client-left").asLong()).isEqualTo(1);
    assertThat(report.path("leakage").path("success-without-usage").asLong()).isEqualTo(1);
    assertThat(report.path("duplicates").path("inOneFile").asLong()).isEqualTo(1);
    assertThat(report.path("total").path("inputTokens").asLong())
        .isEqualTo(21 + 1_000 + 9 + 48_000 + 100 + 1_000 + 5);
    assertThat(report.path("total").path("cachedInputTokens").asLong()).isEqualTo(200);
    assertThat(report.has("cost")).isFalse();
    assertThat(report.path("from").asString()).isEqualTo("2026-11-03T08:14:06.458Z");
  }

  @Test
  void adviceNamesWhatIsWrong() {
    JsonNode report = inspect("--json", log.toString()).json();

    List<String> codes =
        report.path("advice").valueStream().map(a -> a.path("code").asString()).toList();
    assertThat(codes)
        .contains(
            "template-mismatch",
            "include-usage-off",
            "clients-left",
            "usage-without-key",
            "twins",
            "text-encoding",
            "field-order",
            "tampered",
            "prompts-in-log",
            "keys-in-queries");
    assertThat(codes).doesNotContain("no-ai-log", "no-cached-counts", "pretty-printed");
    report.path("advice").forEach(advice -> assertThat(advice.path("fix").size()).isPositive());
  }

  @Test
  void costsAreThoseOfTheChosenBook() throws IOException {
    JsonNode list = inspect("--json", "--catalog", catalog(), log.toString()).json().path("cost");
    // qwen only: 200 cached; 21 + 900 + 9 + 48000 + 900 + 5 input; 69 + 200 + 11 + 4000 + 50 + 5.
    assertThat(list.path("total").asString()).isEqualTo("0.025156");
    assertThat(list.path("priceBook").asString()).isEqualTo("list");
    assertThat(list.path("currency").asString()).isEqualTo("USD");
    assertThat(list.path("unpricedRequests").asLong()).isEqualTo(1);

    JsonNode other =
        inspect("--json", "--catalog", catalog(), "--price-book", "other", log.toString())
            .json()
            .path("cost");
    assertThat(other.path("currency").asString()).isEqualTo("EUR");
    assertThat(other.path("total").asString()).isEqualTo("0.05448");
  }

  @Test
  void aCatalogueTellsKnownKeysFromUnknown() throws IOException {
    JsonNode report = inspect("--json", "--catalog", catalog(), log.toString()).json();
    assertThat(report.path("keys").get(0).path("name").asString()).isEqualTo("acme/prod");
    assertThat(report.path("fates").path("billed").asLong()).isEqualTo(6);

    Files.writeString(
        log,
        line(0)
            .set(AccessLogField.USER_API_KEY, "sk-unknown-000000009876")
            .aiLog(usage("m", 1, 1))
            .text());
    JsonNode unknown = inspect("--json", "--catalog", catalog(), log.toString()).json();
    assertThat(unknown.path("fates").path("unattributed").asLong()).isEqualTo(1);
    assertThat(unknown.path("keys").get(0).path("name").asString()).endsWith(" …9876");
  }

  /** A field with a name of its own is not named, and what becomes of its lines is not guessed. */
  @Test
  void anotherTemplateIsDescribedAsItIs() throws IOException {
    Files.writeString(
        log,
        "{\"t\":\"2026-11-03T08:14:06.458Z\",\"m\":\"POST\",\"k\":\"sk-demo-00001\"}\n"
            + "{\"t\":\"2026-11-03T08:14:07.458Z\",\"m\":\"POST\",\"k\":\"sk-demo-00001\"}\n");
    JsonNode report = inspect("--json", log.toString()).json();
    assertThat(report.path("fates").path("quarantined").asLong()).isEqualTo(2);
    String finding =
        report
            .path("advice")
            .valueStream()
            .filter(advice -> advice.path("code").asString().equals("template-mismatch"))
            .findFirst()
            .orElseThrow()
            .path("finding")
            .asString();
    assertThat(finding)
        .contains("another field (its name has the shape x) where the template has ai_log")
        .contains("in suspense 0, in quarantine 2");
  }

  @Test
  void aGatewayFileTellsTemplatesAndCollectors() throws IOException {
    Path gateway = directory.resolve("gateway.yaml");
    Files.writeString(
        gateway,
        """
        sources:
          - path: "*"
            format: cri
        """);
    String line = line(0).aiLog(usage("qwen-max", 10, 1)).text();
    Files.writeString(
        log,
        "2026-11-03T08:14:06.500Z stdout P "
            + line.substring(0, 300)
            + "\n2026-11-03T08:14:06.500Z stdout F "
            + line.substring(300)
            + "\n");

    JsonNode wrapped = inspect("--json", log.toString()).json();
    assertThat(wrapped.path("fates").path("billed").asLong()).isZero();
    assertThat(wrapped.path("advice").get(0).path("code").asString()).isEqualTo("collector-prefix");
    assertThat(wrapped.path("advice").size()).isEqualTo(1);

    // The first line of such a file may be the end of a longer one.
    JsonNode first = inspect("--json", "--gateway", gateway.toString(), log.toString()).json();
    assertThat(first.path("lines").asLong()).isEqualTo(1);
    assertThat(first.path("fates").path("suspense").asLong()).isEqualTo(1);
    assertThat(codes(first)).contains("uncertain-beginning");

    Files.writeString(log, "2026-11-03T08:14:01.000Z stdout F started\n" + Files.readString(log));
    JsonNode joined = inspect("--json", "--gateway", gateway.toString(), log.toString()).json();
    assertThat(joined.path("lines").asLong()).isEqualTo(2);
    assertThat(joined.path("fates").path("billed").asLong()).isEqualTo(1);
    assertThat(joined.path("total").path("inputTokens").asLong()).isEqualTo(10);

    // Rotated within the line.
    String all = Files.readString(log);
    int cut = all.lastIndexOf("\n2026") + 1;
    Path rotated = log.resolveSibling(log.getFileName() + ".20261103-081406");
    Files.writeString(rotated, all.substring(0, cut));
    Files.writeString(log, all.substring(cut));
    JsonNode both =
        inspect("--json", "--gateway", gateway.toString(), log.toString(), rotated.toString())
            .json();
    assertThat(both.path("fates")).isEqualTo(joined.path("fates"));
    assertThat(both.path("total")).isEqualTo(joined.path("total"));
  }

  private static List<String> codes(JsonNode report) {
    return report.path("advice").valueStream().map(a -> a.path("code").asString()).toList();
  }

  @Test
  void theRecommendedTemplateIsFoundInOrder() throws IOException {
    JsonNode advice = inspect("--json", log.toString()).json().path("advice");
    String recommended =
        advice
            .valueStream()
            .filter(a -> a.path("code").asString().equals("field-order"))
            .map(a -> a.path("fix").get(1).asString())
            .findFirst()
            .orElseThrow();
    Path gateway = directory.resolve("gateway.yaml");
    Files.writeString(
        gateway,
        """
        templates:
          - id: mine
            text: '%s'
            payer: user_api_key
        sources:
          - {path: "*", template: mine}
        """
            .formatted(recommended.strip()));
    Answer answer = inspect("--json", "--gateway", gateway.toString(), log.toString());
    assertThat(answer.err()).isEmpty();
    assertThat(codes(answer.json())).doesNotContain("field-order");
  }

  @Test
  void theSameFileTwiceIsAllCopies() {
    JsonNode report = inspect("--json", log.toString(), log.toString()).json();
    assertThat(report.path("lines").asLong()).isEqualTo(26);
    assertThat(report.path("fates").path("duplicate").asLong()).isEqualTo(14);
    assertThat(report.path("duplicates").path("acrossFiles").asLong()).isEqualTo(13);
  }

  @Test
  void compressedFilesAndStandardInputAreTheSame() throws IOException {
    Path packed = directory.resolve("access.log.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      Files.copy(log, out);
    }
    JsonNode plain = inspect("--json", log.toString()).json();
    assertThat(inspect("--json", packed.toString()).json().path("total"))
        .isEqualTo(plain.path("total"));
    assertThat(fromStandardInput("--json", "-").json().path("fates"))
        .isEqualTo(plain.path("fates"));
  }

  /** Each folder's log shows one thing, and its whole advice stands beside it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "pretty-printed",
        "pretty-printed-json",
        "foreign-lines",
        "cri",
        "docker-json",
        "timestamp"
      })
  void aStrangeLogGetsTheAdviceThatHelpsAndNoOther(String name) throws IOException {
    Path corpus = Path.of("src/test/resources/dev/taximeter/standalone/inspect/corpus", name);
    List<String> expected = Files.readAllLines(corpus.resolve("expected.txt"));

    JsonNode report = inspect("--json", corpus.resolve("access.log").toString()).json();

    assertThat(
            report
                .path("advice")
                .valueStream()
                .map(
                    a ->
                        a.path("code").asString()
                            + " | "
                            + a.path("fix").get(a.path("fix").size() - 1).asString().strip()))
        .containsExactlyElementsOf(expected);
  }

  @Test
  void aHeaderThatNoLineTellsIsLeftOpen() {
    for (String code : List.of("field-order", "usage-without-key")) {
      String advice = advice(inspect("--json", log.toString()), code);
      assertThat(advice).contains("%REQ(YOUR-KEY-HEADER)%").doesNotContain("vjsp-api-key");
    }
  }

  @Test
  void aHeaderThatTheOperatorHasToldIsKept() throws IOException {
    Path gateway = directory.resolve("gateway.yaml");
    Files.writeString(
        gateway,
        """
        templates:
          - id: mine
            text: '%s'
            payer: user_api_key
        sources:
          - {path: "*", template: mine}
        """
            .formatted(Template.HIGRESS.text().replace("vjsp-api-key", "x-team-key")));
    assertThat(
            advice(
                inspect("--json", "--gateway", gateway.toString(), log.toString()), "field-order"))
        .contains("%REQ(x-team-key)%")
        .doesNotContain("YOUR-KEY-HEADER");
  }

  /** There a client can have its own lines held or quarantined: whoever runs it must know. */
  @Test
  void aTemplateWithUsageBehindWhatAClientWritesIsWarnedOf() throws IOException {
    String usage = "\"ai_log\":\"%FILTER_STATE(wasm.ai_log:PLAIN)%\",";
    String middle =
        Template.HIGRESS
            .text()
            .replace(usage, "")
            .replace("\"upstream_service_time\"", usage + "\"upstream_service_time\"");
    Path gateway = directory.resolve("gateway.yaml");
    Files.writeString(
        gateway,
        """
        templates:
          - id: middle
            text: '%s'
            payer: user_api_key
        sources:
          - {path: "*", template: middle}
        """
            .formatted(middle));
    String line = line(0).aiLog(usage("qwen-max", 10, 1)).text();
    int end = line.indexOf("\"authority\"");
    String moved =
        "{"
            + line.substring(end)
                .replace(
                    "\"upstream_service_time\"",
                    line.substring(1, end) + "\"upstream_service_time\"");
    Files.writeString(log, moved + "\n");

    Answer answer = inspect("--json", "--gateway", gateway.toString(), log.toString());
    assertThat(answer.json().path("fates").path("billed").asLong()).isEqualTo(1);
    assertThat(advice(answer, "field-order"))
        .contains(
            "In TEXT a client can forge the usage",
            "quarantined if one of the values cannot be read",
            "put the fields into this order",
            "{\\\"ai_log\\\"");
    assertThat(inspect("--gateway", gateway.toString(), log.toString()).out())
        .contains("a client can forge the usage");
  }

  private static String advice(Answer answer, String code) {
    return answer
        .json()
        .path("advice")
        .valueStream()
        .filter(a -> a.path("code").asString().equals(code))
        .map(JsonNode::toString)
        .findFirst()
        .orElseThrow();
  }

  private Answer fromStandardInput(String... arguments) throws IOException {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(Files.readAllBytes(log)));
    try {
      return inspect(arguments);
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void neitherKeysNorPromptsAreShown() throws IOException {
    List<Answer> answers =
        List.of(
            inspect(log.toString()),
            inspect("--json", log.toString()),
            inspect("--catalog", catalog(), log.toString()),
            inspect("--json", "--catalog", catalog(), log.toString()));
    for (Answer answer : answers) {
      assertThat(answer.exit()).isZero();
      assertThat(answer.out() + answer.err())
          .doesNotContain(KEY)
          .doesNotContain("planted")
          .doesNotContain("my key is")
          .doesNotContain("sk-of-somebody-else");
    }
  }

  @Test
  void aGatewayWhoseClockIsAheadIsTold() throws IOException {
    String ahead =
        line(0)
            .set(AccessLogField.START_TIME, CLOCK.instant().plusSeconds(3_600).toString())
            .aiLog(usage("qwen-max", 1, 1))
            .text();
    Files.writeString(log, line(1).aiLog(usage("qwen-max", 1, 1)).text() + "\n" + ahead + "\n");
    assertThat(advice(inspect("--json", log.toString()), "clock-ahead"))
        .contains("ahead of this machine's by 60 minutes", "one line claims", "replayed");
    assertThat(codes(inspect("--json", log.toString()).json())).contains("clock-ahead");
    Files.writeString(log, line(1).aiLog(usage("qwen-max", 1, 1)).text() + "\n");
    assertThat(codes(inspect("--json", log.toString()).json())).doesNotContain("clock-ahead");
  }

  @Test
  void whatCannotBeReadIsOneSentence() throws IOException {
    Path damaged = directory.resolve("damaged.gz");
    Files.write(damaged, new byte[] {0x1f, (byte) 0x8b, 8, 0, 0});
    for (String[] arguments :
        List.of(
            new String[] {directory.resolve("none.log").toString()},
            new String[] {directory.toString()},
            new String[] {damaged.toString()},
            new String[] {"--catalog", directory.resolve("none.yaml").toString(), log.toString()},
            new String[] {"--price-book", "list", log.toString()},
            new String[] {"--catalog", catalog(), "--price-book", "none", log.toString()},
            new String[] {"--top", "0", log.toString()})) {
      Answer answer = inspect(arguments);
      assertThat(answer.exit()).as(String.join(" ", arguments)).isEqualTo(1);
      assertThat(answer.out()).isEmpty();
      assertThat(answer.err().lines()).hasSize(1);
      assertThat(answer.err()).startsWith("taximeter: ");
    }
  }

  @Test
  void anEmptyFileIsNoError() throws IOException {
    Files.writeString(log, "\n\n");
    Answer answer = inspect(log.toString());
    assertThat(answer.exit()).isZero();
    assertThat(answer.out()).contains("0 lines").contains("Nothing was found.");
  }

  @Test
  void onlyTheFirstGroupsHaveRows() throws IOException {
    Files.writeString(
        log,
        Stream.iterate(0, i -> i + 1)
            .limit(30)
            .map(i -> line(i).aiLog(usage("model-" + i, i + 1, 0)).text())
            .collect(Collectors.joining("\n")));
    JsonNode report = inspect("--json", "--top", "2", log.toString()).json();
    assertThat(report.path("models").size()).isEqualTo(2);
    assertThat(report.path("models").get(0).path("name").asString()).isEqualTo("model-29");
    assertThat(report.path("otherModels").path("inputTokens").asLong()).isEqualTo(28 * 29 / 2);
    assertThat(report.has("otherKeys")).isFalse();
  }
}
