package dev.taximeter.standalone.bench;

import dev.taximeter.contract.json.Json;
import dev.taximeter.standalone.backfill.RunningSystem;
import dev.taximeter.standalone.backfill.StalledException;
import dev.taximeter.standalone.demo.DemoTraffic;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.supervisor.LaunchException;
import dev.taximeter.standalone.supervisor.RunningStack;
import dev.taximeter.standalone.supervisor.Supervisor;
import dev.taximeter.standalone.supervisor.UpOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code taximeter bench}. */
@Command(
    name = "bench",
    subcommands = {ReadsCommand.class, GateCommand.class},
    mixinStandardHelpOptions = true,
    description = {
      "Measures this machine: Kafka alone, then the whole road with the same lines, then latency.",
      "Starts a system of its own, which is removed afterwards. Figures for people go to standard"
          + " error, one JSON object to standard output.",
      "Exit code 0 only if every line was billed right and the audit finds no difference."
    })
public final class BenchCommand implements Callable<Integer> {
  private static final long LEAST_LINES = 1_000;
  private static final long MOST_LINES = 20_000_000;
  private static final int MOST_SECONDS = 600;

  /** Kafka's topics, ClickHouse's tables, state and the file itself. */
  private static final long DISK_BYTES_PER_LINE = 6_000;

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private CommandSpec spec;

  @Option(
      names = "--lines",
      paramLabel = "N",
      description = "Lines to measure throughput with, 1,000 to 20,000,000 (default: 200,000).")
  private long lines = 200_000;

  @Option(
      names = "--latency-seconds",
      paramLabel = "S",
      description = "How long latency is measured, 1 to 600 (default: 20).")
  private int latencySeconds = 20;

  @Option(
      names = "--keep",
      paramLabel = "DIR",
      description =
          "An empty or missing directory for the system; it is kept. Without it, a new one is made"
              + " beside the default data directory, and removed afterwards.")
  private @Nullable Path dataDirectory;

  private final PrintStream errors = System.err;

  @Override
  public Integer call() throws LaunchException, InterruptedException, IOException {
    requireRange("--lines", lines, LEAST_LINES, MOST_LINES);
    requireRange("--latency-seconds", latencySeconds, 1, MOST_SECONDS);
    Path given = dataDirectory;
    Path root =
        BenchDirectory.prepare(spec.commandLine(), given, lines * DISK_BYTES_PER_LINE, "lines");
    try {
      BenchReport report = measure(new DataDirectory(root));
      errors.println();
      errors.println(report.toText());
      spec.commandLine().getOut().println(Json.MAPPER.writeValueAsString(report));
      spec.commandLine().getOut().flush();
      return report.checks().areClean(lines) ? 0 : 1;
    } finally {
      if (given == null) {
        BenchDirectory.remove(root);
      }
    }
  }

  private void requireRange(String option, long value, long least, long most) {
    if (value < least || value > most) {
      throw new ParameterException(
          spec.commandLine(),
          "%s must be from %,d to %,d, not %,d".formatted(option, least, most, value));
    }
  }

  private BenchReport measure(DataDirectory data)
      throws LaunchException, InterruptedException, IOException {
    Path files = Files.createDirectories(data.root().resolve("bench"));
    Path catalog = files.resolve("catalog.yaml");
    Path log = Files.createFile(files.resolve("access.log"));
    DemoTraffic.writeCatalog(catalog, LocalDate.now(ZoneOffset.UTC));
    UpOptions options = UpOptions.of(data).withCatalog(catalog).withLogs(List.of(log));
    try (RunningStack stack = Supervisor.start(options, new BenchNotes(errors))) {
      Thread stop = new Thread(stack::stop, "stop");
      Runtime.getRuntime().addShutdownHook(stop);
      stack.awaitReady();
      return new BenchRun(new RunningSystem(data), files, log, lines, latencySeconds, errors).run();
    } catch (ExecutionException | StalledException | SQLException e) {
      throw new LaunchException("the benchmark was given up: " + e.getMessage());
    }
  }
}
