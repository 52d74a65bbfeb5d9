package dev.taximeter.standalone.endtoend;

import dev.taximeter.api.audit.Audit;
import dev.taximeter.api.audit.AuditReport;
import dev.taximeter.standalone.backfill.BackfillReport;
import dev.taximeter.standalone.backfill.BackfillRun;
import dev.taximeter.standalone.backfill.RestClient;
import dev.taximeter.standalone.backfill.RunningSystem;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.instance.Instance.ProcessIdentity;
import dev.taximeter.standalone.supervisor.RunningStack;
import dev.taximeter.standalone.supervisor.StageListener;
import dev.taximeter.standalone.supervisor.Supervisor;
import dev.taximeter.standalone.supervisor.UpOptions;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The four real processes with a catalogue loaded. */
final class RunningInstallation implements AutoCloseable {
  /** Long enough for any machine: only a failure waits for its end. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final long PAUSE_MILLIS = 200;

  private final DataDirectory data;
  private final RunningStack stack;
  private final RunningSystem system;
  private final RestClient api;
  private final Path keptLogs;

  private RunningInstallation(DataDirectory data, RunningStack stack, Path keptLogs)
      throws IOException {
    this.data = data;
    this.stack = stack;
    this.system = new RunningSystem(data);
    this.api = system.api();
    this.keptLogs = keptLogs;
  }

  /**
   * @param directory for the data, for the catalogue beside it, and for orders to break something
   * @param logs to follow
   * @param name of the folder under {@code target} that keeps the processes' logs
   */
  static RunningInstallation start(Path directory, String catalogYaml, List<Path> logs, String name)
      throws Exception {
    Path catalog = Files.writeString(directory.resolve("catalog.yaml"), catalogYaml);
    DataDirectory data = new DataDirectory(directory.resolve("data"));
    RunningStack stack =
        Supervisor.start(
            UpOptions.of(data).withCatalog(catalog).withLogs(logs).withDemonstration(directory),
            new SilentListener());
    try {
      stack.awaitReady();
      return new RunningInstallation(data, stack, Path.of("target", name + "-logs"));
    } catch (Exception e) {
      stack.stop();
      throw e;
    }
  }

  DataDirectory data() {
    return data;
  }

  RunningSystem system() {
    return system;
  }

  RestClient api() {
    return api;
  }

  BackfillReport ship(Path... files) throws Exception {
    return new BackfillRun(system, null).ship(List.of(files));
  }

  /** Waits until no line of any source is missing, in flight or unsettled. */
  void awaitConservation(long read) throws Exception {
    eventually(
        () -> {
          JsonNode total = api.get("/v1/accounting").path("total");
          if (total.path("read").asLong(-1) != read
              || total.path("inFlight").asLong(-1) != 0
              || total.path("unsettled").asLong(-1) != 0
              || total.path("residual").asLong(-1) != 0) {
            throw new AssertionError(read + " lines were read, accounting says " + total);
          }
        });
  }

  /** Kills a process as the operating system does it; the launcher starts another one. */
  void kill(String process) throws Exception {
    ProcessIdentity victim = identity(process);
    if (!victim.handle().orElseThrow().destroyForcibly()) {
      throw new AssertionError(process + " cannot be killed");
    }
    eventually(
        () -> {
          if (identity(process).equals(victim)) {
            throw new AssertionError(process + " was not started again");
          }
        });
  }

  private ProcessIdentity identity(String process) {
    return data.instance().orElseThrow().processes().get(process);
  }

  /** Waits until the audit of everything finds no difference. */
  void awaitCleanAudit() throws Exception {
    eventually(
        () -> {
          try (Connection connection = system.clickHouse()) {
            AuditReport report = new Audit(connection).run(null, null);
            if (!report.isClean()) {
              throw new AssertionError(report.toText());
            }
          } catch (SQLException e) {
            throw new IOException("the engine does not answer", e);
          }
        });
  }

  /** Ends the processes; their files stay. */
  void stop() {
    stack.stop();
  }

  /** The processes' logs outlive the test, since a failure is rarely explained without them. */
  @Override
  public void close() throws IOException {
    stack.stop();
    Files.createDirectories(keptLogs);
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(data.logs())) {
      for (Path file : logs) {
        Files.copy(file, keptLogs.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /** What must come true, but not at once. */
  interface Assertion {
    void check() throws Exception;
  }

  static void eventually(Assertion assertion) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        assertion.check();
        return;
      } catch (AssertionError | IOException e) {
        if (System.nanoTime() - end > 0) {
          throw e;
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  private static final class SilentListener implements StageListener {
    @Override
    public void started(String stage) {}

    @Override
    public void finished(String stage, Duration took) {}

    @Override
    public void note(String message) {
      System.err.println(message);
    }
  }
}
