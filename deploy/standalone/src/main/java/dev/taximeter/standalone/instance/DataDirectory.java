package dev.taximeter.standalone.instance;

import dev.taximeter.contract.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/**
 * Where an installation on one machine keeps everything it has: data, secrets, settings, logs.
 *
 * @param root absolute and normalised
 */
public record DataDirectory(Path root) {
  public DataDirectory {
    root = root.toAbsolutePath().normalize();
  }

  /** The administrator's token, readable by the owner only. */
  public Path adminTokenFile() {
    return root.resolve("admin-token");
  }

  public Path secrets() {
    return root.resolve("secrets");
  }

  public Path rootSecretFile() {
    return secrets().resolve("root-secret");
  }

  public Path kafkaPasswordFile() {
    return secrets().resolve("kafka-password");
  }

  /** The password of {@code taximeter}, who may do everything. */
  public Path clickHousePasswordFile() {
    return secrets().resolve("clickhouse-password");
  }

  /** The password of {@code taximeter_reader}, who may only read. */
  public Path clickHouseReaderPasswordFile() {
    return secrets().resolve("clickhouse-reader-password");
  }

  public Path config() {
    return root.resolve("config");
  }

  /** Kafka client settings of the installation's own broker. */
  public Path kafkaClientFile() {
    return config().resolve("kafka-client.properties");
  }

  public Path portsFile() {
    return config().resolve("ports.properties");
  }

  public Path run() {
    return root.resolve("run");
  }

  /** Is there once the catalogue that a start was given has been loaded. */
  public Path catalogLoadedFile() {
    return run().resolve("catalogue-loaded");
  }

  /** Tells which catalogue file was loaded last. */
  public Path loadedCatalogFile() {
    return run().resolve("catalogue.json");
  }

  public Path instanceFile() {
    return run().resolve("instance.json");
  }

  public Path lockFile() {
    return run().resolve("lock");
  }

  public Path logs() {
    return root.resolve("logs");
  }

  /**
   * @param process {@code broker}, {@code clickhouse}, {@code metering} or {@code api}
   */
  public Path log(String process) {
    return logs().resolve(process + ".log");
  }

  public Path kafka() {
    return root.resolve("kafka");
  }

  public Path clickHouse() {
    return root.resolve("clickhouse");
  }

  public Path metering() {
    return root.resolve("metering");
  }

  public Path demo() {
    return root.resolve("demo");
  }

  /**
   * Creates the directories that are missing, for their owner only.
   *
   * @throws IOException if one cannot be created
   */
  public void create() throws IOException {
    for (Path directory : List.of(root, secrets(), config(), run(), logs())) {
      PrivateFiles.directory(directory);
    }
  }

  /**
   * @throws IOException if the installation was never started or the token cannot be read
   */
  public String adminToken() throws IOException {
    return Files.readString(adminTokenFile(), StandardCharsets.US_ASCII).strip();
  }

  /**
   * What runs on this data directory; whether it still does, or its launcher was killed, {@link
   * Instance#isRunning()} says.
   *
   * @return empty if nothing runs
   */
  public Optional<Instance> instance() {
    try {
      return Optional.of(Json.MAPPER.readValue(Files.readAllBytes(instanceFile()), Instance.class));
    } catch (IOException | JacksonException e) {
      return Optional.empty();
    }
  }

  /** Records what runs now. */
  public void record(Instance instance) throws IOException {
    PrivateFiles.write(
        instanceFile(),
        Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(instance) + "\n");
  }
}
