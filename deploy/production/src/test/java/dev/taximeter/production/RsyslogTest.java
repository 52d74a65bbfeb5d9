package dev.taximeter.production;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.taximeter.contract.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RsyslogTest {
  @Test
  void framesAreTaximeters() {
    String configuration = DeployFiles.text("rsyslog/taximeter.conf");
    String template =
        configuration.substring(
            configuration.indexOf("template("), configuration.indexOf("ruleset(name"));
    assertThat(
            Pattern.compile("name=\"([^\"]+)\"|value=\"([^\"]+)\"")
                .matcher(template)
                .results()
                .map(it -> it.group(1) == null ? it.group(2) : it.group(1)))
        .containsExactly(
            "taximeter-frame",
            "$.host",
            "\\t",
            "$!metadata!filename",
            "\\t",
            "$!metadata!fileoffset",
            "\\t",
            "msg");
    assertThat(configuration)
        .contains("topic=\"" + Topics.ACCESS_LOG.topicName() + "\"")
        .contains("message.max.bytes=" + Topics.ACCESS_LOG.maxRecordBytes() + "\"");
  }

  @Test
  void rsyslogAcceptsIt(@TempDir Path folder) throws Exception {
    Path program = MonitoringTest.onPath("rsyslogd");
    assumeThat(program).as("rsyslogd is not installed").isNotNull();
    Path configuration =
        configuration(
            folder,
            "kafka:9094",
            Path.of("/ca.crt"),
            Path.of("/tls.crt"),
            Path.of("/tls.key"),
            "/log");
    Process process =
        new ProcessBuilder(program.toString(), "-N1", "-f", configuration.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).doesNotContain("error");
  }

  static Process start(Processes processes, Path folder, SecuredKafka kafka, Path file)
      throws Exception {
    Path configuration =
        configuration(
            folder,
            kafka.mutualBootstrap(),
            kafka.certificate(),
            kafka.clientCertificate(KafkaRights.RSYSLOG),
            kafka.clientKey(KafkaRights.RSYSLOG),
            file.toString());
    return processes.start(
        "rsyslog",
        List.of(
            MonitoringTest.onPath("rsyslogd").toString(),
            "-n",
            "-f",
            configuration.toString(),
            "-i",
            folder.resolve("rsyslog.pid").toString()),
        Map.of());
  }

  private static Path configuration(
      Path folder, String brokers, Path authority, Path certificate, Path key, String file)
      throws Exception {
    Path state = folder.resolve("rsyslog");
    Files.createDirectories(state);
    Path configuration = state.resolve("taximeter.conf");
    Files.writeString(
        configuration,
        DeployFiles.text("rsyslog/taximeter.conf")
            .replace("/var/lib/rsyslog", state.toString())
            .replace("/var/log/higress/access.log", file)
            .replace("kafka:9094", brokers)
            .replace("/etc/taximeter/kafka-ca/ca.crt", authority.toString())
            .replace("/etc/taximeter/rsyslog/user.crt", certificate.toString())
            .replace("/etc/taximeter/rsyslog/user.key", key.toString())
            .replace("gateway-1", "gateway-3"));
    return configuration;
  }
}
