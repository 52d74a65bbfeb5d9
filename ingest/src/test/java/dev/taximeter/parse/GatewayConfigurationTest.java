package dev.taximeter.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.gateway.GatewayFile;
import dev.taximeter.contract.gateway.LineFormat;
import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The gateway file: which source has which shape, and what is said about a file that is wrong. */
class GatewayConfigurationTest {
  private static final String FILE =
      """
      templates:
        - id: my-gateway
          text: '{"ai_log":"%FILTER_STATE(wasm.ai_log:PLAIN)%","start_time":"%START_TIME%","key":"%REQ(X-KEY)%","consumer":"%REQ(X-MSE-CONSUMER)%"}\\n'
          payer: [key, consumer]
      dialects:
        - { upstreamCluster: "*llm-claude*", dialect: anthropic }
      sources:
        - { host: "node-*", path: "/var/log/containers/*gateway*.log", format: cri, template: my-gateway }
        - path: /data/docker.json
          format: docker-json
          template: higress
          payer: client_version
          dialects:
            - { upstreamCluster: "*", dialect: total-only }
        - { path: /data/stamped.log, format: timestamp }
      """;

  private static final String CLAUDE =
      "{\"input_token\":10,\"input_token_details\":{\"cache_read_input_tokens\":4}}";

  @Test
  void theFirstSourceThatMatchesDecidesFormatTemplateAndPayer() {
    GatewayConfiguration configuration = GatewayConfiguration.read(FILE, "gateway.yaml");
    LineSource container = new LineSource("node-7", "/var/log/containers/higress-gateway-x.log");
    assertThat(configuration.formatOf(container)).isEqualTo(LineFormat.CRI);
    String line =
        "{\"ai_log\":\"{\\\"input_token\\\":7}\",\"start_time\":\"2026-11-03T08:14:05Z\",\"key\":\"-\",\"consumer\":\"somebody\"}";
    ParsedLine parsed =
        configuration.parserFor(container).parse(Bytes.ascii(line), LogLine.ARRIVAL);
    assertThat(parsed.rawKey()).isEqualTo("somebody");
    assertThat(parsed.flags()).isEmpty();

    LineSource docker = new LineSource("any", "/data/docker.json");
    assertThat(configuration.formatOf(docker)).isEqualTo(LineFormat.DOCKER_JSON);
    assertThat(parse(configuration, docker, LogLine.answered()).rawKey()).isEqualTo("3.2.0");
    assertThat(configuration.formatOf(new LineSource("any", "/data/stamped.log")))
        .isEqualTo(LineFormat.TIMESTAMP);
  }

  @Test
  void aSourceThatNoRuleNamesIsPlainAndHasTheDefaultTemplate() {
    GatewayConfiguration configuration = GatewayConfiguration.read(FILE, "gateway.yaml");
    LineSource other = new LineSource("other", "/var/log/containers/x-gateway-y.log");
    assertThat(configuration.formatOf(other)).isEqualTo(LineFormat.PLAIN);
    assertThat(parse(configuration, other, LogLine.answered()).rawKey()).isEqualTo("sk-test-00001");
  }

  @Test
  void dialectsOfASourceReplaceThoseOfTheFile() {
    GatewayConfiguration configuration = GatewayConfiguration.read(FILE, "gateway.yaml");
    LogLine claude =
        LogLine.answered()
            .aiLog(CLAUDE)
            .with("upstream_cluster", "outbound|443||llm-claude.internal.dns");
    assertThat(parse(configuration, new LineSource("a", "/b"), claude).tokens())
        .isEqualTo(new TokenCounts(10, 4, 0, 0, 0));
    assertThat(parse(configuration, new LineSource("a", "/data/docker.json"), claude).tokens())
        .isEqualTo(new TokenCounts(10, 0, 0, 0, 0));
  }

  @Test
  void sourcesOfOneShapeShareAParser() {
    GatewayConfiguration configuration = GatewayConfiguration.read(FILE, "gateway.yaml");
    assertThat(configuration.parserFor(new LineSource("a", "/b")))
        .isSameAs(configuration.parserFor(new LineSource("c", "/data/stamped.log")))
        .isNotSameAs(configuration.parserFor(new LineSource("c", "/data/docker.json")));
  }

  @Test
  void moreSourcesThanAreRememberedAreStillRead() {
    GatewayConfiguration configuration = GatewayConfiguration.read(FILE, "gateway.yaml");
    for (int i = 0; i < 10_100; i++) {
      configuration.parserFor(new LineSource("node", "/log/" + i));
    }
    assertThat(configuration.formatOf(new LineSource("x", "/data/docker.json")))
        .isEqualTo(LineFormat.DOCKER_JSON);
    assertThat(configuration.parserFor(new LineSource("x", "/data/docker.json")))
        .isNotSameAs(configuration.parserFor(new LineSource("x", "/log/10050")));
  }

