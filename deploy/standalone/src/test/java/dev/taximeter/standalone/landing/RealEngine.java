package dev.taximeter.standalone.landing;

import dev.taximeter.standalone.engine.EngineInstallation;
import dev.taximeter.standalone.engine.EngineProcess;
import dev.taximeter.streams.landing.ClickHouseSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;

/** The ClickHouse engine in a process of its own, as the product runs it. */
public final class RealEngine implements AutoCloseable {
  private final JavaProcess process;
  private final String url;

  private RealEngine(JavaProcess process, int port) {
    this.process = process;
    this.url = "jdbc:clickhouse:http://127.0.0.1:" + port + "/";
  }

  /**
   * @param directory for data and log
   */
  public static RealEngine start(Path directory) throws IOException, InterruptedException {
    // Tests run in deploy/standalone.
    Path project = Path.of("").toAbsolutePath().getParent().getParent();
    Path library = EngineInstallation.of(project, System.getenv()).ensure(bytes -> {});
    int port = JavaProcess.freePort();
    Map<String, String> environment =
        Map.of(
            EngineProcess.LIBRARY,
            library.toString(),
            EngineProcess.DIRECTORY,
            directory.resolve("engine").toString(),
            EngineProcess.PORT,
            Integer.toString(port),
            EngineProcess.PASSWORD_FILE,
            Files.writeString(directory.resolve("engine-password"), "writer").toString(),
            EngineProcess.READER_PASSWORD_FILE,
            Files.writeString(directory.resolve("reader-password"), "reader").toString());
    JavaProcess process =
        JavaProcess.start(EngineProcess.class, environment, directory.resolve("engine.log"));
    RealEngine engine = new RealEngine(process, port);
    engine.awaitReady();
    return engine;
  }

  /** As landing uses it. */
  public ClickHouseSettings writer(String database) {
    return new ClickHouseSettings(url, database, "taximeter", "writer");
  }

  /** As the API and the audit use it. */
  public ClickHouseSettings reader(String database) {
    return new ClickHouseSettings(url, database, "taximeter_reader", "reader");
  }

  /** Kills it without warning. */
  public void kill() throws InterruptedException {
    process.kill();
  }

  public void startAgain() throws IOException, InterruptedException {
    process.startAgain();
    awaitReady();
  }

  @Override
  public void close() throws InterruptedException {
    process.close();
  }

  private void awaitReady() throws InterruptedException {
    JavaProcess.await(
        "the engine",
        () -> {
          try (Connection connection = writer("default").connect();
              Statement statement = connection.createStatement()) {
            return statement.execute("SELECT 1");
          }
        });
  }
}
