package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What kustomize makes of the folders, as users apply them, is whole. */
class KustomizeTest {
  /** The program, if it is not on the path; kubectl from 1.27 on brings one of its own. */
  private static final String VARIABLE = "TAXIMETER_TEST_KUSTOMIZE";

  private static final int FIRST_VERSION = 5;

  /** The command that renders a folder, or null. */
  private static List<String> program() throws Exception {
    String named = System.getenv(VARIABLE);
    Path kustomize = named == null ? MonitoringTest.onPath("kustomize") : Path.of(named);
    if (kustomize != null) {
      return List.of(kustomize.toString(), "build");
    }
    Path kubectl = MonitoringTest.onPath("kubectl");
    if (kubectl == null) {
      return null;
    }
    String version =
        DeployFiles.JSON
            .readTree(run(List.of(kubectl.toString(), "version", "--client", "--output=json")))
            .path("kustomizeVersion")
            .asText("v0");
    return Integer.parseInt(version.split("[v.]", -1)[1]) < FIRST_VERSION
        ? null
        : List.of(kubectl.toString(), "kustomize");
  }

  private static String run(List<String> command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
    return output;
  }

  private static List<JsonNode> render(Path folder, String... options) throws Exception {
    List<String> program = program();
    assumeThat(program)
        .as("neither kustomize nor a kubectl with it is on the path, %s names none", VARIABLE)
        .isNotNull();
    List<String> command = new ArrayList<>(program);
    command.addAll(List.of(options));
    command.add(folder.toString());
    Path rendered = Files.createTempFile("rendered", ".yaml");
    Files.writeString(rendered, run(command));
    List<JsonNode> documents = DeployFiles.documents(rendered);
    Files.delete(rendered);
    return documents;
  }

  private static Map<String, JsonNode> wholeAndByName(List<JsonNode> documents) throws Exception {
    Map<String, JsonNode> byName = new LinkedHashMap<>();
    for (JsonNode document : documents) {
      KubernetesTest.strict(document);
      String name = document.get("kind").asText() + "/" + document.at("/metadata/name").asText();
      assertThat(byName.put(name, document)).as(name + " twice").isNull();
      if (!document.get("kind").asText().equals("Namespace")) {
        assertThat(document.at("/metadata/namespace").asText())
            .as("without a namespace it goes to that of the user: " + name)
            .isIn("taximeter", "higress-system");
      }
    }
    for (JsonNode document : documents) {
      for (String reference : List.of("configMapRef", "configMap")) {
        for (JsonNode named : document.findValues(reference)) {
          assertThat(byName).containsKey("ConfigMap/" + named.get("name").asText());
        }
      }
      JsonNode target = document.at("/spec/scaleTargetRef");
      if (target.isObject()) {
        assertThat(byName)
            .containsKey(target.get("kind").asText() + "/" + target.get("name").asText());
      }
    }
    return byName;
  }

  @Test
  void overlaysAreWhole() throws Exception {
    for (String folder : List.of("base", "overlays/single", "overlays/production")) {
      Map<String, JsonNode> objects =
          wholeAndByName(render(DeployFiles.deploy("kubernetes/" + folder)));
      assertThat(objects)
          .containsKeys("StatefulSet/taximeter-metering", "Deployment/taximeter-billing-api");
      JsonNode replicas = objects.get("StatefulSet/taximeter-metering").at("/spec/replicas");
      if (objects.containsKey("HorizontalPodAutoscaler/taximeter-metering")) {
        assertThat(replicas.isMissingNode()).as("the autoscaler's").isTrue();
      } else {
        assertThat(replicas.asInt()).isEqualTo(1);
      }
      // A patch adds to the container; it does not take its place.
      assertThat(container(objects, "Deployment/taximeter-billing-api").at("/env"))
          .hasSizeGreaterThan(5);
      assertThat(container(objects, "Deployment/taximeter-billing-api").at("/image").asText())
          .startsWith(folder.equals("base") ? "taximeter/" : "registry.example.com/taximeter/");
    }
  }

  /** Alerts go to receivers outside, which the base's policies hold back. */
  @Test
  void theWayOutIsAddedForTheApiAlone(@TempDir Path folder) throws Exception {
    copyDeployed(folder);
    Path own = folder.resolve("kubernetes/overlays/own");
    Files.createDirectories(own);
    Files.writeString(
        own.resolve("kustomization.yaml"),
        "resources: [../single]\ncomponents: [../../receivers, ../../gate]\n");
    JsonNode policy = wholeAndByName(render(own)).get("NetworkPolicy/taximeter-receivers");
    assertThat(policy.at("/spec/podSelector/matchLabels/app.kubernetes.io~1name").asText())
        .isEqualTo("taximeter-billing-api");
    assertThat(policy.at("/spec/egress/0/to/0/ipBlock/except").toString())
        .contains("169.254.0.0/16", "10.0.0.0/8");
  }

  private static JsonNode container(Map<String, JsonNode> objects, String name) {
    JsonNode containers = objects.get(name).at("/spec/template/spec/containers");
    assertThat(containers).hasSize(1);
    return containers.get(0);
  }

