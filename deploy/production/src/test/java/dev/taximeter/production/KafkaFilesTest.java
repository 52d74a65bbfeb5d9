package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.topic.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;

class KafkaFilesTest {
  private static final int PARTITIONS = 8;
  private static final short REPLICATION = 3;

  private static final String SCRIPT_HEAD =
      """
      #!/usr/bin/env bash
      # Generated from the code; see deploy/docs/kafka.md. BOOTSTRAP: host:port; ADMIN_CONFIG: client settings of an administrator.
      set -euo pipefail
      : "${BOOTSTRAP:?}" "${ADMIN_CONFIG:?}"
      """;

  @Test
  void topicsAreThoseOfTheCode() {
    StringBuilder script = new StringBuilder(SCRIPT_HEAD);
    script.append(
        "# Partitions can be chosen once, before the first line; TAXIMETER_PARTITIONS is the same"
            + " number.\n");
    script.append(
        "partitions=${PARTITIONS:-%d} replication=${REPLICATION:-%d}\n"
            .formatted(PARTITIONS, REPLICATION));
    script.append(
        "topic() { kafka-topics.sh --bootstrap-server \"$BOOTSTRAP\" --command-config"
            + " \"$ADMIN_CONFIG\" --create --if-not-exists --replication-factor \"$replication\""
            + " \"$@\"; }\n");
    for (NewTopic topic : Topics.all(PARTITIONS, REPLICATION)) {
      script.append(
          "topic --topic %s --partitions %s"
              .formatted(topic.name(), topic.numPartitions() == 1 ? "1" : "\"$partitions\""));
      config(topic)
          .forEach((name, value) -> script.append(" --config %s=%s".formatted(name, value)));
      script.append('\n');
    }
    DeployFiles.generated("kafka/topics.sh", script.toString());
  }

  @Test
  void rightsAreThoseThatTheServicesAreTriedWith() {
    StringBuilder script = new StringBuilder(SCRIPT_HEAD);
    script.append(
        "acl() { kafka-acls.sh --bootstrap-server \"$BOOTSTRAP\" --command-config \"$ADMIN_CONFIG\""
            + " --add --allow-principal \"$@\"; }\n");
    byResource()
        .forEach(
            (key, operations) ->
                script.append(
                    grant(key.principal(), resource(key.pattern()), key.pattern(), operations)));
    script.append(
        """
        # A user for each machine instead, if you want: SHIPPER_HOSTS="gateway-1 gateway-2" adds taximeter-shipper-gateway-1 and so
        # on, for the shipper with that TAXIMETER_HOST_NAME; FLUENT_BIT_HOSTS and RSYSLOG_HOSTS do the same for theirs.
        """);
    for (String user : List.of(KafkaRights.SHIPPER, KafkaRights.FLUENT_BIT, KafkaRights.RSYSLOG)) {
      script.append(
          "for host in ${%s_HOSTS:-}; do\n"
              .formatted(
                  user.substring("taximeter-".length())
                      .replace('-', '_')
                      .toUpperCase(Locale.ROOT)));
      byResource().forEach((key, operations) -> script.append(ofMachine(user, key, operations)));
      script.append("done\n");
    }
    DeployFiles.generated("kafka/acls.sh", script.toString());
  }

  private static String grant(
      String principal, String resource, ResourcePattern pattern, List<AclBinding> operations) {
    return "acl %s %s --resource-pattern-type %s%s\n"
        .formatted(
            principal,
            resource,
            pattern.patternType().name().toLowerCase(Locale.ROOT),
            operations.stream()
                .map(operation -> " --operation " + commandLine(operation))
                .collect(Collectors.joining()));
  }

  /** A shipper's transactions begin with its host; a backfill's do not, so it stays a person's. */
  private static String ofMachine(String user, Key key, List<AclBinding> operations) {
    ResourcePattern pattern = key.pattern();
    if (!key.principal().equals("User:" + user)) {
      return "";
    }
    String resource = resource(pattern);
    if (pattern.resourceType() == ResourceType.TRANSACTIONAL_ID) {
      if (!pattern.name().equals("taximeter-shipper-")) {
        return "";
      }
      resource = "--transactional-id \"" + pattern.name() + "$host-\"";
    }
    return "  " + grant("\"User:%s-$host\"".formatted(user), resource, pattern, operations);
  }

