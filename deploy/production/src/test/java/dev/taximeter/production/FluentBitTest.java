package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taximeter.contract.topic.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Whether Fluent Bit's configuration says what design and plugins demand; see FluentBitIT. */
class FluentBitTest {
  private static final Map<String, List<String>> KNOWN =
      DeployFiles.sections("fluent-bit-options.txt");

  private static final long LONGEST_LINE = 10L * 1024 * 1024;
  private static final Pattern ENVIRONMENT = Pattern.compile("\\$\\{([A-Z_]+)}");

  private final JsonNode configuration = DeployFiles.yaml("fluent-bit/fluent-bit.yaml");
  private final JsonNode input = only("inputs");
  private final JsonNode filter = only("filters");
  private final JsonNode output = only("outputs");

  private JsonNode only(String kind) {
    JsonNode plugins = configuration.at("/pipeline/" + kind);
    assertThat(plugins).as(kind).hasSize(1);
    return plugins.get(0);
  }

  @Test
  void everyOptionIsOneThatFluentBitKnows() {
    assertThat(unknown("service", configuration.get("service"))).isEmpty();
    for (JsonNode plugin : List.of(input, filter, output)) {
      assertThat(unknown(plugin.get("name").asText(), plugin)).isEmpty();
    }
    assertThat(names(configuration)).containsExactlyInAnyOrder("service", "pipeline");
    assertThat(names(configuration.get("pipeline")))
        .containsExactlyInAnyOrder("inputs", "filters", "outputs");
  }

  /** An option that does not exist is refused by Fluent Bit, and so it is here. */
  @Test
  void anOptionThatDoesNotExistIsFound() throws Exception {
    JsonNode wrong =
        DeployFiles.JSON.readTree(
            "{\"name\":\"kafka\",\"compression\":\"zstd\",\"rdkafka.acks\":\"all\",\"rdkafka.ackz\":1}");
    assertThat(unknown("kafka", wrong)).containsExactly("compression", "rdkafka.ackz");
  }

  private static List<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static List<String> unknown(String place, JsonNode options) {
    return names(options).stream()
        .map(name -> name.toLowerCase(Locale.ROOT))
        .filter(
            name ->
                name.startsWith("rdkafka.")
                    ? !KNOWN.get("rdkafka").contains(name.substring("rdkafka.".length()))
                    : !name.equals("name") && !KNOWN.get(place).contains(name))
        .toList();
  }

  @Test
  void frameAndKeyAreTaximeters() {
    assertThat(output.get("topics").asText()).isEqualTo(Topics.ACCESS_LOG.topicName());
    assertThat(output.get("format").asText()).isEqualTo("raw");
    assertThat(output.get("rdkafka.partitioner").asText()).isEqualTo("murmur2_random");
    String script = DeployFiles.text("fluent-bit/" + filter.get("script").asText());
    assertThat(script)
        .contains("function " + filter.get("call").asText() + "(")
        .contains("record[\"" + input.get("key").asText() + "\"]")
        .contains("record[\"" + input.get("path_key").asText() + "\"]")
        .contains("record[\"" + input.get("offset_key").asText() + "\"]")
        .contains(
            "{ %s = head .. line, %s = checksum(line) }"
                .formatted(
                    output.get("raw_log_key").asText(), output.get("message_key_field").asText()));
    assertThat(filter.get("match")).isEqualTo(input.get("tag"));
    assertThat(output.get("match")).isEqualTo(input.get("tag"));
  }

