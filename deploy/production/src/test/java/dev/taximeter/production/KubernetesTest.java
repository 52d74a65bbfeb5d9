package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taximeter.api.settings.ApiSettings;
import dev.taximeter.api.settings.GateSettings;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.security.GateIdentity;
import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.parse.GatewayConfiguration;
import dev.taximeter.ship.ShipperSettings;
import dev.taximeter.streams.landing.LandingSettings;
import dev.taximeter.streams.topology.MeteringSettings;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.io.IOException;
import java.io.StringReader;
import java.lang.reflect.Method;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Manifests say what Kubernetes understands, and what the services read. */
class KubernetesTest {
  private static final Map<String, String> MODELS =
      Map.ofEntries(
          Map.entry("v1/ConfigMap", "io.fabric8.kubernetes.api.model.ConfigMap"),
          Map.entry("v1/Namespace", "io.fabric8.kubernetes.api.model.Namespace"),
          Map.entry("v1/Service", "io.fabric8.kubernetes.api.model.Service"),
          Map.entry("v1/ServiceAccount", "io.fabric8.kubernetes.api.model.ServiceAccount"),
          Map.entry("apps/v1/DaemonSet", "io.fabric8.kubernetes.api.model.apps.DaemonSet"),
          Map.entry("apps/v1/Deployment", "io.fabric8.kubernetes.api.model.apps.Deployment"),
          Map.entry("apps/v1/StatefulSet", "io.fabric8.kubernetes.api.model.apps.StatefulSet"),
          Map.entry(
              "policy/v1/PodDisruptionBudget",
              "io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget"),
          Map.entry(
              "autoscaling/v2/HorizontalPodAutoscaler",
              "io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler"),
          Map.entry(
              "networking.k8s.io/v1/Ingress",
              "io.fabric8.kubernetes.api.model.networking.v1.Ingress"),
          Map.entry(
              "networking.k8s.io/v1/NetworkPolicy",
              "io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy"),
          Map.entry(
              "monitoring.coreos.com/v1/PodMonitor",
              "io.fabric8.openshift.api.model.monitoring.v1.PodMonitor"),
          Map.entry(
              "monitoring.coreos.com/v1/PrometheusRule",
              "io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule"),
          Map.entry(
              "monitoring.coreos.com/v1/ServiceMonitor",
              "io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor"));

  private static final String METERING = "taximeter-metering";
  private static final String BILLING_API = "taximeter-billing-api";

  private static List<Path> manifests() {
    return DeployFiles.below("kubernetes", ".yaml").stream()
        .filter(file -> !file.getFileName().toString().equals("kustomization.yaml"))
        // Not for Kubernetes: what a ConfigMap is made of.
        .filter(file -> !file.getFileName().toString().equals("gateway.yaml"))
        .filter(file -> !file.toString().contains("/examples/"))
        .toList();
  }

  static HasMetadata strict(JsonNode document) throws Exception {
    String type = document.path("apiVersion").asText() + "/" + document.path("kind").asText();
    assertThat(MODELS).as("kinds that are checked").containsKey(type);
    HasMetadata model =
        (HasMetadata) DeployFiles.YAML.treeToValue(document, Class.forName(MODELS.get(type)));
    refuseUnknown(model, type);
    return model;
  }

  /** The models keep fields that they do not know; no Kubernetes API knows them either. */
  static void refuseUnknown(Object model, String where) throws Exception {
    if (model instanceof Collection<?> all) {
      for (Object element : all) {
        refuseUnknown(element, where);
      }
    } else if (model != null && model.getClass().getName().startsWith("io.fabric8.")) {
      for (Method getter : model.getClass().getMethods()) {
        if (getter.getName().equals("getAdditionalProperties")) {
          assertThat((Map<?, ?>) getter.invoke(model)).as("unknown in %s", where).isEmpty();
        } else if (getter.getName().startsWith("get")
            && getter.getParameterCount() == 0
            && !getter.getName().equals("getClass")) {
          refuseUnknown(getter.invoke(model), where + " " + getter.getName().substring(3));
        }
      }
    }
  }

