package dev.taximeter.standalone.audit;

import dev.taximeter.standalone.engine.EngineInstallation;
import dev.taximeter.standalone.engine.EngineProcess;
import dev.taximeter.streams.landing.ClickHouseSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;

/** The ClickHouse engine in a process of its own, as the product runs it. */
final class RealEngine implements AutoCloseable {
  private static final int START_ATTEMPTS = 300;
  private static final long ATTEMPT_MILLIS = 200;

  private final Process process;
  private final int port;

  private RealEngine(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * @param directory an empty directory for data and log
   */
  static RealEngine start(Path directory) throws IOException, InterruptedException, SQLException {
    Path library =
        EngineInstallation.of(Path.of("").toAbsolutePath().getParent().getParent(), System.getenv())
            .ensure(bytes -> {});
    Path password = Files.writeString(directory.resolve("password"), "writer");
    Path readerPassword = Files.writeString(directory.resolve("reader-password"), "reader");
    int port = freePort();
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            EngineProcess.class.getName());
    builder.environment().put(EngineProcess.LIBRARY, library.toString());
    builder.environment().put(EngineProcess.DIRECTORY, directory.resolve("engine").toString());
    builder.environment().put(EngineProcess.PORT, Integer.toString(port));
    builder.environment().put(EngineProcess.PASSWORD_FILE, password.toString());
    builder.environment().put(EngineProcess.READER_PASSWORD_FILE, readerPassword.toString());
    builder.redirectErrorStream(true).redirectOutput(directory.resolve("engine.log").toFile());
    RealEngine engine = new RealEngine(builder.start(), port);
    engine.awaitReady();
    return engine;
  }

  /** As landing uses it. */
  ClickHouseSettings writer(String database) {
    return new ClickHouseSettings(url(), database, "taximeter", "writer");
  }

  /** As the API and the audit use it. */
  ClickHouseSettings reader(String database) {
    return new ClickHouseSettings(url(), database, "taximeter_reader", "reader");
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }

  private String url() {
    return "jdbc:clickhouse:http://127.0.0.1:" + port + "/";
  }

  private void awaitReady() throws InterruptedException, SQLException {
    SQLException last = new SQLException("never tried");
    for (int attempt = 0; attempt < START_ATTEMPTS && process.isAlive(); attempt++) {
      try (Connection connection = writer("default").connect();
          Statement statement = connection.createStatement()) {
        statement.execute("SELECT 1");
        return;
      } catch (SQLException | RuntimeException e) {
        last = new SQLException("the engine does not answer", e);
        Thread.sleep(ATTEMPT_MILLIS);
      }
    }
    process.destroyForcibly();
    throw last;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
