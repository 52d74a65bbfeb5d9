package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taximeter.api.gate.GateFilter;
import dev.taximeter.parse.GatewayConfiguration;
import dev.taximeter.parse.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What Higress is told is what it understands, and what metering then reads safely. */
class HigressTest {
  private static final Map<String, List<String>> KNOWN =
      DeployFiles.sections("higress-options.txt");

  /** Of the chart "higress": what is not under its part or "global" reaches no template. */
  private final JsonNode mesh =
      DeployFiles.yaml("higress/helm-values.yaml").at("/higress-core/meshConfig");

  private final Map<String, JsonNode> plugins = new TreeMap<>();

  HigressTest() {
    for (String file : List.of("wasm-plugins.yaml", "gate.yaml")) {
      for (JsonNode plugin : DeployFiles.documents(DeployFiles.deploy("higress/" + file))) {
        assertThat(plugin.get("apiVersion").asText()).isEqualTo("extensions.higress.io/v1alpha1");
        assertThat(plugin.get("kind").asText()).isEqualTo("WasmPlugin");
        String url = plugin.at("/spec/url").asText();
        plugins.put(
            url.substring(url.lastIndexOf('/') + 1, url.lastIndexOf(':')), plugin.get("spec"));
      }
    }
  }

  @Test
  void theLogIsOneThatNobodyCanForge() {
    String format = mesh.get("accessLogFormat").asText();
    assertThat(format).isEqualTo(Template.HIGRESS_SAFE.text()).doesNotContain("\n");
    assertThat(mesh.get("accessLogEncoding").asText()).isEqualTo("JSON");
    var report =
        GatewayConfiguration.read(
                "templates:\n  - id: production\n    text: '%s'\n    payer: [user_api_key]\nsources:\n  - { path: \"*\", template: production }\n"
                    .formatted(format),
                "gateway.yaml")
            .templateReports()
            .get("production");
    assertThat(report.findings()).isEmpty();
    assertThat(report.payerAlwaysCertain()).isTrue();
  }

  @Test
  void pluginsHaveOptionsThatTheyRead() {
    assertThat(plugins).containsOnlyKeys("ai-statistics", "ext-auth", "key-auth", "transformer");
    plugins.forEach(
        (name, spec) -> {
          assertThat(paths("", spec).stream().map(path -> path.split("[.\\[]", 2)[0]))
              .as(name)
              .isSubsetOf(KNOWN.get("WasmPlugin"));
          assertThat(paths("", spec.get("defaultConfig"))).as(name).isSubsetOf(KNOWN.get(name));
        });
  }

  private static List<String> paths(String place, JsonNode node) {
    List<String> paths = new ArrayList<>();
    if (node.isObject()) {
      node.properties()
          .forEach(
              entry ->
                  paths.addAll(
                      paths(
                          place.isEmpty() ? entry.getKey() : place + "." + entry.getKey(),
                          entry.getValue())));
    } else if (node.isArray() && !node.isEmpty() && node.get(0).isObject()) {
      node.forEach(element -> paths.addAll(paths(place + "[]", element)));
    } else {
      paths.add(place);
    }
    return paths;
  }

  /**
   * The header that is checked, the one that is logged and the one that the gate is asked about.
   */
  @Test
  void oneHeaderHoldsTheKeyEverywhere() {
    JsonNode keys = plugins.get("key-auth").at("/defaultConfig/keys");
    assertThat(keys).hasSize(1);
    String header = keys.get(0).asText();
    assertThat(mesh.get("accessLogFormat").asText())
        .contains("\"user_api_key\":\"%REQ(" + header + ")%\"");
    assertThat(plugins.get("key-auth").at("/defaultConfig/in_query").asBoolean()).isFalse();
    assertThat(
            plugins
                .get("ext-auth")
                .at("/defaultConfig/http_service/authorization_request/allowed_headers")
                .findValuesAsText("exact"))
        .contains(header)
        .doesNotContain("authorization");
  }

  /**
   * While the gate is away and requests pass, a client's own header stays: who has read somebody's
   * identity in a log could let him pay. So the log may name the identity only if nothing passes
   * then.
   */
  @Test
  void whatAClientCallsItsIdentityIsNeverBelieved() {
    JsonNode gate = plugins.get("ext-auth").get("defaultConfig");
    assertThat(
            gate.at("/http_service/authorization_response/allowed_upstream_headers")
                .findValuesAsText("exact"))
        .containsExactly(GateFilter.IDENTITY_HEADER);
    assertThat(gate.get("failure_mode_allow").asBoolean()).isTrue();
    assertThat(mesh.get("accessLogFormat").asText().toLowerCase(Locale.ROOT))
        .doesNotContain(GateFilter.IDENTITY_HEADER);
    assertThat(DeployFiles.text("docs/higress.md"))
        .contains("`%REQ(" + GateFilter.IDENTITY_HEADER + ")%`")
        .contains("`failure_mode_allow: false`");
  }

  /** The change that the page describes leaves a log whose payer is certain, in the same fields. */
  @Test
  void theLogCanNameTheIdentityInsteadOfTheKey() {
    String format =
        mesh.get("accessLogFormat")
            .asText()
            .replace("%REQ(vjsp-api-key)%", "%REQ(" + GateFilter.IDENTITY_HEADER + ")%");
    assertThat(format).contains("\"user_api_key\":\"%REQ(" + GateFilter.IDENTITY_HEADER + ")%\"");
    var report =
        GatewayConfiguration.read(
                "templates:\n  - id: signed\n    text: '%s'\n    payer: [user_api_key]\nsources:\n  - { path: \"*\", template: signed }\n"
                    .formatted(format),
                "gateway.yaml")
            .templateReports()
            .get("signed");
    assertThat(report.findings()).isEmpty();
    assertThat(report.payerAlwaysCertain()).isTrue();
  }

  @Test
  void promptsStayOutAndNoPathIsLeftOut() {
    JsonNode statistics = plugins.get("ai-statistics").get("defaultConfig");
    assertThat(statistics.get("attributes").findValuesAsText("key"))
        .doesNotContain("question", "answer", "messages", "system");
    assertThat(statistics.get("enable_path_suffixes")).isEmpty();
    assertThat(statistics.get("disable_openai_usage").asBoolean()).isFalse();
  }

  /** Before ai-proxy, whose priority is 100 in the default phase. */
  @Test
  void includeUsageIsTakenOutOfTheClientsHands() {
    JsonNode rule = plugins.get("transformer").at("/defaultConfig/reqRules/0");
    assertThat(rule.get("operate").asText()).isEqualTo("remove");
    assertThat(rule.at("/body/0/key").asText()).isEqualTo("stream_options.include_usage");
    assertThat(plugins.get("transformer").get("phase").asText()).isEqualTo("AUTHN");
  }

  @Test
  void meteringIsToldTheSameTemplate() {
    JsonNode gateway =
        DeployFiles.documents(DeployFiles.deploy("kubernetes/base/settings.yaml")).get(1);
    assertThat(gateway.at("/data/gateway.yaml").asText())
        .contains("template: " + Template.HIGRESS_SAFE.id());
  }
}