  @Test
  void everyManifestIsParsedStrictly() throws Exception {
    List<Path> files = manifests();
    assertThat(files).hasSizeGreaterThan(8);
    for (Path file : files) {
      for (JsonNode document : DeployFiles.documents(file)) {
        assertThat(strict(document).getMetadata().getName()).as("%s", file).isNotBlank();
      }
    }
  }

  @Test
  void aMisspeltFieldIsFound() throws Exception {
    JsonNode document =
        DeployFiles.YAML.readTree(
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: x}, spec: {template: {spec:"
                + " {containers: [{name: x, readynessProbe: {}}]}}}}");
    assertThatThrownBy(() -> strict(document)).hasMessageContaining("readynessProbe");
  }

  @Test
  void kustomizationsNameFilesThatExistAndPatchWhatIsThere() {
    for (Path file : DeployFiles.below("kubernetes", "kustomization.yaml")) {
      JsonNode kustomization = DeployFiles.documents(file).get(0);
      Set<String> there = new java.util.TreeSet<>();
      resources(file).forEach(document -> there.add(identity(document)));
      if (kustomization.get("kind").asText().equals("Component")) {
        // It patches what is there where it is added.
        resources(DeployFiles.deploy("kubernetes/base/kustomization.yaml"))
            .forEach(document -> there.add(identity(document)));
      }
      for (JsonNode patch : kustomization.path("patches")) {
        Path patched = file.resolveSibling(patch.get("path").asText());
        DeployFiles.documents(patched)
            .forEach(document -> assertThat(there).as("%s", patched).contains(identity(document)));
      }
    }
  }

  private static String identity(JsonNode document) {
    return document.get("kind").asText() + "/" + document.at("/metadata/name").asText();
  }

  private static List<JsonNode> resources(Path kustomization) {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode resource : DeployFiles.documents(kustomization).get(0).path("resources")) {
      Path path = kustomization.resolveSibling(resource.asText()).normalize();
      found.addAll(
          Files.isDirectory(path)
              ? resources(path.resolve("kustomization.yaml"))
              : DeployFiles.documents(path));
    }
    return found;
  }

  private static JsonNode base(String kind, String name) {
    return resources(DeployFiles.deploy("kubernetes/base/kustomization.yaml")).stream()
        .filter(document -> identity(document).equals(kind + "/" + name))
        .findFirst()
        .orElseThrow();
  }

  private static PodSpec pod(String kind, String name) throws Exception {
    return DeployFiles.YAML.treeToValue(base(kind, name).at("/spec/template/spec"), PodSpec.class);
  }

  /** The environment of a pod's only container. */
  static Map<String, String> environment(PodSpec pod) {
    Map<String, String> environment = new TreeMap<>();
    Container container = pod.getContainers().get(0);
    container
        .getEnvFrom()
        .forEach(
            from ->
                base("ConfigMap", from.getConfigMapRef().getName())
                    .get("data")
                    .properties()
                    .forEach(entry -> environment.put(entry.getKey(), entry.getValue().asText())));
    for (EnvVar variable : container.getEnv()) {
      environment.put(variable.getName(), variable.getValue());
    }
    return environment;
  }

  static Map<String, String> meteringEnvironment() throws Exception {
    return environment(pod("StatefulSet", METERING));
  }

  static Map<String, String> apiEnvironment() throws Exception {
    return environment(pod("Deployment", BILLING_API));
  }

  /** A variable that no service reads would be a setting that does nothing. */
  @Test
  void variablesAreThoseThatTheServicesRead() throws Exception {
    Set<String> shared = Set.of("TAXIMETER_REPLICATION");
    assertThat(ClassFiles.variables("dev/taximeter/contract/", "dev/taximeter/streams/"))
        .containsAll(meteringEnvironment().keySet());
    Set<String> ofApi = new java.util.TreeSet<>(apiEnvironment().keySet());
    ofApi.removeAll(shared);
    assertThat(ClassFiles.variables("dev/taximeter/contract/", "dev/taximeter/api/"))
        .containsAll(ofApi);
  }