  @ParameterizedTest
  @EnumSource(Template.class)
  void everyBuiltInTemplateCanBeChosen(Template template) {
    String yaml = "sources: [{ template: %s }]".formatted(template.id());
    GatewayConfiguration configuration = GatewayConfiguration.read(yaml, "gateway.yaml");
    assertThat(configuration.parserFor(new LineSource("a", "/b"))).isNotNull();
    assertThat(Template.named(template.id())).isEqualTo(template);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "source: []|g.yaml:1:1: source is not a field of a gateway file; did you mean sources?",
        "sources: [{ format: cry }]|1:21: sources[0].format is not one of its values: cry; did you mean cri?",
        "sources: [{ template: higres }]|sources[0].template names no template: higres; did you mean higress?",
        "sources: [{ payer: consumer }]|sources[0].payer needs a template beside it",
        "sources: [{ template: higress, payer: consumer }]|payer cannot be used: the payer 'consumer' must be a field of the template",
        "sources: [{ template: higress, payer: ai_log }]|payer cannot be used: the payer 'ai_log' must be",
        "sources: [{ template: higress, payer: [user_api_key, user_api_key] }]|names a field twice",
        "sources: [{ template: higress, payer: [] }]|payer must name 1 to 8 fields",
        "dialects: [{ upstreamCluster: x, dialect: anthropc }]|dialects[0].dialect is not one of its values: anthropc; did you mean anthropic?",
        "dialects: [{ dialect: openai }]|dialects[0].upstreamCluster is missing",
        "templates: [{ id: higress, text: x, payer: y }]|templates[0].id is the id of a built-in template",
        "templates: [{ id: a, payer: y, text: '{\"b\":\"%DURATION%\"}' }]|templates[0].text cannot be used: the template has no field 'start_time'",
        "templates: [{ id: a, payer: y, text: '{\"start_time\":\"%START_TIME%\"}' }]|templates[0].payer cannot be used: the payer 'y' must be a field",
        "templates: [{ id: a, text: x }]|templates[0].payer is missing",
        "`dialects:\n  - upstreamCluster: *llm`|anchors and aliases are not allowed; quote a leading & or *",
        "``|the file is empty"
      })
  void aWrongFileIsExplained(String yaml, String sentence) {
    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(() -> GatewayConfiguration.read(yaml, "g.yaml"))
        .withMessageContaining(sentence);
  }

  @Test
  void aTemplateOnSeveralLinesIsRefused() {
    String yaml =
        """
        templates:
          - id: a
            payer: key
            text: |
              {"start_time":"%START_TIME%",
               "key":"%REQ(K)%"}
        """;
    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(() -> GatewayConfiguration.read(yaml, "g.yaml"))
        .withMessageContaining("g.yaml:4:11: templates[0].text")
        .withMessageContaining("must be on one line");
  }

  @Test
  void allProblemsAreToldAtOnce() {
    String yaml = "sources: [{ format: x }, { template: x }]\ndialects: [{ dialect: x }]";
    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(() -> GatewayConfiguration.read(yaml, "g.yaml"))
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(4));
  }

  @Test
  void theEnvironmentNamesTheFile(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("gateway.yaml"), FILE);
    Environment environment = new Environment(Map.of(GatewayFile.VARIABLE, file.toString()));
    assertThat(
            GatewayConfiguration.from(environment)
                .formatOf(new LineSource("a", "/data/docker.json")))
        .isEqualTo(LineFormat.DOCKER_JSON);
    assertThat(
            GatewayConfiguration.from(new Environment(Map.of()))
                .formatOf(new LineSource("a", "/data/docker.json")))
        .isEqualTo(LineFormat.PLAIN);
    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(
            () ->
                GatewayConfiguration.from(
                    new Environment(Map.of(GatewayFile.VARIABLE, directory + "/none"))))
        .withMessageContaining(GatewayFile.VARIABLE);
  }

  @Test
  void aShipperReadsTheFormatsWithoutKnowingTemplates() {
    String yaml = "sources: [{ path: /x, format: cri, template: of-a-newer-version }]";
    GatewayFile file = GatewayFile.read(yaml, "g.yaml", null);
    assertThat(file.formatOf(new LineSource("a", "/x"))).isEqualTo(LineFormat.CRI);
    assertThat(file.formatOf(new LineSource("a", "/y"))).isEqualTo(LineFormat.PLAIN);
  }

  private static ParsedLine parse(
      GatewayConfiguration configuration, LineSource source, LogLine line) {
    return configuration.parserFor(source).parse(line.text(), LogLine.ARRIVAL);
  }
}
