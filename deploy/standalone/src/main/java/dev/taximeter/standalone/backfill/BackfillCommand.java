package dev.taximeter.standalone.backfill;

import dev.taximeter.contract.gateway.GatewayFile;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.settings.SettingsException;
import dev.taximeter.ship.UnreadableFileException;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.supervisor.Home;
import dev.taximeter.standalone.supervisor.LaunchException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code taximeter backfill}. */
@Command(
    name = "backfill",
    mixinStandardHelpOptions = true,
    description = {
      "Ships log files into the running system and waits until every line has landed.",
      "Progress goes to standard error, one JSON object with the lines' fates to standard output.",
      "Exit code 0 only if no line is left without a fate. Shipping a file twice counts it once."
    })
public final class BackfillCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private CommandSpec spec;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Data directory of the running system (default: .taximeter in the project).")
  private @Nullable Path dataDirectory;

  @Option(
      names = "--gateway",
      paramLabel = "FILE",
      description =
          "Gateway configuration: what collectors put around the lines (default: the one that the"
              + " system runs with).")
  private @Nullable Path gateway;

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "Plain, .gz or .zst; - for standard input.")
  private List<Path> files = List.of();

  @Override
  public Integer call() throws LaunchException, InterruptedException {
    Path root = dataDirectory == null ? Home.ofProgram().defaultDataDirectory() : dataDirectory;
    DataDirectory data = new DataDirectory(root);
    PrintWriter errors = spec.commandLine().getErr();
    Optional<RunningSystem> system = RunningSystem.find(data);
    if (system.isEmpty()) {
      errors.println(
          "taximeter: nothing runs on %s; start it with ./taximeter up --data-dir %s"
              .formatted(data.root(), data.root()));
      return 1;
    }
    BackfillRun run;
    try {
      GatewayFile formats =
          gateway == null ? system.get().gateway() : GatewayFile.read(gateway, null);
      run = new BackfillRun(system.get(), formats, System.err);
    } catch (SettingsException e) {
      errors.println("taximeter: " + e.getMessage());
      return 2;
    }
    int exit = 0;
    try {
      run.ship(files);
    } catch (UnreadableFileException e) {
      errors.println("taximeter: " + e.getMessage());
      return 1;
    } catch (KafkaException e) {
      errors.println("taximeter: nothing more is shipped: " + e.getMessage());
      return 1;
    } catch (StalledException e) {
      errors.println("taximeter: " + e.getMessage());
      exit = 1;
    }
    BackfillReport report = run.report();
    spec.commandLine().getOut().println(Json.MAPPER.writeValueAsString(report));
    spec.commandLine().getOut().flush();
    return report.residual() == 0 ? exit : 1;
  }
}