  @Test
  void theServicesAcceptTheirSettings(@TempDir Path folder) throws Exception {
    Environment metering = new Environment(withFiles(folder, meteringEnvironment()));
    MeteringSettings settings = MeteringSettings.from(metering);
    LandingSettings.from(metering);
    GatewayConfiguration.from(metering);
    ApiSettings api = ApiSettings.from(new Environment(withFiles(folder, apiEnvironment())));
    assertThat(api.partitions()).isEqualTo(settings.partitions());
    assertThat(api.kafka()).containsEntry("num.standby.replicas", "1");
    assertThat(api.clickHouse().user())
        .isNotEqualTo(metering.text("TAXIMETER_CLICKHOUSE_USER", ""));
    assertThat(DeployFiles.text("kafka/topics.sh"))
        .contains("PARTITIONS:-" + settings.partitions())
        .contains("REPLICATION:-" + settings.replication());
  }

  /** Puts files in the place of those that volumes bring. */
  private static Map<String, String> withFiles(Path folder, Map<String, String> environment)
      throws IOException {
    Map<String, String> changed = new HashMap<>(environment);
    Map<String, String> contents = new LinkedHashMap<>();
    contents.put("TAXIMETER_KAFKA_CONFIG", DeployFiles.text("kafka/client.properties"));
    contents.put("TAXIMETER_ROOT_SECRET_FILE", "0123456789abcdef".repeat(4));
    contents.put("TAXIMETER_ADMIN_TOKEN_FILE", "t".repeat(ApiSettings.SHORTEST_TOKEN));
    contents.put("TAXIMETER_CLICKHOUSE_PASSWORD_FILE", "secret");
    contents.put(
        "TAXIMETER_GATEWAY_CONFIG",
        base("ConfigMap", "taximeter-gateway").at("/data/gateway.yaml").asText());
    for (Map.Entry<String, String> content : contents.entrySet()) {
      if (environment.containsKey(content.getKey())) {
        Path file = folder.resolve(content.getKey());
        Files.writeString(file, content.getValue());
        changed.put(content.getKey(), file.toString());
      }
    }
    return changed;
  }

  @Test
  void filesOfTheSettingsAreMounted() throws Exception {
    for (PodSpec pod : List.of(pod("StatefulSet", METERING), pod("Deployment", BILLING_API))) {
      List<String> mounts =
          pod.getContainers().get(0).getVolumeMounts().stream()
              .map(VolumeMount::getMountPath)
              .toList();
      environment(pod).values().stream()
          .flatMap(value -> Stream.of(value.split("[=&?]", -1)))
          .filter(value -> value.startsWith("/etc/") || value.startsWith("/var/"))
          .forEach(
              file -> assertThat(mounts).as(file).anyMatch(mount -> file.startsWith(mount + "/")));
    }
  }

  @Test
  void portsAndProbesAreThoseOfTheServices() throws Exception {
    PodSpec metering = pod("StatefulSet", METERING);
    PodSpec api = pod("Deployment", BILLING_API);
    assertPort(metering, "health", environment(metering).get("TAXIMETER_HEALTH_PORT"));
    assertPort(api, "http", environment(api).get("TAXIMETER_PORT"));
    assertThat(environment(metering)).containsEntry("TAXIMETER_HEALTH_ADDRESS", "0.0.0.0");
    assertThat(environment(api)).containsEntry("TAXIMETER_ADDRESS", "0.0.0.0");
    for (PodSpec pod : List.of(metering, api)) {
      Container container = pod.getContainers().get(0);
      assertThat(path(container.getLivenessProbe())).isEqualTo("/livez");
      assertThat(path(container.getReadinessProbe())).isEqualTo("/readyz");
      assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
      assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
      assertThat(pod.getEnableServiceLinks())
          .as("links of services would be read as settings")
          .isFalse();
    }
    for (String service : List.of(METERING, BILLING_API)) {
      String kind = service.equals(METERING) ? "StatefulSet" : "Deployment";
      Map<?, ?> labels =
          DeployFiles.YAML.convertValue(
              base(kind, service).at("/spec/template/metadata/labels"), Map.class);
      assertThat(
              DeployFiles.YAML.convertValue(
                  base("Service", service).at("/spec/selector"), Map.class))
          .isEqualTo(labels);
      assertThat(base("Service", service).at("/spec/ports/0/targetPort").asText())
          .isEqualTo(pod(kind, service).getContainers().get(0).getPorts().get(0).getName());
    }
  }

