package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taximeter.api.gate.GateOutcome;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.topic.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alerts and dashboards ask for metrics that exist, and each alert says what to do. */
class MonitoringTest {
  private static final Pattern METRIC = Pattern.compile("\\b(taximeter|fluentbit)_[a-z_]+");
  private static final Pattern LABEL =
      Pattern.compile("(fate|reason|topic|outcome)[=!]~?\"([^\"]+)\"");

  /** Names as the code gives them, between what surrounds a text in a class file. */
  private static final Pattern REGISTERED =
      Pattern.compile("\u0001[\\x00-\\xff]{2}(taximeter(?:\\.[a-z]+)+)(?![a-z.])");

  private static final Set<String> METRICS =
      DeployFiles.sections("metrics.txt").values().stream()
          .flatMap(List::stream)
          .collect(Collectors.toSet());

  private static List<JsonNode> alerts() {
    List<JsonNode> alerts = new ArrayList<>();
    DeployFiles.yaml("prometheus/alerts.yaml")
        .get("groups")
        .forEach(group -> group.get("rules").forEach(alerts::add));
    return alerts;
  }

  private static List<String> prometheusQueries() {
    List<String> queries = new ArrayList<>();
    alerts().forEach(alert -> queries.add(alert.get("expr").asText()));
    for (Path file : DeployFiles.below("grafana/dashboards", ".json")) {
      queries.addAll(json(file).findValuesAsText("expr"));
    }
    return queries;
  }

  static JsonNode json(Path file) {
    try {
      return DeployFiles.JSON.readTree(DeployFiles.text(file));
    } catch (IOException e) {
      throw new IllegalStateException(file.toString(), e);
    }
  }

  /**
   * The list against what the compiled services register, so that a new metric is not forgotten.
   */
  @Test
  void theListNamesEveryMetricThatTheServicesRegister() throws IOException {
    Set<String> listed =
        Stream.of("metering", "billing-api", "gate")
            .flatMap(section -> DeployFiles.sections("metrics.txt").get(section).stream())
            .map(name -> name.replaceAll("(_total|_seconds|_seconds_(bucket|count|sum|max))$", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> registered = new TreeSet<>();
    for (String folder :
        List.of("dev/taximeter/ship/", "dev/taximeter/streams/", "dev/taximeter/api/")) {
      for (byte[] type : ClassFiles.of(folder)) {
        String content = new String(type, StandardCharsets.ISO_8859_1);
        if (content.contains("io/micrometer/")) {
          REGISTERED
              .matcher(content)
              .results()
              .map(it -> it.group(1).replace('.', '_').replaceAll("_seconds$", ""))
              .forEach(registered::add);
        }
      }
    }
    assertThat(registered).isEqualTo(listed);
  }

  @Test
  void everyQueryAsksForMetricsThatExist() {
    Set<String> asked = new TreeSet<>();
    for (String query : prometheusQueries()) {
      Matcher matcher = METRIC.matcher(query);
      while (matcher.find()) {
        asked.add(matcher.group());
      }
    }
    assertThat(asked).isNotEmpty().isSubsetOf(METRICS);
  }

  @Test
  void everyLabelHasAValueThatExists() {
    Set<String> known = new TreeSet<>();
    Arrays.stream(Fate.values()).forEach(fate -> known.add(fate.code()));
    Arrays.stream(Reason.values()).forEach(reason -> known.add(reason.code()));
    Arrays.stream(Topics.values()).forEach(topic -> known.add(topic.topicName()));
    Arrays.stream(GateOutcome.values()).forEach(outcome -> known.add(outcome.code()));
    for (String query : prometheusQueries()) {
      Matcher matcher = LABEL.matcher(query);
      while (matcher.find()) {
        assertThat(known).as(query).contains(matcher.group(2).split("\\|"));
      }
    }
  }

  @Test
  void everyAlertHasItsPlaceInTheRunbook() {
    Set<String> sections =
        DeployFiles.text("docs/runbook.md")
            .lines()
            .filter(line -> line.startsWith("## "))
            .map(line -> line.substring(3))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> names = new TreeSet<>();
    for (JsonNode alert : alerts()) {
      String name = alert.get("alert").asText();
      names.add(name);
      assertThat(alert.at("/annotations/runbook").asText())
          .isEqualTo("deploy/docs/runbook.md#" + name.toLowerCase(Locale.ROOT));
      assertThat(alert.at("/labels/severity").asText()).isIn("critical", "warning", "info");
    }
    assertThat(sections).isEqualTo(names);
  }

  /** Grafana finds the data that its panels name, and the folder that is mounted. */
  @Test
  void dashboardsAskSourcesThatAreProvided() {
    Set<String> provided =
        DeployFiles.yaml("grafana/datasources.yaml").get("datasources").findValues("uid").stream()
            .map(JsonNode::asText)
            .collect(Collectors.toSet());
    for (Path file : DeployFiles.below("grafana/dashboards", ".json")) {
      for (JsonNode panel : json(file).get("panels")) {
        assertThat(provided).contains(panel.at("/datasource/uid").asText());
      }
    }
    assertThat(DeployFiles.text("containers/compose.yaml"))
        .contains(
            "../grafana/dashboards:"
                + DeployFiles.yaml("grafana/dashboards.yaml")
                    .at("/providers/0/options/path")
                    .asText());
  }

  /** What no alert looks at can break without anybody's notice. */
  @Test
  void everyMetricOfTheServicesIsWatched() {
    String queries = String.join("\n", prometheusQueries());
    DeployFiles.sections("metrics.txt").values().stream()
        .flatMap(List::stream)
        .forEach(metric -> assertThat(queries).contains(metric));
  }

  /** Debian's package prometheus brings it. */
  @Test
  void promtoolAcceptsTheRules(@TempDir Path folder) throws Exception {
    Path promtool = onPath("promtool");
    assumeThat(promtool).as("promtool is not installed").isNotNull();
    for (String file :
        List.of(
            "prometheus/alerts.yaml",
            "prometheus/alerts-test.yaml",
            "containers/prometheus.yaml")) {
      Path source = DeployFiles.deploy(file);
      Files.copy(source, folder.resolve(source.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }
    run(folder, promtool, "check", "rules", "alerts.yaml");
    run(folder, promtool, "test", "rules", "alerts-test.yaml");
    run(folder, promtool, "check", "config", "--syntax-only", "prometheus.yaml");
  }

  static Path onPath(String program) {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  private static void run(Path folder, Path program, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }
}
