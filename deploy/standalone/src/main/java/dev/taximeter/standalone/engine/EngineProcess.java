package dev.taximeter.standalone.engine;

import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ClickHouse engine as a process. Settings come from the environment. */
public final class EngineProcess {
  private static final Logger LOG = LoggerFactory.getLogger(EngineProcess.class);

  /** Path of the engine's shared library. */
  public static final String LIBRARY = "TAXIMETER_ENGINE_LIBRARY";

  /** Data directory of the engine. */
  public static final String DIRECTORY = "TAXIMETER_ENGINE_DIR";

  /** Loopback port; 0: any free one. */
  public static final String PORT = "TAXIMETER_ENGINE_PORT";

  /** Memory the engine may take in MiB, apart from the Java machine around it. */
  public static final String MEMORY = "TAXIMETER_ENGINE_MEMORY_MIB";

  public static final String PASSWORD_FILE = "TAXIMETER_CLICKHOUSE_PASSWORD_FILE";
  public static final String READER_PASSWORD_FILE = "TAXIMETER_CLICKHOUSE_READER_PASSWORD_FILE";

  private static final int DEFAULT_MEMORY_MIB = 1024;
  private static final int LEAST_MEMORY_MIB = 512;
  private static final int MOST_MEMORY_MIB = 1 << 20;
  private static final int MOST_PORT = 65_535;

  /** How long running queries may take to end when the process is told to stop. */
  private static final Duration DRAIN = Duration.ofSeconds(3);

  /** Exit status when the settings or the data directory are at fault. */
  private static final int UNUSABLE = 2;

  private EngineProcess() {}

  public static void main(String[] arguments) {
    try {
      start(Environment.ofProcess());
    } catch (SettingsException | EngineException | IOException e) {
      LOG.error("the ClickHouse engine cannot start: {}", e.getMessage());
      System.exit(UNUSABLE);
    }
  }

  private static void start(Environment environment) throws IOException, EngineException {
    Path library = environment.file(LIBRARY, "the path of the engine's shared library");
    Path directory = Path.of(environment.required(DIRECTORY, "the engine's data directory"));
    int port = environment.number(PORT, 0, 0, MOST_PORT);
    int memory = environment.number(MEMORY, DEFAULT_MEMORY_MIB, LEAST_MEMORY_MIB, MOST_MEMORY_MIB);
    Credentials credentials =
        new Credentials(
            environment.secret(PASSWORD_FILE, "the password of the user taximeter"),
            environment.secret(READER_PASSWORD_FILE, "the password of taximeter_reader"));
    Files.createDirectories(directory);
    Path configuration = directory.resolve("config.xml");
    Files.writeString(configuration, EngineConfiguration.xml(memory));

    Engine engine = Engine.open(library, directory.resolve("data"), configuration);
    EngineServer server =
        EngineServer.start(engine, directory.resolve("inserting"), credentials, port);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, engine), "engine-stop"));
    LOG.info("ClickHouse engine on port {}", server.port());
  }

  private static void stop(EngineServer server, Engine engine) {
    server.drain(DRAIN);
    engine.close();
    LOG.info("ClickHouse engine stopped");
  }
}
