package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimSpec;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The examples say what the operators of Kafka and ClickHouse understand. */
class OperatorsTest {
  private static final Map<String, Map<String, List<String>>> RESOURCES = resources();

  private static Map<String, Map<String, List<String>>> resources() {
    Map<String, Map<String, List<String>>> resources = new TreeMap<>();
    DeployFiles.sections("operator-fields.txt")
        .forEach(
            (resource, lines) -> {
              Map<String, List<String>> fields = new TreeMap<>();
              for (String line : lines) {
                List<String> words = Arrays.asList(line.split(" ", -1));
                fields.put(words.get(0), words.subList(1, words.size()));
              }
              resources.put(resource, fields);
            });
    return resources;
  }

  private static List<JsonNode> examples() {
    List<JsonNode> documents = new ArrayList<>();
    for (Path file : DeployFiles.below("kubernetes/examples", ".yaml")) {
      documents.addAll(DeployFiles.documents(file));
    }
    return documents;
  }

  private static JsonNode only(String kind) {
    return examples().stream()
        .filter(document -> document.path("kind").asText().equals(kind))
        .reduce(
            (first, second) -> {
              throw new IllegalStateException(kind + " twice");
            })
        .orElseThrow();
  }

  private static List<String> wrong(JsonNode document) {
    String resource = document.path("apiVersion").asText() + " " + document.path("kind").asText();
    if (!RESOURCES.containsKey(resource)) {
      return List.of("no such resource: " + resource);
    }
    List<String> wrong = new ArrayList<>();
    for (String field : names(document)) {
      if (!List.of("apiVersion", "kind", "metadata", "spec").contains(field)) {
        wrong.add("unknown: " + field);
      }
    }
    look(RESOURCES.get(resource), "spec", document.path("spec"), wrong);
    return wrong;
  }

  private static List<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static void look(
      Map<String, List<String>> fields, String path, JsonNode node, List<String> wrong) {
    if (!fields.containsKey(path)) {
      wrong.add("not on the list, take it from the operator's definition: " + path);
      return;
    }
    String type = fields.get(path).get(0);
    List<String> rest = fields.get(path).subList(1, fields.get(path).size());
    if (!isOf(type, node)) {
      wrong.add(path + " is no " + type);
    } else if (type.equals("{}")) {
      for (String name : names(node)) {
        if (rest.contains(name) || rest.contains(name + "!")) {
          look(fields, path + "." + name, node.get(name), wrong);
        } else {
          wrong.add("unknown: " + path + "." + name);
        }
      }
      rest.stream()
          .filter(name -> name.endsWith("!") && !node.has(name.substring(0, name.length() - 1)))
          .forEach(name -> wrong.add("missing: " + path + "." + name));
    } else if (type.equals("[]")) {
      node.forEach(element -> look(fields, path + "[]", element, wrong));
    } else if (!rest.isEmpty() && !rest.contains(node.asText())) {
      wrong.add(path + " cannot be " + node.asText());
    }
  }

  private static boolean isOf(String type, JsonNode node) {
    return switch (type) {
      case "{}" -> node.isObject();
      case "[]" -> node.isArray();
      case "string" -> node.isTextual();
      case "integer" -> node.isInt();
      case "boolean" -> node.isBoolean();
      case "*" -> true;
      default -> throw new IllegalArgumentException(type);
    };
  }

  @Test
  void examplesHaveNothingThatTheOperatorsDoNotKnow() {
    assertThat(examples()).hasSizeGreaterThan(30);
    for (JsonNode document : examples()) {
      assertThat(wrong(document)).as(document.at("/metadata/name").asText()).isEmpty();
      assertThat(document.at("/metadata/namespace").asText()).isIn("kafka", "clickhouse");
    }
  }