  @Test
  void strimziHasTheSame() {
    StringBuilder yaml =
        new StringBuilder(
            "# Generated from the code; for Strimzi's topic operator. See deploy/docs/kafka.md.\n");
    for (NewTopic topic : Topics.all(PARTITIONS, REPLICATION)) {
      yaml.append(
          """
          ---
          apiVersion: kafka.strimzi.io/v1
          kind: KafkaTopic
          metadata:
            name: %s
            namespace: kafka
            labels:
              strimzi.io/cluster: taximeter
          spec:
            topicName: %s
            partitions: %d
            replicas: %d
            config:
          """
              .formatted(
                  topic.name().replace('.', '-'),
                  topic.name(),
                  topic.numPartitions(),
                  (int) topic.replicationFactor()));
      config(topic)
          .forEach((name, value) -> yaml.append("    %s: \"%s\"\n".formatted(name, value)));
    }
    String user = "";
    for (Map.Entry<Key, List<AclBinding>> entry : byResource().entrySet()) {
      String name = entry.getKey().principal().substring("User:".length());
      if (!name.equals(user)) {
        user = name;
        yaml.append(
            """
            ---
            apiVersion: kafka.strimzi.io/v1
            kind: KafkaUser
            metadata:
              name: %s
              namespace: kafka
              labels:
                strimzi.io/cluster: taximeter
            spec:
              authentication:
                type: %s
              authorization:
                type: simple
                acls:
            """
                .formatted(name, name.equals(KafkaRights.RSYSLOG) ? "tls" : "scram-sha-512"));
      }
      ResourcePattern pattern = entry.getKey().pattern();
      yaml.append(
          "      - resource: { type: %s, name: %s, patternType: %s }\n        operations: [%s]\n"
              .formatted(
                  strimzi(pattern.resourceType()),
                  pattern.name(),
                  pattern.patternType() == PatternType.PREFIXED ? "prefix" : "literal",
                  entry.getValue().stream()
                      .map(KafkaFilesTest::commandLine)
                      .collect(Collectors.joining(", "))));
    }
    DeployFiles.generated("kubernetes/examples/strimzi-topics-and-users.yaml", yaml.toString());
  }

  @Test
  void theApiUsesNoTopicWithoutARight() throws IOException {
    Set<Topics> granted = new java.util.HashSet<>(KafkaRights.VIEWED);
    granted.addAll(KafkaRights.MEASURED);
    granted.addAll(KafkaRights.WRITTEN_BY_API);
    for (byte[] type : ClassFiles.of("dev/taximeter/api/")) {
      String content = new String(type, StandardCharsets.ISO_8859_1);
      if (content.contains("dev/taximeter/contract/topic/Topics")) {
        Arrays.stream(Topics.values())
            .filter(topic -> ClassFiles.namesConstant(content, topic.name()))
            .forEach(topic -> assertThat(granted).contains(topic));
      }
    }
  }

  @Test
  void clientSettingsHaveNamesThatKafkaKnows() throws IOException {
    Set<String> known = new java.util.HashSet<>(AdminClientConfig.configNames());
    known.addAll(ProducerConfig.configNames());
    known.addAll(ConsumerConfig.configNames());
    known.addAll(StreamsConfig.configDef().names());
    for (Path file :
        List.of(
            DeployFiles.deploy("kafka/client.properties"),
            DeployFiles.deploy("containers/client.properties"))) {
      Properties properties = new Properties();
      properties.load(new java.io.StringReader(DeployFiles.text(file)));
      assertThat(properties.stringPropertyNames()).as("%s", file).isSubsetOf(known);
      assertThat(properties).containsKey("bootstrap.servers");
    }
  }

  private static Map<String, String> config(NewTopic topic) {
    return new TreeMap<>(topic.configs());
  }

  private record Key(String principal, ResourcePattern pattern) {}

  private static Map<Key, List<AclBinding>> byResource() {
    return KafkaRights.all().stream()
        .collect(
            Collectors.groupingBy(
                binding -> new Key(binding.entry().principal(), binding.pattern()),
                LinkedHashMap::new,
                Collectors.toList()));
  }

  private static String resource(ResourcePattern pattern) {
    return switch (pattern.resourceType()) {
      case TOPIC -> "--topic " + pattern.name();
      case GROUP -> "--group " + pattern.name();
      case TRANSACTIONAL_ID -> "--transactional-id " + pattern.name();
      default -> throw new IllegalArgumentException(pattern.toString());
    };
  }

  private static String strimzi(ResourceType type) {
    return switch (type) {
      case TOPIC -> "topic";
      case GROUP -> "group";
      case TRANSACTIONAL_ID -> "transactionalId";
      default -> throw new IllegalArgumentException(type.toString());
    };
  }

  /** As in DescribeConfigs. */
  private static String commandLine(AclBinding binding) {
    return Arrays.stream(binding.entry().operation().name().split("_", -1))
        .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining());
  }
}
