package dev.taximeter.standalone.broker;

import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.SettingsException;
import dev.taximeter.standalone.instance.PrivateFiles;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.Kafka;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Kafka broker that is its own controller, as a process. Settings come from the environment. */
public final class BrokerProcess {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerProcess.class);

  /** Data directory of the broker. */
  public static final String DIRECTORY = "TAXIMETER_BROKER_DIR";

  /** Loopback port for clients. */
  public static final String PORT = "TAXIMETER_BROKER_PORT";

  /** Loopback port the broker and its controller talk on. */
  public static final String CONTROLLER_PORT = "TAXIMETER_BROKER_CONTROLLER_PORT";

  /** Holds the password that clients need. */
  public static final String PASSWORD_FILE = "TAXIMETER_KAFKA_PASSWORD_FILE";

  private static final int MOST_PORT = 65_535;

  /** Exit status when the settings or the data directory are at fault. */
  private static final int UNUSABLE = 2;

  private BrokerProcess() {}

  public static void main(String[] arguments) throws Exception {
    Environment environment = Environment.ofProcess();
    try {
      Path directory = Path.of(environment.required(DIRECTORY, "the broker's data directory"));
      Properties properties =
          BrokerConfiguration.properties(
              directory,
              port(environment, PORT),
              port(environment, CONTROLLER_PORT),
              environment.secret(PASSWORD_FILE, "the password that clients need"));
      Files.createDirectories(directory);
      Path file = directory.resolve("server.properties");
      write(properties, file);
      format(directory.resolve("log"));
      // Takes over from here: starts the broker, and stops it in an orderly way on SIGTERM.
      Kafka.main(new String[] {file.toString()});
    } catch (SettingsException | IOException e) {
      LOG.error("the Kafka broker cannot start: {}", e.getMessage());
      System.exit(UNUSABLE);
    }
  }

  /**
   * What a client needs to reach the broker.
   *
   * @param port the broker's port for clients
   * @param password what clients log in with
   */
  public static Properties client(int port, String password) {
    return BrokerConfiguration.client(port, password);
  }

  private static int port(Environment environment, String name) {
    environment.required(name, "a loopback port");
    return environment.number(name, 0, 1, MOST_PORT);
  }

  private static void write(Properties properties, Path file) throws IOException {
    StringWriter text = new StringWriter();
    properties.store(text, "Written at each start.");
    PrivateFiles.write(file, text.toString());
  }

  /**
   * Gives an empty log its identity and the newest feature levels; among them the transactions and
   * the group protocol that metering relies on.
   */
  private static void format(Path log) throws Exception {
    if (Files.exists(log.resolve("meta.properties"))) {
      return;
    }
    Files.createDirectories(log);
    new Formatter()
        .setNodeId(BrokerConfiguration.NODE)
        .setClusterId(Uuid.randomUuid().toString())
        .addDirectory(log.toString())
        .setMetadataLogDirectory(log.toString())
        .setControllerListenerName(BrokerConfiguration.CONTROLLER)
        .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
        .setIgnoreFormatted(true)
        .run();
  }
}