  /**
   * Landing reads back what it has written, and late lines ask whether they are known: of a replica
   * that lags behind, a line could be billed twice.
   */
  @Test
  void meteringAsksOneServerOfClickHouse() throws Exception {
    String metering = meteringEnvironment().get("TAXIMETER_CLICKHOUSE_URL");
    String api = apiEnvironment().get("TAXIMETER_CLICKHOUSE_URL");
    assertThat(metering)
        .contains("//chi-taximeter-taximeter-0-0.")
        .isNotEqualTo(api)
        .endsWith(api.substring(api.indexOf(".svc.cluster.local")));
  }

  /** What an autoscaler has decided would be undone with each deployment. */
  @Test
  void whatIsScaledHasNoNumberOfItsOwn() {
    JsonNode target =
        DeployFiles.yaml("kubernetes/overlays/production/scale-on-lag.yaml")
            .at("/spec/scaleTargetRef");
    JsonNode patch = DeployFiles.yaml("kubernetes/overlays/production/metering.yaml");
    assertThat(identity(patch))
        .isEqualTo(target.get("kind").asText() + "/" + target.get("name").asText());
    assertThat(patch.get("spec").has("replicas")).isTrue();
    assertThat(patch.at("/spec/replicas").isNull())
        .as("null takes away the number of the base")
        .isTrue();
  }

  /** A policy that names another port or namespace than the settings holds everything back. */
  @Test
  void networkPoliciesLetThroughWhatTheSettingsName() throws Exception {
    Map<String, JsonNode> policies = new TreeMap<>();
    for (JsonNode policy :
        DeployFiles.documents(DeployFiles.deploy("kubernetes/base/network-policies.yaml"))) {
      policies.put(policy.at("/metadata/name").asText(), policy.get("spec"));
    }
    assertThat(policies.get("default-deny").get("podSelector")).isEmpty();
    assertThat(policies.get("default-deny").get("policyTypes")).hasSize(2);

    Set<String> out = new java.util.TreeSet<>();
    for (JsonNode rule : policies.get("taximeter-egress").get("egress")) {
      String namespace =
          rule.at("/to/0/namespaceSelector/matchLabels/kubernetes.io~1metadata.name").asText();
      rule.get("ports").forEach(port -> out.add(namespace + ":" + port.get("port").asText()));
    }
    Properties kafka = new Properties();
    kafka.load(new StringReader(DeployFiles.text("kafka/client.properties")));
    Set<String> needed = new java.util.TreeSet<>(Set.of("kube-system:53"));
    for (String address :
        List.of(
            kafka.getProperty("bootstrap.servers"),
            meteringEnvironment().get("TAXIMETER_CLICKHOUSE_URL").split("//|/\\?")[1],
            apiEnvironment().get("TAXIMETER_CLICKHOUSE_URL").split("//|/\\?")[1])) {
      Matcher parts =
          Pattern.compile("[a-z0-9-]+\\.([a-z-]+)\\.svc\\.cluster\\.local:([0-9]+)")
              .matcher(address);
      assertThat(parts.matches()).as(address).isTrue();
      needed.add(parts.group(1) + ":" + parts.group(2));
    }
    assertThat(out).isEqualTo(needed);

    Set<String> selected = new java.util.TreeSet<>();
    policies
        .get("taximeter-egress")
        .at("/podSelector/matchExpressions/0/values")
        .forEach(value -> selected.add(value.asText()));
    assertThat(selected).containsExactlyInAnyOrder(METERING, BILLING_API);
    for (String name : List.of(METERING, BILLING_API)) {
      String kind = name.equals(METERING) ? "StatefulSet" : "Deployment";
      JsonNode policy = policies.get(name);
      assertThat(policy.at("/podSelector/matchLabels"))
          .isEqualTo(base(kind, name).at("/spec/template/metadata/labels"));
      assertThat(policy.at("/ingress/0/ports/0/port").asText())
          .isEqualTo(pod(kind, name).getContainers().get(0).getPorts().get(0).getName());
    }
  }