  @Test
  void nothingIsSkippedOrDropped() {
    assertThat(bytes(input.get("buffer_max_size").asText())).isGreaterThan(LONGEST_LINE);
    assertThat(input.get("skip_long_lines").asBoolean()).isFalse();
    assertThat(input.get("truncate_long_lines").asBoolean()).isTrue();
    assertThat(input.get("storage.type").asText()).isEqualTo("filesystem");
    assertThat(input.get("storage.pause_on_chunks_overlimit").asBoolean()).isTrue();
    assertThat(input.get("db").asText()).startsWith("/var/lib/fluent-bit/");
    assertThat(input.get("db.locking").asBoolean()).isTrue();
    assertThat(input.get("read_from_head").asBoolean()).isTrue();
    assertThat(input.get("rotate_wait").asText())
        .as("a renamed file that is given up is found again, and sent again as a whole")
        .isEqualTo("365d");
    assertThat(output.get("retry_limit").asText()).isEqualTo("no_limits");
    assertThat(output.get("queue_full_retries").asInt()).isZero();
    assertThat(output.get("rdkafka.enable.idempotence").asBoolean()).isTrue();
    assertThat(output.get("rdkafka.acks").asText()).isEqualTo("all");
    assertThat(output.get("rdkafka.message.timeout.ms").asInt()).isZero();
    assertThat(output.get("rdkafka.message.max.bytes").asInt())
        .isEqualTo(Topics.ACCESS_LOG.maxRecordBytes());
    assertThat(configuration.at("/service/scheduler.cap").asInt()).isLessThanOrEqualTo(5);
    assertThat(configuration.at("/service/flush").asDouble()).isLessThanOrEqualTo(0.2);
  }

  /** Lines that are dropped are counted; a disk that is full loses them without a word. */
  @Test
  void whatWaitsIsBoundedBelowTheDisk() {
    long limit = bytes(output.get("storage.total_limit_size").asText());
    assertThat(limit).isGreaterThanOrEqualTo(bytes("8G"));
    JsonNode volumes =
        DeployFiles.yaml("kubernetes/fluent-bit-sidecar/sidecar.yaml")
            .at("/spec/template/spec/volumes");
    List<String> sizes = new ArrayList<>();
    for (JsonNode volume : volumes) {
      if (volume.get("name").asText().equals("fluent-bit-state")) {
        sizes.add(volume.at("/emptyDir/sizeLimit").asText());
      }
    }
    assertThat(sizes).hasSize(1);
    assertThat(bytes(sizes.get(0).replace("i", ""))).isGreaterThan(limit + bytes("1G"));
  }

  private static long bytes(String size) {
    int unit = "KMG".indexOf(size.charAt(size.length() - 1));
    return unit < 0
        ? Long.parseLong(size)
        : Long.parseLong(size.substring(0, size.length() - 1)) << (10 * (unit + 1));
  }

  @Test
  void everyPodAndContainerSetsTheVariables() {
    Set<String> read =
        ENVIRONMENT
            .matcher(DeployFiles.text("fluent-bit/fluent-bit.yaml"))
            .results()
            .map(it -> it.group(1))
            .collect(Collectors.toSet());
    Matcher lua =
        Pattern.compile("os\\.getenv\\(\"([A-Z_]+)\"\\)")
            .matcher(DeployFiles.text("fluent-bit/taximeter.lua"));
    assertThat(lua.find()).isTrue();
    read.add(lua.group(1));
    for (String pod :
        List.of("fluent-bit-daemonset/daemonset.yaml", "fluent-bit-sidecar/sidecar.yaml")) {
      Set<String> set =
          DeployFiles.documents(DeployFiles.deploy("kubernetes/" + pod))
              .get(0)
              .at("/spec/template/spec/containers")
              .findValues("env")
              .stream()
              .flatMap(env -> env.findValuesAsText("name").stream())
              .collect(Collectors.toSet());
      assertThat(set).as(pod).containsAll(read);
    }
    Set<String> compose =
        Set.copyOf(
            names(
                DeployFiles.yaml("containers/compose.yaml")
                    .at("/services/fluent-bit/environment")));
    Set<String> readThere =
        ENVIRONMENT
            .matcher(DeployFiles.text("containers/fluent-bit.yaml"))
            .results()
            .map(it -> it.group(1))
            .collect(Collectors.toSet());
    readThere.add(lua.group(1));
    assertThat(compose).isEqualTo(readThere);
  }

  @Test
  void composeShipsInTheSameWayWithoutSignIn() {
    JsonNode there = DeployFiles.yaml("containers/fluent-bit.yaml");
    for (String name : names(output)) {
      if (name.matches("rdkafka\\.(security|sasl|ssl)\\..*")) {
        ((com.fasterxml.jackson.databind.node.ObjectNode) output).remove(name);
      }
    }
    assertThat(there).isEqualTo(configuration);
  }
}
