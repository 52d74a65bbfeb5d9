package dev.taximeter.standalone.demo;

import dev.taximeter.standalone.backfill.BackfillReport;
import dev.taximeter.standalone.backfill.BackfillRun;
import dev.taximeter.standalone.backfill.RestClient;
import dev.taximeter.standalone.backfill.RunningSystem;
import dev.taximeter.standalone.backfill.StalledException;
import dev.taximeter.standalone.doctor.Doctor;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.supervisor.Home;
import dev.taximeter.standalone.supervisor.LaunchException;
import dev.taximeter.standalone.supervisor.RunningStack;
import dev.taximeter.standalone.supervisor.Supervisor;
import dev.taximeter.standalone.supervisor.UpOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code taximeter demo}: the whole system with invented customers, for newcomers. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Starts everything with invented customers and a simulated gateway, and shows where to look.",
      "The gateway's access log is really followed. Ctrl-C stops all of it; the next start"
          + " continues with the data."
    })
public final class DemoCommand implements Callable<Integer> {
  /** About ten minutes of lines. */
  private static final long ROTATE_AT_BYTES = 8L * 1024 * 1024;

  /** Pending writes of the gateway, then the processes. */
  private static final String STOP_THREAD = "stop";

  private final PrintStream errors = System.err;
  private final PrintStream output = System.out;
  private @Nullable LiveGateway gateway;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Data directory (default: .taximeter/demo in the project).")
  private @Nullable Path dataDirectory;

  @Option(
      names = "--port",
      paramLabel = "N",
      description =
          "Port of the dashboard and the API (default: the last one used, else 8080 or any free"
              + " one).")
  private @Nullable Integer port;

  @Override
  public Integer call() throws LaunchException, IOException, InterruptedException {
    DataDirectory data = new DataDirectory(root());
    Path log = data.demo().resolve("access.log");
    Path catalog = data.demo().resolve("catalog.yaml");
    LocalDate today = LocalDate.now(ZoneOffset.UTC);
    Checklist checklist = new Checklist(errors);
    errors.println("Starting the demonstration in " + data.root());
    DemoCatalog.writeOnce(catalog, today);

    RunningStack stack = start(options(data, port, catalog, log), checklist);
    RunningSystem system = new RunningSystem(data);
    addHistory(system, new HistoryDays(data.demo()), today, checklist);
    RestClient api = system.api();
    LiveGateway live =
        new LiveGateway(log, ROTATE_AT_BYTES, new GatewaySimulator(System.nanoTime()));
    keep(live);
    String story = new FirstLine(api, DemoKey.ALL.get(0)).play(live);
    live.start();
    new BreakIt(data.demo(), stack::killMetering, errors).start();
    printBox(stack.apiUrl(), api, data, story);
    // From here on only a signal ends the process.
    new CountDownLatch(1).await();
    return 0;
  }

  private Path root() throws LaunchException {
    return dataDirectory == null
        ? Home.ofProgram().defaultDataDirectory().resolve("demo")
        : dataDirectory;
  }

  /** A port that nobody asks for stays open: the data directory knows the one used last. */
  static UpOptions options(DataDirectory data, @Nullable Integer port, Path catalog, Path log) {
    return UpOptions.of(data)
        .withPort(port)
        .withCatalog(catalog)
        .withLogs(List.of(log))
        .withDemonstration(data.demo());
  }

  private RunningStack start(UpOptions options, Checklist checklist)
      throws LaunchException, InterruptedException {
    try {
      RunningStack stack = Supervisor.start(options, checklist);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(stack), STOP_THREAD));
      stack.awaitReady();
      return stack;
    } catch (LaunchException e) {
      Doctor.printTroubles(Doctor.examine(options.dataDirectory()), errors);
      throw e;
    }
  }

  private synchronized void keep(LiveGateway live) {
    gateway = live;
  }

  private synchronized @Nullable LiveGateway kept() {
    return gateway;
  }

  private void stop(RunningStack stack) {
    boolean failed = stack.hasFailed();
    LiveGateway live = kept();
    if (live != null) {
      try {
        live.close();
      } catch (IOException e) {
        errors.println("The simulated gateway did not end well: " + e.getMessage());
      }
    }
    stack.stop();
    if (!failed) {
      // A signal is the regular end, and the virtual machine would not say 0.
      Runtime.getRuntime().halt(0);
    }
  }

  /** Ships the past days that the system does not have yet, through the same road as live lines. */
  private void addHistory(
      RunningSystem system, HistoryDays history, LocalDate today, Checklist checklist)
      throws LaunchException, IOException, InterruptedException {
    List<LocalDate> missing = history.missing(today);
    if (missing.isEmpty()) {
      return;
    }
    long start = System.nanoTime();
    Path file = history.write(missing);
    try {
      BackfillReport report = new BackfillRun(system, errors).ship(List.of(file));
      history.markDone(missing);
      checklist.finished(
          "past days (%d): %,d lines".formatted(missing.size(), report.read()),
          Duration.ofNanos(System.nanoTime() - start));
    } catch (StalledException e) {
      throw new LaunchException("the past days did not land: " + e.getMessage());
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private void printBox(URI url, RestClient api, DataDirectory data, String story)
      throws InterruptedException {
    String curl = "curl -H \"Authorization: Bearer $(cat " + data.adminTokenFile() + ")\"";
    YearMonth month = YearMonth.now(ZoneOffset.UTC);
    String account = DemoKey.ALL.get(0).account();
    List<String> lines =
        List.of(
            "Dashboard  " + signInLink(url, api),
            "           (open it and press the button; it signs one browser in, once)",
            "",
            "Try        " + curl + " " + url + "/v1/accounts/" + account + "/balance",
            "           " + curl + " '" + url + "/v1/usage?granularity=day&groupBy=model'",
            "           " + curl + " " + url + "/v1/accounts/" + account + "/bills/" + month,
            "",
            "Log        " + data.demo().resolve("access.log") + " is being written and followed",
            "Stop       Ctrl-C; the next start continues with the data",
            "");
    StringBuilder box = new StringBuilder("READY " + url + System.lineSeparator());
    String rule = "=".repeat(100) + System.lineSeparator();
    box.append(rule);
    lines.forEach(line -> box.append("  ").append(line).append(System.lineSeparator()));
    story.lines().forEach(line -> box.append("  ").append(line).append(System.lineSeparator()));
    output.print(box.append(rule));
    output.flush();
  }

  private static String signInLink(URI url, RestClient api) throws InterruptedException {
    try {
      return api.post("/v1/sign-in-codes", "{}").path("url").asString();
    } catch (IOException e) {
      return url + "/ (sign in with the content of admin-token: " + e.getMessage() + ")";
    }
  }
}
