package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.status.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AclBinding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts run; what they call is a program that writes down what it was told. */
class ScriptsTest {
  private record Run(int exit, String output) {}

  private static Run run(Path folder, Path script, Map<String, String> environment)
      throws Exception {
    return run(folder, List.of("bash", script.toString()), environment);
  }

  private static Run run(Path folder, List<String> command, Map<String, String> environment)
      throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
    builder.environment().compute("PATH", (name, path) -> folder + ":" + path);
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), output);
  }

  /** A program of that name which prints its arguments in one line, and what it is sent. */
  private static void stub(Path folder, String name, String rest) throws IOException {
    Path stub = folder.resolve(name);
    Files.writeString(stub, "#!/usr/bin/env bash\necho " + name + " \"$@\"\n" + rest);
    Files.setPosixFilePermissions(stub, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void everyScriptIsOne() throws Exception {
    List<Path> scripts = DeployFiles.below("", ".sh");
    assertThat(scripts).hasSizeGreaterThan(4);
    for (Path script : scripts) {
      assertThat(run(script.getParent(), List.of("bash", "-n", script.toString()), Map.of()))
          .as("%s", script)
          .isEqualTo(new Run(0, ""));
      assertThat(DeployFiles.text(script)).as("%s", script).contains("\nset -euo pipefail\n");
      assertThat(Files.isExecutable(script)).as("%s", script).isTrue();
    }
  }

  @Test
  void topicsAreMadeOneByOne(@TempDir Path folder) throws Exception {
    stub(folder, "kafka-topics.sh", "");
    Path script = DeployFiles.deploy("kafka/topics.sh");
    assertThat(run(folder, script, Map.of("BOOTSTRAP", "k:1")).exit())
        .as("without an administrator")
        .isNotZero();
    Run run =
        run(
            folder,
            script,
            Map.of("BOOTSTRAP", "k:1", "ADMIN_CONFIG", "a.properties", "PARTITIONS", "5"));
    assertThat(run.exit()).as(run.output()).isZero();
    List<NewTopic> topics = List.copyOf(dev.taximeter.contract.topic.Topics.all(5, (short) 3));
    assertThat(run.output().lines()).hasSize(topics.size());
    for (NewTopic topic : topics) {
      assertThat(run.output())
          .contains(
              "kafka-topics.sh --bootstrap-server k:1 --command-config a.properties --create"
                  + " --if-not-exists --replication-factor 3 --topic %s --partitions %d"
                      .formatted(topic.name(), topic.numPartitions()));
    }
    stub(folder, "kafka-topics.sh", "exit 1\n");
    assertThat(
            run(folder, script, Map.of("BOOTSTRAP", "k:1", "ADMIN_CONFIG", "a.properties")).exit())
        .as("a topic that could not be made")
        .isNotZero();
  }

  @Test
  void rightsAreGivenToEachUser(@TempDir Path folder) throws Exception {
    stub(folder, "kafka-acls.sh", "");
    Map<String, String> admin = Map.of("BOOTSTRAP", "k:1", "ADMIN_CONFIG", "a.properties");
    Run run = run(folder, DeployFiles.deploy("kafka/acls.sh"), admin);
    assertThat(run.exit()).as(run.output()).isZero();
    Set<String> users =
        KafkaRights.all().stream()
            .map(AclBinding::entry)
            .map(entry -> entry.principal())
            .collect(Collectors.toSet());
    assertThat(users(run)).isEqualTo(users);
  }

  /** One that is stolen can be taken back alone, and cannot push another machine's shipper away. */
  @Test
  void machinesCanHaveUsersOfTheirOwn(@TempDir Path folder) throws Exception {
    stub(folder, "kafka-acls.sh", "");
    Run run =
        run(
            folder,
            DeployFiles.deploy("kafka/acls.sh"),
            Map.of(
                "BOOTSTRAP", "k:1",
                "ADMIN_CONFIG", "a.properties",
                "SHIPPER_HOSTS", "gw-1 gw-2",
                "FLUENT_BIT_HOSTS", "gw-3",
                "RSYSLOG_HOSTS", "gw-4"));
    assertThat(run.exit()).as(run.output()).isZero();
    assertThat(users(run))
        .contains(
            "User:taximeter-shipper-gw-1",
            "User:taximeter-shipper-gw-2",
            "User:taximeter-fluent-bit-gw-3",
            "User:taximeter-rsyslog-gw-4");
    List<String> ofOne =
        run.output().lines().filter(line -> line.contains("taximeter-shipper-gw-1 ")).toList();
    assertThat(ofOne)
        .anyMatch(
            line ->
                line.contains(
                    "--transactional-id taximeter-shipper-gw-1- --resource-pattern-type prefixed"))
        .noneMatch(line -> line.contains("taximeter-shipper- "))
        .noneMatch(line -> line.contains("taximeter-backfill-"));
    List<String> topics = new ArrayList<>();
    ofOne.forEach(
        line -> {
          if (line.contains("--topic ")) {
            topics.add(line.replaceAll(".*--topic (\\S+) .*", "$1"));
          }
        });
    assertThat(topics)
        .containsExactlyInAnyOrderElementsOf(
            KafkaRights.all().stream()
                .filter(right -> right.entry().principal().equals("User:taximeter-shipper"))
                .map(right -> right.pattern().name())
                .filter(name -> name.contains(".v1"))
                .collect(Collectors.toSet()));
  }

  private static Set<String> users(Run run) {
    return run.output()
        .lines()
        .map(line -> line.replaceAll(".*--allow-principal (\\S+) .*", "$1"))
        .collect(Collectors.toSet());
  }

  @Test
  void secretsAreMadeOnceAndForTheirOwnerAlone(@TempDir Path folder) throws Exception {
    Path script = folder.resolve("secrets.sh");
    Files.copy(DeployFiles.deploy("containers/secrets.sh"), script);
    assertThat(run(folder, script, Map.of())).isEqualTo(new Run(0, ""));
    Path secrets = folder.resolve("secrets");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secrets)))
        .isEqualTo("rwx------");
    String root = Files.readString(secrets.resolve("root-secret"));
    assertThat(root).matches("[0-9a-f]{64}");
    Set<String> named = new java.util.TreeSet<>();
    DeployFiles.yaml("containers/compose.yaml")
        .get("secrets")
        .fieldNames()
        .forEachRemaining(named::add);
    for (String name : named) {
      Path secret = secrets.resolve(name);
      assertThat(secret).exists();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
          .as("read by the containers' own users: %s", name)
          .endsWith("r--");
      if (!name.equals("metrics-token")) {
        assertThat(Files.readString(secret)).as(name).matches("[0-9a-f]{64}");
      }
    }
    assertThat(run(folder, script, Map.of()).exit()).isZero();
    assertThat(Files.readString(secrets.resolve("root-secret"))).isEqualTo(root);
  }

  @Test
  void theTokenForMetricsIsAskedForOnce(@TempDir Path folder) throws Exception {
    for (String name : List.of("secrets.sh", "metrics-token.sh")) {
      Files.copy(DeployFiles.deploy("containers/" + name), folder.resolve(name));
    }
    run(folder, folder.resolve("secrets.sh"), Map.of());
    Path token = folder.resolve("secrets/metrics-token");
    Object before = Files.getAttribute(token, "unix:ino");
    stub(folder, "curl", "cat >&2\n");
    assertThat(run(folder, folder.resolve("metrics-token.sh"), Map.of()).exit())
        .as("an answer without a token")
        .isNotZero();
    assertThat(token).isEmptyFile();
    Files.writeString(
        folder.resolve("curl"),
        "#!/usr/bin/env bash\ncat >\"$(dirname \"$0\")/sent\"\necho \"$@\" >\"$(dirname \"$0\")/asked\"\n"
            + "echo '{\"id\":\"t1\",\"name\":\"prometheus\",\"secret\":\"tmt_abc-DEF_123\",\"role\":\"viewer\"}'\n");
    Run run = run(folder, folder.resolve("metrics-token.sh"), Map.of());
    assertThat(run.exit()).as(run.output()).isZero();
    assertThat(token).hasContent("tmt_abc-DEF_123");
    assertThat(Files.getAttribute(token, "unix:ino"))
        .as("the container has this file, not its name")
        .isEqualTo(before);
    String admin = Files.readString(folder.resolve("secrets/admin-token"));
    assertThat(Files.readString(folder.resolve("sent")).strip())
        .isEqualTo("Authorization: Bearer " + admin);
    assertThat(Files.readString(folder.resolve("asked")))
        .contains("http://127.0.0.1:8080/v1/tokens")
        .doesNotContain(admin);
    stub(folder, "curl", "exit 1\n");
    assertThat(run(folder, folder.resolve("metrics-token.sh"), Map.of()).exit())
        .as("it is there")
        .isZero();
  }

  @Test
  void theReaderOfClickHouseIsMadeWithItsPassword(@TempDir Path folder) throws Exception {
    stub(folder, "clickhouse-client", "cat\n");
    Path script = folder.resolve("reader.sh");
    Files.writeString(
        script,
        DeployFiles.text("containers/clickhouse-reader.sh").replace("/run/secrets/", folder + "/"));
    Files.writeString(folder.resolve("clickhouse-reader-password"), "b".repeat(64));
    Files.writeString(folder.resolve("clickhouse-password"), "a".repeat(64));
    Run run = run(folder, script, Map.of("CLICKHOUSE_USER", "taximeter"));
    assertThat(run.exit()).as(run.output()).isZero();
    assertThat(run.output())
        .contains("clickhouse-client --user taximeter --password " + "a".repeat(64))
        .contains("CREATE USER IF NOT EXISTS taximeter_reader")
        .contains("BY '" + "b".repeat(64) + "' SETTINGS readonly = 2")
        .contains("GRANT SELECT ON taximeter.* TO taximeter_reader;");
    Files.delete(folder.resolve("clickhouse-reader-password"));
    assertThat(run(folder, script, Map.of("CLICKHOUSE_USER", "taximeter")).exit()).isNotZero();
  }

  @Test
  void logbackUnderstandsTheShippersFile() throws Exception {
    LoggerContext context = new LoggerContext();
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(DeployFiles.deploy("containers/logback.xml").toFile());
    assertThat(context.getStatusManager().getCopyOfStatusList())
        .filteredOn(status -> status.getEffectiveLevel() >= Status.WARN)
        .isEmpty();
    assertThat(context.getLogger("dev.taximeter.ship").getEffectiveLevel()).isEqualTo(Level.INFO);
    assertThat(context.getLogger("org.apache.kafka.clients").getEffectiveLevel())
        .isEqualTo(Level.ERROR);
    assertThat(
            context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).iteratorForAppenders().hasNext())
        .isTrue();
    context.stop();
  }
}
