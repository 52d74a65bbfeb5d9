package dev.taximeter.production;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A real Fluent Bit with the configuration of production, if there is one on this machine. */
final class FluentBit {
  /**
   * The program, if it is not on the path; built from its public source it is build/bin/fluent-bit.
   */
  private static final String VARIABLE = "TAXIMETER_TEST_FLUENT_BIT";

  private FluentBit() {}

  static Path program() {
    String named = System.getenv(VARIABLE);
    return named == null ? MonitoringTest.onPath("fluent-bit") : Path.of(named);
  }

  /** Changes only what cannot be the same in two places: addresses and paths. */
  static Process start(
      Processes processes, Path folder, SecuredKafka kafka, String host, String files, int port)
      throws IOException {
    Path state = folder.resolve("fluent-bit");
    Files.createDirectories(state);
    Path configuration = state.resolve("fluent-bit.yaml");
    Files.writeString(
        configuration,
        DeployFiles.text("fluent-bit/fluent-bit.yaml")
            .replace("/var/lib/fluent-bit", state.toString())
            .replace("/etc/taximeter/kafka-ca/ca.crt", kafka.certificate().toString())
            .replace("http_port: 2020", "http_port: " + port)
            .replace("0.0.0.0", "127.0.0.1"));
    Files.writeString(state.resolve("taximeter.lua"), DeployFiles.text("fluent-bit/taximeter.lua"));
    return processes.start(
        "fluent-bit",
        List.of(program().toString(), "--config=" + configuration),
        Map.of(
            "TAXIMETER_HOST_NAME",
            host,
            "TAXIMETER_LOG_FILES",
            files,
            "TAXIMETER_BROKERS",
            kafka.bootstrap(),
            "KAFKA_USER",
            KafkaRights.FLUENT_BIT,
            "KAFKA_PASSWORD",
            SecuredKafka.password(KafkaRights.FLUENT_BIT)));
  }
}