  @Test
  void whatAnOperatorWouldRefuseIsFound() throws Exception {
    assertThat(
            wrong(
                DeployFiles.YAML.readTree(
                    "{apiVersion: kafka.strimzi.io/v1, kind: KafkaTopic, specs: {}, spec:"
                        + " {partition: 1, replicas: '3'}}")))
        .containsExactly(
            "unknown: specs", "unknown: spec.partition", "spec.replicas is no integer");
    assertThat(
            wrong(
                DeployFiles.YAML.readTree(
                    "{apiVersion: kafka.strimzi.io/v1, kind: KafkaUser, spec: {authentication:"
                        + " {type: plain}, authorization: {type: simple}}}")))
        .containsExactly(
            "spec.authentication.type cannot be plain", "missing: spec.authorization.acls!");
    // Strimzi 1.0 does not know it any more.
    assertThat(
            wrong(
                DeployFiles.YAML.readTree(
                    "{apiVersion: kafka.strimzi.io/v1beta2, kind: KafkaTopic, spec: {}}")))
        .containsExactly("no such resource: kafka.strimzi.io/v1beta2 KafkaTopic");
  }

  /** The operator takes pods, services and claims as Kubernetes has them. */
  @Test
  void templatesOfClickHouseAreKubernetes() throws Exception {
    JsonNode templates = only("ClickHouseInstallation").at("/spec/templates");
    for (var kind :
        Map.of(
                "podTemplates",
                PodSpec.class,
                "serviceTemplates",
                ServiceSpec.class,
                "volumeClaimTemplates",
                PersistentVolumeClaimSpec.class)
            .entrySet()) {
      for (JsonNode template : templates.get(kind.getKey())) {
        Object spec = DeployFiles.YAML.treeToValue(template.get("spec"), kind.getValue());
        KubernetesTest.refuseUnknown(spec, kind.getKey());
      }
    }
    only("ClickHouseInstallation")
        .at("/spec/defaults/templates")
        .forEach(
            name ->
                assertThat(templates.findValuesAsText("name"))
                    .as("templates")
                    .contains(name.asText()));
  }

  /** What the operators make has the addresses that the services are told. */
  @Test
  void addressesAreThoseOfTheSettings() {
    JsonNode settings =
        DeployFiles.documents(DeployFiles.deploy("kubernetes/base/settings.yaml")).get(0);
    URI clickHouse =
        URI.create(
            settings
                .at("/data/TAXIMETER_CLICKHOUSE_URL")
                .asText()
                .substring("jdbc:clickhouse:".length()));
    JsonNode installation = only("ClickHouseInstallation");
    JsonNode service = installation.at("/spec/templates/serviceTemplates/0");
    assertThat(clickHouse.getHost())
        .isEqualTo(
            "%s.%s.svc.cluster.local",
            service.get("generateName").asText(), installation.at("/metadata/namespace").asText());
    // The operator gives each replica a service of its own: chi-INSTALLATION-CLUSTER-SHARD-REPLICA.
    String first =
        "chi-%s-%s-0-0.%s.svc.cluster.local"
            .formatted(
                installation.at("/metadata/name").asText(),
                installation.at("/spec/configuration/clusters/0/name").asText(),
                installation.at("/metadata/namespace").asText());
    assertThat(
            DeployFiles.documents(DeployFiles.deploy("kubernetes/base/settings.yaml"))
                .get(2)
                .at("/data/TAXIMETER_CLICKHOUSE_URL")
                .asText())
        .contains("//" + first + ":" + clickHouse.getPort() + "/");
    assertThat(clickHouse.getPort())
        .isEqualTo(service.at("/spec/ports/0/port").asInt())
        .isEqualTo(installation.at("/spec/configuration/settings/https_port").asInt());

    JsonNode kafka = only("Kafka");
    String bootstrap =
        "%s-kafka-bootstrap.%s.svc.cluster.local"
            .formatted(
                kafka.at("/metadata/name").asText(), kafka.at("/metadata/namespace").asText());
    for (JsonNode listener : kafka.at("/spec/kafka/listeners")) {
      String port = ":" + listener.get("port").asInt();
      if (listener.at("/authentication/type").asText().equals("tls")) {
        // On machines of its own, under a name that reaches them.
        assertThat(DeployFiles.text("rsyslog/taximeter.conf")).contains(port + "\"]");
      } else {
        Stream.of(
                "kafka/client.properties",
                "kubernetes/fluent-bit-daemonset/daemonset.yaml",
                "kubernetes/fluent-bit-sidecar/sidecar.yaml")
            .forEach(
                file -> assertThat(DeployFiles.text(file)).as(file).contains(bootstrap + port));
      }
    }
    assertThat(only("KafkaNodePool").at("/metadata/labels/strimzi.io~1cluster"))
        .isEqualTo(kafka.at("/metadata/name"));
  }
}