  /** The page says from which version on, where a manifest needs more than any cluster has. */
  @Test
  void thePageNamesTheVersionThatTheManifestsNeed() {
    boolean sleeps =
        manifests().stream()
            .flatMap(file -> DeployFiles.documents(file).stream())
            .anyMatch(document -> !document.findValues("sleep").isEmpty());
    assertThat(sleeps).isTrue();
    assertThat(DeployFiles.text("docs/kubernetes.md"))
        .contains("Kubernetes 1.27 or later")
        .contains("1.30");
  }

  /** Taximeter's own shipper reads what it is told, with settings that it knows. */
  @Test
  void theShippersPodsAreWhatTheShipperNeeds(@TempDir Path folder) throws Exception {
    JsonNode document = DeployFiles.yaml("kubernetes/shipper-daemonset/daemonset.yaml");
    PodSpec pod = DeployFiles.YAML.treeToValue(document.at("/spec/template/spec"), PodSpec.class);
    Container container = pod.getContainers().get(0);
    assertThat(pod.getEnableServiceLinks()).isFalse();
    assertThat(container.getPorts()).as("it listens on nothing").isEmpty();
    Map<String, String> environment = new HashMap<>();
    for (EnvVar variable : container.getEnv()) {
      environment.put(
          variable.getName(), variable.getValue() == null ? "node-1" : variable.getValue());
    }
    assertThat(ClassFiles.variables("dev/taximeter/contract/", "dev/taximeter/ship/"))
        .containsAll(environment.keySet());
    List<String> mounts =
        container.getVolumeMounts().stream().map(VolumeMount::getMountPath).toList();
    assertThat(environment.values())
        .filteredOn(value -> value.startsWith("/"))
        .isNotEmpty()
        .allSatisfy(
            file -> assertThat(mounts).as(file).anyMatch(mount -> file.startsWith(mount + "/")));

    ShipperSettings settings = ShipperSettings.read(new Environment(environment));
    assertThat(settings.host()).isEqualTo("node-1");
    Path gateway = folder.resolve("gateway.yaml");
    Files.writeString(gateway, DeployFiles.text("kubernetes/shipper-daemonset/gateway.yaml"));
    environment.put("TAXIMETER_GATEWAY_CONFIG", gateway.toString());
    GatewayConfiguration configuration = GatewayConfiguration.from(new Environment(environment));
    String file = "/var/log/containers/higress-gateway-7c9-x_higress-system_higress-gateway-0a.log";
    assertThat(FileSystems.getDefault().getPathMatcher("glob:" + settings.files().get(0)))
        .matches(matcher -> matcher.matches(Path.of(file)));
    assertThat(configuration.formatOf(new LineSource("node-1", file)).name()).isEqualTo("CRI");
    // Links in /var/log/containers lead there.
    assertThat(mounts).contains("/var/log/containers", "/var/log/pods");
    assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
    assertThat(mounts).as("libraries are unpacked there").contains("/tmp");
  }

  private static void assertPort(PodSpec pod, String name, String number) {
    var port = pod.getContainers().get(0).getPorts().get(0);
    assertThat(port.getName()).isEqualTo(name);
    assertThat(port.getContainerPort()).hasToString(number);
  }

  private static String path(Probe probe) {
    return probe.getHttpGet().getPath();
  }

