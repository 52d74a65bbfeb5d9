package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A real Prometheus with the configuration of the containers, if there is one on this machine. */
final class Prometheus {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Processes processes;
  private final String url;

  private Prometheus(Processes processes, String url) {
    this.processes = processes;
    this.url = url;
  }

  static boolean isHere() {
    return MonitoringTest.onPath("prometheus") != null;
  }

  /** Changes only what cannot be the same in two places: addresses, paths, and how often. */
  static Prometheus start(
      Processes processes, Path folder, Map<String, Integer> targets, String token)
      throws Exception {
    Path home = folder.resolve("prometheus");
    Files.createDirectories(home);
    Path tokenFile = home.resolve("token");
    Files.writeString(tokenFile, token);
    String configuration =
        DeployFiles.text("containers/prometheus.yaml")
            .replace("/run/secrets/metrics-token", tokenFile.toString())
            .replace("scrape_interval: 15s", "scrape_interval: 1s")
            .replace("evaluation_interval: 15s", "evaluation_interval: 1s");
    for (Map.Entry<String, Integer> target : targets.entrySet()) {
      assertThat(configuration).contains(target.getKey());
      configuration = configuration.replace(target.getKey(), "127.0.0.1:" + target.getValue());
    }
    Path file = home.resolve("prometheus.yaml");
    Files.writeString(file, configuration);
    Files.writeString(home.resolve("alerts.yaml"), DeployFiles.text("prometheus/alerts.yaml"));
    int port = Processes.freePort();
    Process process =
        processes.start(
            "prometheus",
            List.of(
                MonitoringTest.onPath("prometheus").toString(),
                "--config.file=" + file,
                "--storage.tsdb.path=" + home.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port),
            Map.of());
    Prometheus prometheus = new Prometheus(processes, "http://127.0.0.1:" + port);
    processes.awaitOk(process, "prometheus", prometheus.url + "/-/ready", PATIENCE);
    processes.await(
        PATIENCE,
        "prometheus",
        () -> prometheus.ask("sum(up)").path(0).at("/value/1").asInt() == targets.size());
    return prometheus;
  }

  /** The series that a query gives now. */
  private JsonNode ask(String query) throws Exception {
    String answer =
        Processes.get(
                url + "/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8),
                null)
            .body();
    JsonNode json = DeployFiles.JSON.readTree(answer);
    assertThat(json.get("status").asText()).as(answer).isEqualTo("success");
    return json.at("/data/result");
  }

  /**
   * Each panel of the dashboards shows something, and each alert can be judged.
   *
   * @param scraped whose metrics there are: {@code taximeter_}, {@code fluentbit_}
   */
  void assertPanelsShowSomething(List<String> scraped) throws Exception {
    int asked = 0;
    for (Path file : DeployFiles.below("grafana/dashboards", ".json")) {
      for (JsonNode panel : MonitoringTest.json(file).get("panels")) {
        for (String query : panel.findValuesAsText("expr")) {
          if (scraped.stream().anyMatch(query::contains)) {
            asked++;
            // A rate needs two scrapes.
            processes.await(PATIENCE, "prometheus", () -> !ask(query).isEmpty());
          }
        }
      }
    }
    assertThat(asked).isGreaterThan(10);
    JsonNode groups =
        DeployFiles.JSON
            .readTree(Processes.get(url + "/api/v1/rules", null).body())
            .at("/data/groups");
    assertThat(groups).hasSizeGreaterThan(2);
    for (JsonNode rule : groups.findValues("rules").stream().flatMap(Prometheus::stream).toList()) {
      assertThat(rule.get("health").asText()).as(rule.toString()).isIn("ok", "unknown");
    }
  }

  private static java.util.stream.Stream<JsonNode> stream(JsonNode array) {
    return java.util.stream.StreamSupport.stream(array.spliterator(), false);
  }
}
