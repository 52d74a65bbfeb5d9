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
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code taximeter bench reads}. */
@Command(
    name = "reads",
    mixinStandardHelpOptions = true,
    description = {
      "Measures how fast the API answers while ClickHouse holds a year of usage.",
      "Starts a system of its own and writes synthetic usage into it, which is removed afterwards."
          + " Figures for people go to standard error, one JSON object to standard output.",
      "Exit code 0 only if every answer was exact and as fast as it should be."
    })
final class ReadsCommand implements Callable<Integer> {
  private static final int LEAST_RATE = 10;
  private static final int MOST_RATE = 10_000;
  private static final long LEAST_EVENTS = 100_000;
  private static final long MOST_EVENTS = 500_000_000;
  private static final int MOST_SECONDS = 600;

  /** Events, minute windows, hour windows, and merges under way. */
  private static final long DISK_BYTES_PER_EVENT = 250;

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private CommandSpec spec;

  @Option(
      names = "--events",
      paramLabel = "N",
      description = "Usage events, 100,000 to 500,000,000 in ten thousands (default: 10,000,000).")
  private long events = 10_000_000;

  @Option(
      names = "--accounts",
      paramLabel = "N",
      description = "Accounts with ten keys each, 14 to 1,000 (default: 1,000).")
  private int accounts = SyntheticUsage.MOST_ACCOUNTS;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long each kind of request is measured, 1 to 600 (default: 20).")
  private int seconds = 20;

  @Option(
      names = "--rate",
      paramLabel = "R",
      description = "Balances a second, and bare answers, 10 to 10,000 (default: 1,000).")
  private int rate = 1_000;

  @Option(
      names = "--keep",
      paramLabel = "DIR",
      description =
          "An empty or missing directory for the system; it is kept. One that this command has kept"
              + " today, with as many events and accounts, is measured again as it is.")
  private @Nullable Path dataDirectory;

  private final PrintStream errors = System.err;

  @Override
  public Integer call() throws LaunchException, InterruptedException, IOException {
    if (events < LEAST_EVENTS || events > MOST_EVENTS || events % SyntheticUsage.BLOCK != 0) {
      throw new ParameterException(
          spec.commandLine(),
          "--events must be from %,d to %,d and a multiple of %,d, not %,d"
              .formatted(LEAST_EVENTS, MOST_EVENTS, SyntheticUsage.BLOCK, events));
    }
    if (accounts < SyntheticUsage.LEAST_ACCOUNTS || accounts > SyntheticUsage.MOST_ACCOUNTS) {
      throw new ParameterException(
          spec.commandLine(),
          "--accounts must be from %,d to %,d, not %,d"
              .formatted(SyntheticUsage.LEAST_ACCOUNTS, SyntheticUsage.MOST_ACCOUNTS, accounts));
    }
    if (seconds < 1 || seconds > MOST_SECONDS) {
      throw new ParameterException(
          spec.commandLine(),
          "--seconds must be from 1 to %,d, not %,d".formatted(MOST_SECONDS, seconds));
    }
    if (rate < LEAST_RATE || rate > MOST_RATE) {
      throw new ParameterException(
          spec.commandLine(),
          "--rate must be from %,d to %,d, not %,d".formatted(LEAST_RATE, MOST_RATE, rate));
    }
    Path given = dataDirectory;
    boolean filled = given != null && KeptUsage.isIn(files(given), accounts, events);
    Path root =
        given != null && filled
            ? given
            : BenchDirectory.prepare(
                spec.commandLine(), given, events * DISK_BYTES_PER_EVENT, "events");
    try {
      ReadsReport report = measure(new DataDirectory(root));
      errors.println();
      errors.println(report.toText());
      spec.commandLine().getOut().println(Json.MAPPER.writeValueAsString(report));
      spec.commandLine().getOut().flush();
      return report.isMet() ? 0 : 1;
    } finally {
      if (given == null) {
        BenchDirectory.remove(root);
      }
    }
  }

  private static Path files(Path root) {
    return root.resolve("bench");
  }

  private ReadsReport measure(DataDirectory data)
      throws LaunchException, InterruptedException, IOException {
    Path files = Files.createDirectories(files(data.root()));
    Path catalog = files.resolve("catalog.yaml");
    DemoTraffic.writeCatalog(catalog, LocalDate.now(ZoneOffset.UTC));
    UpOptions options = UpOptions.of(data).withCatalog(catalog);
    try (RunningStack stack = Supervisor.start(options, new BenchNotes(errors))) {
      Thread stop = new Thread(stack::stop, "stop");
      Runtime.getRuntime().addShutdownHook(stop);
      stack.awaitReady();
      RunningSystem system = new RunningSystem(data);
      return new ReadsRun(
              system,
              system.apiUrl(),
              data.adminToken(),
              files,
              accounts,
              events,
              seconds,
              rate,
              errors)
          .run();
    } catch (ExecutionException | StalledException | SQLException e) {
      throw new LaunchException("the benchmark was given up: " + e.getMessage());
    }
  }
}