  /** The component adds to the API what the gateway's plugin expects there. */
  @Test
  void theGateListensWhereTheGatewayAsks(@TempDir Path folder) throws Exception {
    List<JsonNode> patches =
        DeployFiles.documents(DeployFiles.deploy("kubernetes/gate/billing-api.yaml"));
    PodSpec added =
        DeployFiles.YAML.treeToValue(patches.get(1).at("/spec/template/spec"), PodSpec.class);
    Container container = added.getContainers().get(0);
    for (JsonNode patch : patches) {
      assertThat(base(patch.get("kind").asText(), patch.at("/metadata/name").asText())).isNotNull();
    }
    assertThat(container.getName())
        .isEqualTo(pod("Deployment", BILLING_API).getContainers().get(0).getName());
    Map<String, String> variables = new TreeMap<>();
    container.getEnv().forEach(it -> variables.put(it.getName(), it.getValue()));
    assertThat(ClassFiles.variables("dev/taximeter/contract/", "dev/taximeter/api/"))
        .containsAll(variables.keySet());
    assertThat(variables.get("TAXIMETER_GATE_CALLER_SECRET_FILE"))
        .startsWith(container.getVolumeMounts().get(0).getMountPath() + "/");
    Path secret = folder.resolve("caller-secret");
    Files.writeString(secret, "s".repeat(GateIdentity.SHORTEST_SECRET));
    Map<String, String> all = new HashMap<>(withFiles(folder, apiEnvironment()));
    all.putAll(variables);
    all.put("TAXIMETER_GATE_CALLER_SECRET_FILE", secret.toString());
    GateSettings gate = ApiSettings.from(new Environment(all)).gate();

    JsonNode plugin = DeployFiles.yaml("higress/gate.yaml").at("/spec/defaultConfig/http_service");
    assertThat(plugin.at("/endpoint/service_port").asInt())
        .isEqualTo(gate.port())
        .isEqualTo(container.getPorts().get(0).getContainerPort())
        .isEqualTo(patches.get(0).at("/spec/ports/0/port").asInt());
    assertThat(plugin.at("/endpoint/service_name").asText()).startsWith(BILLING_API + ".");
    assertThat(plugin.at("/authorization_request/allowed_headers/0/exact").asText())
        .isEqualTo(gate.keyHeaders().get(0));
  }

