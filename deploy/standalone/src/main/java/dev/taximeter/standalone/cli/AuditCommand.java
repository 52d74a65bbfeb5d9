package dev.taximeter.standalone.cli;

import dev.taximeter.api.audit.Audit;
import dev.taximeter.api.audit.AuditReport;
import dev.taximeter.contract.yaml.Nearest;
import dev.taximeter.contract.yaml.Value;
import dev.taximeter.standalone.backfill.RunningSystem;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.supervisor.Home;
import dev.taximeter.standalone.supervisor.LaunchException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.YearMonth;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code audit}: recomputes usage and money by another path and compares. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = {
      "Recomputes usage and money by another path, in plain SQL, and compares.",
      "Compares the landed events and the catalogue with balances, windows and bills. Exit code 0"
          + " only if nothing differs."
    })
final class AuditCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private CommandSpec spec;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Data directory of the running system (default: .taximeter in the project).")
  private @Nullable Path dataDirectory;

  @Option(names = "--account", paramLabel = "ID", description = "Audit this account only.")
  private @Nullable String account;

  @Option(
      names = "--month",
      paramLabel = "YYYY-MM",
      description = "Audit this month only, in each account's zone.")
  private @Nullable YearMonth month;

  @Option(names = "--json", description = "Print the report as one JSON object.")
  private boolean json;

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
    try (Connection connection = system.get().clickHouse()) {
      Audit audit = new Audit(connection);
      if (account != null) {
        List<String> known = audit.accounts();
        if (!known.contains(account)) {
          errors.println(
              "taximeter: there is no account "
                  + Value.shown(account)
                  + Nearest.hint(account, known));
          return 1;
        }
      }
      AuditReport report = audit.run(account, month);
      PrintWriter out = spec.commandLine().getOut();
      out.println(json ? report.toJson() : report.toText());
      out.flush();
      return report.isClean() ? 0 : 1;
    } catch (SQLException e) {
      errors.println(
          "taximeter: the audit could not read ClickHouse (%s); ./taximeter doctor --data-dir %s says more"
              .formatted(e.getMessage(), data.root()));
      return 1;
    }
  }
}
