package dev.taximeter.standalone.backfill;

import dev.taximeter.contract.gateway.GatewayFile;
import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.SettingsException;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.instance.Instance;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * The system that runs on a data directory, as other commands reach it. Its parts may be down or
 * restarting at any moment; its addresses are looked up anew each time.
 *
 * @param dataDirectory of the system
 */
public record RunningSystem(DataDirectory dataDirectory) {
  private static final String KAFKA_CONFIG = "TAXIMETER_KAFKA_CONFIG";
  private static final String DATABASE = "taximeter";

  /** {@return the system, if a launcher runs it} */
  public static Optional<RunningSystem> find(DataDirectory dataDirectory) {
    return dataDirectory
        .instance()
        .filter(Instance::isRunning)
        .map(instance -> new RunningSystem(dataDirectory));
  }

  /**
   * Kafka client settings.
   *
   * @throws SettingsException if they cannot be read
   */
  public Map<String, Object> kafka() {
    return new Environment(Map.of(KAFKA_CONFIG, instance().kafkaConfig())).kafka(KAFKA_CONFIG);
  }

  /**
   * What collectors put around the lines, as metering reads them.
   *
   * @throws SettingsException if the file that the system was started with is gone or wrong now
   */
  public GatewayFile gateway() {
    String file = instance().gatewayConfig();
    return file == null ? GatewayFile.EMPTY : GatewayFile.read(Path.of(file), null);
  }

  /**
   * Opens a connection to ClickHouse that can only read.
   *
   * @throws SQLException if ClickHouse does not answer
   */
  public Connection clickHouse() throws SQLException {
    Instance.ClickHouseTarget target = instance().clickHouse();
    return clickHouse(target.url(), target.reader(), Path.of(target.readerPasswordFile()));
  }

  /**
   * Opens a connection to ClickHouse that can write, for measurements only: what is written behind
   * metering's back is nobody's usage.
   *
   * @throws SQLException if ClickHouse does not answer
   */
  public Connection clickHouseWriter() throws SQLException {
    Instance.ClickHouseTarget target = instance().clickHouse();
    return clickHouse(target.url(), target.user(), target.password());
  }

  private static Connection clickHouse(String url, String user, Path passwordFile)
      throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("database", DATABASE);
    try {
      properties.setProperty(
          "password", Files.readString(passwordFile, StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      throw new SQLException("cannot read " + passwordFile, e);
    }
    return DriverManager.getConnection(url, properties);
  }

  /** {@return where the API answers, without a trailing slash} */
  public String apiUrl() {
    return instance().apiUrl();
  }

  /**
   * The API, with the administrator's token.
   *
   * @throws IOException if the token cannot be read
   */
  public RestClient api() throws IOException {
    return new RestClient(instance().apiUrl(), dataDirectory.adminToken());
  }

  /**
   * @param path such as {@code /problems}
   * @return where metering answers it
   * @throws SettingsException if it is not known where
   */
  public URI meteringHealth(String path) {
    Integer port = instance().healthPorts().get("metering");
    if (port == null) {
      throw new SettingsException("It is not known at which port metering answers");
    }
    return URI.create(
        "http://%s:%d%s".formatted(InetAddress.getLoopbackAddress().getHostAddress(), port, path));
  }

  private Instance instance() {
    return dataDirectory
        .instance()
        .orElseThrow(
            () ->
                new SettingsException(
                    dataDirectory.instanceFile() + " is missing; start the system again"));
  }
}
