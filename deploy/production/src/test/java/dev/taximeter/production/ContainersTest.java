package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Images and compose.yaml against what the services read, and against each other. */
class ContainersTest {
  private static final Set<String> DIRECTIVES =
      Set.of(
          "FROM",
          "RUN",
          "COPY",
          "ENV",
          "WORKDIR",
          "USER",
          "STOPSIGNAL",
          "VOLUME",
          "EXPOSE",
          "HEALTHCHECK",
          "CMD",
          "ENTRYPOINT");

  private static final Set<String> SERVICE_KEYS =
      Set.of(
          "<<",
          "build",
          "cap_drop",
          "command",
          "depends_on",
          "environment",
          "healthcheck",
          "image",
          "mem_limit",
          "networks",
          "ports",
          "profiles",
          "read_only",
          "restart",
          "secrets",
          "security_opt",
          "stop_grace_period",
          "tmpfs",
          "ulimits",
          "volumes");

  private static final Pattern PINNED =
      Pattern.compile("[a-z0-9./-]+:v?[0-9]+[.][0-9][0-9A-Za-z._-]*");

  private final JsonNode compose = DeployFiles.yaml("containers/compose.yaml");
  private final Map<String, List<String>> stages = stages();

  /** Instructions of each stage of the Dockerfile. */
  private static Map<String, List<String>> stages() {
    Map<String, List<String>> stages = new TreeMap<>();
    List<String> stage = null;
    String joined = DeployFiles.text("containers/Dockerfile").replace("\\\n", " ");
    for (String line : joined.lines().toList()) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String directive = line.split(" ", 2)[0];
      assertThat(DIRECTIVES).contains(directive);
      if (directive.equals("FROM")) {
        Matcher from = Pattern.compile("FROM (\\S+) AS (\\S+)").matcher(line);
        assertThat(from.matches()).as(line).isTrue();
        String base = from.group(1);
        assertThat(stages.containsKey(base) || PINNED.matcher(base).matches()).as(line).isTrue();
        stage = new ArrayList<>(stages.getOrDefault(base, List.of()));
        stages.put(from.group(2), stage);
      }
      stage.add(line.replaceAll(" +", " "));
    }
    return stages;
  }

  @Test
  void imagesRunTheServicesWithoutPrivileges() throws Exception {
    Map<String, String> mains =
        Map.of(
            "metering", "dev.taximeter.streams.Metering",
            "billing-api", "dev.taximeter.api.BillingApi",
            "shipper", "dev.taximeter.ship.ShipperProcess");
    for (Map.Entry<String, String> main : mains.entrySet()) {
      List<String> stage = stages.get(main.getKey());
      assertThat(stage).contains("USER 10001:10001", "STOPSIGNAL SIGTERM");
      String entry = stage.get(stage.size() - 1);
      List<?> command =
          DeployFiles.JSON.readValue(entry.substring("ENTRYPOINT ".length()), List.class);
      assertThat(command.get(command.size() - 1)).isEqualTo(main.getValue());
      assertThat(
              ContainersTest.class
                  .getClassLoader()
                  .getResource(main.getValue().replace('.', '/') + ".class"))
          .isNotNull();
    }
  }

  @Test
  void portsOfImagesAreThoseOfTheirSettingsAndChecks() {
    assertThat(port("metering", "TAXIMETER_HEALTH_PORT")).isEqualTo("8081");
    assertThat(port("billing-api", "TAXIMETER_PORT")).isEqualTo("8080");
  }

  private String port(String image, String variable) {
    String stage = String.join("\n", stages.get(image));
    Matcher set = Pattern.compile(variable + "=(\\d+)").matcher(stage);
    assertThat(set.find()).isTrue();
    String port = set.group(1);
    assertThat(stage)
        .contains("EXPOSE " + port)
        .contains("HEALTHCHECK")
        .contains("/dev/tcp/127.0.0.1/" + port + " ")
        .contains("GET /livez");
    return port;
  }

  @Test
  void composeIsWhatComposeUnderstands() {
    Set<String> secrets = names(compose.get("secrets"));
    Set<String> volumes = names(compose.get("volumes"));
    compose
        .get("services")
        .properties()
        .forEach(
            service -> {
              JsonNode it = service.getValue();
              assertThat(names(it)).as(service.getKey()).isSubsetOf(SERVICE_KEYS);
              assertThat(it.get("image").asText()).matches(PINNED);
              assertThat(it.path("mem_limit").asText())
                  .as("one that grows takes the machine from all others: %s", service.getKey())
                  .matches("[0-9]+[mg]");
              it.path("secrets").forEach(secret -> assertThat(secrets).contains(secret.asText()));
              it.path("volumes")
                  .forEach(volume -> assertVolume(volume.asText().split(":")[0], volumes));
              it.path("ports").forEach(port -> assertThat(port.asText()).startsWith("127.0.0.1:"));
            });
    assertThat(DeployFiles.text("containers/secrets.sh")).contains(secrets);
  }

  /** Catalogue, credits and final bills are nowhere else. */
  @Test
  void kafkaKeepsItsDataInItsVolume() {
    JsonNode kafka = compose.at("/services/kafka");
    assertThat(kafka.at("/volumes/0").asText())
        .isEqualTo("kafka:" + kafka.at("/environment/KAFKA_LOG_DIRS").asText());
  }

  @Test
  void secretsStayOutOfTheBuild() {
    assertThat(DeployFiles.text("containers/Dockerfile.dockerignore").lines())
        .contains("deploy/containers/secrets", ".git", "data");
    assertThat(DeployFiles.text("containers/secrets.sh")).contains("mkdir -p secrets");
  }

  private static void assertVolume(String source, Set<String> volumes) {
    if (source.startsWith(".")) {
      Path file = DeployFiles.deploy("containers").resolve(source);
      assertThat(Files.exists(file)).as(source).isTrue();
    } else {
      assertThat(volumes).contains(source);
    }
  }

  private static Set<String> names(JsonNode node) {
    Set<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void variablesAreThoseThatTheServicesRead() {
    Set<String> metering = names(compose.at("/services/metering/environment"));
    assertThat(ClassFiles.variables("dev/taximeter/contract/", "dev/taximeter/streams/"))
        .containsAll(metering);
    Set<String> api = names(compose.at("/services/billing-api/environment"));
    assertThat(ClassFiles.variables("dev/taximeter/contract/", "dev/taximeter/api/"))
        .containsAll(api);
    assertThat(compose.at("/services/metering/environment/TAXIMETER_PARTITIONS"))
        .isEqualTo(compose.at("/services/billing-api/environment/TAXIMETER_PARTITIONS"));
    assertThat(compose.at("/services/billing-api/environment/TAXIMETER_CLICKHOUSE_USER").asText())
        .isEqualTo("taximeter_reader");
  }

  /** A service that reads a file which no secret or volume brings would not start. */
  @Test
  void filesOfTheSettingsAreThere() {
    for (String service : List.of("metering", "billing-api")) {
      JsonNode it = compose.at("/services/" + service);
      List<String> there = new ArrayList<>();
      it.get("secrets").forEach(secret -> there.add("/run/secrets/" + secret.asText()));
      it.get("volumes").forEach(volume -> there.add(volume.asText().split(":")[1]));
      it.get("environment")
          .properties()
          .forEach(
              variable -> {
                String value = variable.getValue().asText();
                if (value.startsWith("/")) {
                  assertThat(there).as(variable.getKey()).contains(value);
                }
              });
    }
  }

  /** Native libraries are unpacked in /tmp, and Docker mounts that noexec unless told. */
  @Test
  void nativeLibrariesCanBeUnpacked() {
    assertThat(compose.at("/x-service/tmpfs/0").asText()).contains("exec").doesNotContain("noexec");
  }

  /** Half of it is the heap, as the page says. */
  @Test
  void theServicesHaveTheMemoryThatTheyNeed() {
    assertThat(bytes("metering")).isGreaterThanOrEqualTo(1L << 30);
    assertThat(bytes("billing-api")).isGreaterThanOrEqualTo(512L << 20);
    assertThat(DeployFiles.text("containers/Dockerfile")).contains("-XX:MaxRAMPercentage=50");
  }

  private long bytes(String service) {
    String limit = compose.at("/services/" + service + "/mem_limit").asText();
    return Long.parseLong(limit.substring(0, limit.length() - 1))
        << (limit.endsWith("g") ? 30 : 20);
  }

  /** Who reads metrics need not be able to change prices. */
  @Test
  void prometheusHasATokenThatOnlyReads() {
    String file = "/run/secrets/metrics-token";
    List<JsonNode> authorizations =
        DeployFiles.yaml("containers/prometheus.yaml").findValues("authorization");
    assertThat(authorizations).hasSize(1);
    assertThat(authorizations.get(0).get("credentials_file").asText()).isEqualTo(file);
    assertThat(compose.at("/services/prometheus/secrets"))
        .hasSize(1)
        .allMatch(secret -> secret.asText().equals("metrics-token"));
    assertThat(compose.at("/secrets/metrics-token/file").asText())
        .isEqualTo("./secrets/metrics-token");
    assertThat(DeployFiles.text("containers/metrics-token.sh")).contains("\"role\":\"viewer\"");
  }

  @Test
  void prometheusAsksWhereTheServicesListen() {
    JsonNode jobs = DeployFiles.yaml("containers/prometheus.yaml").get("scrape_configs");
    assertThat(jobs.findValuesAsText("targets")).isNotNull();
    List<String> targets = new ArrayList<>();
    jobs.forEach(job -> targets.add(job.at("/static_configs/0/targets/0").asText()));
    assertThat(targets).contains("metering:8081", "billing-api:8080", "fluent-bit:2020");
    assertThat(DeployFiles.yaml("containers/fluent-bit.yaml").at("/service/http_port").asText())
        .isEqualTo("2020");
  }
}