  /** The Prometheus operator takes alerts as a resource, not as a file. */
  @Test
  void alertsAreThoseOfThePlainFile() {
    DeployFiles.generated(
        "kubernetes/overlays/production/alerts.yaml",
        """
        # Generated from deploy/prometheus/alerts.yaml, for the Prometheus operator.
        apiVersion: monitoring.coreos.com/v1
        kind: PrometheusRule
        metadata:
          name: taximeter
          namespace: taximeter
        spec:
        """
            + DeployFiles.text("prometheus/alerts.yaml")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> "  " + line + "\n")
                .collect(java.util.stream.Collectors.joining()));
  }

  /** Each monitor finds a port that some pod has under that name, with that label. */
  @Test
  void monitorsFindPods() throws Exception {
    List<JsonNode> pods = new ArrayList<>();
    for (Path file : manifests()) {
      for (JsonNode document : DeployFiles.documents(file)) {
        pods.add(document.at("/spec/template"));
      }
    }
    for (JsonNode monitor :
        DeployFiles.documents(
            DeployFiles.deploy("kubernetes/overlays/production/monitoring.yaml"))) {
      JsonNode endpoint =
          monitor.at("/spec/podMetricsEndpoints/0").isObject()
              ? monitor.at("/spec/podMetricsEndpoints/0")
              : monitor.at("/spec/endpoints/0");
      Map.Entry<String, JsonNode> label =
          monitor.at("/spec/selector/matchLabels").properties().iterator().next();
      assertThat(pods)
          .as(monitor.at("/metadata/name").asText())
          .anyMatch(
              pod ->
                  label.getValue().equals(pod.at("/metadata/labels").get(label.getKey()))
                      && pod.at("/spec/containers")
                          .findValuesAsText("name")
                          .contains(endpoint.get("port").asText()));
    }
  }

  /** A volume that comes back after days would bring back what was deleted meanwhile. */
  @Test
  void stateOfAPodThatIsScaledAwayGoesWithIt() {
    assertThat(
            base("StatefulSet", METERING)
                .at("/spec/persistentVolumeClaimRetentionPolicy/whenScaled")
                .asText())
        .isEqualTo("Delete");
  }

  @Test
  void browsersReturnToTheirPodAlsoThroughTheIngress() {
    assertThat(base("Service", BILLING_API).at("/spec/sessionAffinity").asText())
        .isEqualTo("ClientIP");
    JsonNode ingress = DeployFiles.yaml("kubernetes/overlays/production/ingress.yaml");
    assertThat(ingress.at("/spec/ingressClassName").asText()).isEqualTo("higress");
    assertThat(ingress.at("/metadata/annotations").path("higress.io/affinity").asText())
        .isEqualTo("cookie");
  }

  /** Fluent Bit's image is distroless: there is no shell and no sleep in it. */
  @Test
  void fluentBitsPodsRunNothingButFluentBit() throws Exception {
    for (String file : List.of("fluent-bit-daemonset/daemonset", "fluent-bit-sidecar/sidecar")) {
      PodSpec pod =
          DeployFiles.YAML.treeToValue(
              DeployFiles.yaml("kubernetes/" + file + ".yaml").at("/spec/template/spec"),
              PodSpec.class);
      Container fluentBit =
          pod.getContainers().stream()
              .filter(it -> it.getImage() != null && it.getImage().startsWith("fluent/"))
              .findFirst()
              .orElseThrow();
      assertThat(fluentBit.getCommand().get(0)).isEqualTo("/fluent-bit/bin/fluent-bit");
      assertThat(fluentBit.getLivenessProbe().getExec()).isNull();
      long hook = 0;
      if (fluentBit.getLifecycle() != null) {
        assertThat(fluentBit.getLifecycle().getPreStop().getExec()).isNull();
        hook = fluentBit.getLifecycle().getPreStop().getSleep().getSeconds();
        assertThat(fluentBit.getReadinessProbe())
            .as("it would decide whether the gateway in the same pod gets requests")
            .isNull();
      }
      assertThat(pod.getTerminationGracePeriodSeconds())
          .isGreaterThan(
              hook + DeployFiles.yaml("fluent-bit/fluent-bit.yaml").at("/service/grace").asLong());
    }
  }

  /**
   * Not always root's: a gateway with unprivileged ports is the user 1337, and no fsGroup helps.
   */
  @Test
  void theGatewayMayWriteIntoItsFolderOnTheNode() throws Exception {
    PodSpec pod =
        DeployFiles.YAML.treeToValue(
            DeployFiles.yaml("kubernetes/fluent-bit-daemonset/gateway-log-on-node.yaml")
                .at("/spec/template/spec"),
            PodSpec.class);
    VolumeMount log = pod.getContainers().get(0).getVolumeMounts().get(0);
    assertThat(pod.getInitContainers()).hasSize(1);
    Container first = pod.getInitContainers().get(0);
    VolumeMount all = first.getVolumeMounts().get(0);
    assertThat(all.getName()).isEqualTo(log.getName());
    assertThat(all.getSubPathExpr()).as("the folder itself is its work").isNull();
    String variable = log.getSubPathExpr().replaceAll("[$()]", "");
    assertThat(first.getEnv()).extracting(EnvVar::getName).containsExactly(variable);
    String script = String.join(" ", first.getCommand());
    assertThat(script)
        .contains("\"" + all.getMountPath() + "/$" + variable + "\"")
        .contains("chown 1337:1337")
        .contains("mkdir -p -m 0775");
    assertThat(first.getSecurityContext().getRunAsUser()).isZero();
    assertThat(first.getSecurityContext().getCapabilities().getAdd()).contains("CHOWN");
  }

  @Test
  void lagThatScalesIsALagThatMeteringTells() {
    JsonNode metric =
        DeployFiles.yaml("kubernetes/overlays/production/scale-on-lag.yaml")
            .at("/spec/metrics/0/external/metric");
    assertThat(DeployFiles.sections("metrics.txt").get("metering"))
        .contains(metric.get("name").asText());
    assertThat(metric.at("/selector/matchLabels/topic").asText())
        .isEqualTo(Topics.ACCESS_LOG.topicName());
  }
}