  @Test
  void theGateIsAddedToAnOverlay(@TempDir Path folder) throws Exception {
    copyDeployed(folder);
    for (String overlay : List.of("single", "production")) {
      Path own = folder.resolve("kubernetes/overlays/own-" + overlay);
      Files.createDirectories(own);
      Files.writeString(
          own.resolve("kustomization.yaml"),
          "resources: [../%s]\ncomponents: [../../gate]\n".formatted(overlay));
      Map<String, JsonNode> objects = wholeAndByName(render(own));
      assertThat(objects).containsKey("NetworkPolicy/taximeter-gate");
      JsonNode container = container(objects, "Deployment/taximeter-billing-api");
      assertThat(container.at("/env").findValuesAsText("name"))
          .contains("TAXIMETER_GATE_PORT", "TAXIMETER_PORT");
      assertThat(container.at("/ports").findValuesAsText("name")).contains("gate", "http");
      assertThat(
              objects
                  .get("Service/taximeter-billing-api")
                  .at("/spec/ports")
                  .findValuesAsText("name"))
          .contains("gate", "http");
    }
  }

  @Test
  void fluentBitsFoldersCarryItsFiles() throws Exception {
    for (String folder : List.of("fluent-bit-daemonset", "fluent-bit-sidecar")) {
      List<JsonNode> documents =
          render(
              DeployFiles.deploy("kubernetes/" + folder), "--load-restrictor=LoadRestrictionsNone");
      wholeAndByName(documents);
      JsonNode files =
          documents.stream()
              .filter(document -> document.get("kind").asText().equals("ConfigMap"))
              .findFirst()
              .orElseThrow()
              .get("data");
      for (String file : List.of("fluent-bit.yaml", "taximeter.lua")) {
        assertThat(files.get(file).asText()).isEqualTo(DeployFiles.text("fluent-bit/" + file));
      }
    }
  }

  @Test
  void theShippersFolderIsWhole() throws Exception {
    Map<String, JsonNode> objects =
        wholeAndByName(render(DeployFiles.deploy("kubernetes/shipper-daemonset")));
    assertThat(objects).hasSize(2);
    JsonNode pod = objects.get("DaemonSet/taximeter-shipper").at("/spec/template/spec");
    assertThat(pod.at("/containers/0/image").asText())
        .startsWith("registry.example.com/taximeter/shipper:");
    Set<String> volumes = new TreeSet<>(pod.get("volumes").findValuesAsText("name"));
    pod.at("/containers/0/volumeMounts")
        .forEach(mount -> assertThat(volumes).contains(mount.get("name").asText()));
  }

  /** As kubectl patch and helm's post-renderer apply them to what the chart makes. */
  @Test
  void theGatewaysPatchesAddToIt(@TempDir Path folder) throws Exception {
    Map<String, Set<String>> patches =
        Map.of(
            "fluent-bit-daemonset/gateway-log-on-node.yaml",
            Set.of("higress-gateway"),
            "fluent-bit-sidecar/sidecar.yaml",
            Set.of("higress-gateway", "taximeter-fluent-bit"));
    for (Map.Entry<String, Set<String>> patch : patches.entrySet()) {
      Files.writeString(
          folder.resolve("gateway.yaml"),
          """
          apiVersion: apps/v1
          kind: Deployment
          metadata: { name: higress-gateway, namespace: higress-system }
          spec:
            selector: { matchLabels: { app: higress-gateway } }
            template:
              metadata: { labels: { app: higress-gateway } }
              spec:
                containers:
                  - name: higress-gateway
                    image: gateway
                    ports: [{ name: http-envoy-prom, containerPort: 15020 }]
                    volumeMounts: [{ name: config, mountPath: /etc/istio/config }]
                volumes: [{ name: config, configMap: { name: higress-config } }]
          """);
      Files.writeString(
          folder.resolve("patch.yaml"), DeployFiles.text("kubernetes/" + patch.getKey()));
      Files.writeString(
          folder.resolve("kustomization.yaml"),
          "resources: [gateway.yaml]\npatches: [{ path: patch.yaml }]\n");
      List<JsonNode> documents = render(folder);
      assertThat(documents).hasSize(1);
      KubernetesTest.strict(documents.get(0));
      JsonNode pod = documents.get(0).at("/spec/template/spec");
      Set<String> names = new TreeSet<>();
      Set<String> volumes = new TreeSet<>(pod.get("volumes").findValuesAsText("name"));
      for (JsonNode container : pod.get("containers")) {
        names.add(container.get("name").asText());
        container
            .get("volumeMounts")
            .forEach(mount -> assertThat(volumes).contains(mount.get("name").asText()));
        if (container.get("name").asText().equals("higress-gateway")) {
          assertThat(container.get("image").asText()).isEqualTo("gateway");
          assertThat(container.get("volumeMounts").findValuesAsText("mountPath"))
              .contains("/etc/istio/config", "/var/log/proxy");
        }
      }
      assertThat(names).isEqualTo(patch.getValue());
    }
  }

  private static void copyDeployed(Path folder) throws IOException {
    Path source = DeployFiles.deploy("kubernetes");
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.toList()) {
        Path target = folder.resolve("kubernetes").resolve(source.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }
}
