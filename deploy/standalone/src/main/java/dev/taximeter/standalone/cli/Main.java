package dev.taximeter.standalone.cli;

import dev.taximeter.standalone.backfill.BackfillCommand;
import dev.taximeter.standalone.bench.BenchCommand;
import dev.taximeter.standalone.demo.DemoCommand;
import dev.taximeter.standalone.doctor.DoctorCommand;
import dev.taximeter.standalone.figures.BalanceCommand;
import dev.taximeter.standalone.figures.BillsCommand;
import dev.taximeter.standalone.figures.KeysCommand;
import dev.taximeter.standalone.figures.UsageCommand;
import dev.taximeter.standalone.inspect.InspectCommand;
import dev.taximeter.standalone.prices.PricesCommand;
import dev.taximeter.standalone.supervisor.Home;
import dev.taximeter.standalone.supervisor.LaunchException;
import dev.taximeter.standalone.tokens.TokenCommand;
import java.time.DateTimeException;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/** {@code ./taximeter}: everything an operator does on one machine. */
@Command(
    name = "./taximeter",
    description = "Turns the access log of an LLM gateway into money, in real time.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      InspectCommand.class,
      UpCommand.class,
      BackfillCommand.class,
      AuditCommand.class,
      BenchCommand.class,
      UsageCommand.class,
      BalanceCommand.class,
      BillsCommand.class,
      KeysCommand.class,
      PricesCommand.class,
      TokenCommand.class,
      DoctorCommand.class,
      CompletionCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Main {
  private Main() {}

  /** Runs one command and ends the process with its exit status. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(new PlainErrors())
        .setParameterExceptionHandler(PlainErrors::explain)
        .registerConverter(YearMonth.class, Main::month)
        .registerConverter(ZoneId.class, Main::zone)
        .setDefaultValueProvider(Main::defaultValue);
  }

  /** What this program's archive says of itself; the same as GET /v1/status. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"taximeter " + (version == null ? "development" : version)};
    }
  }

  private static YearMonth month(String text) {
    try {
      return YearMonth.parse(text);
    } catch (DateTimeParseException e) {
      throw new TypeConversionException(text + " is no month such as 2026-11");
    }
  }

  private static ZoneId zone(String text) {
    try {
      return ZoneId.of(text);
    } catch (DateTimeException e) {
      throw new TypeConversionException(text + " is no zone such as Europe/Berlin or UTC");
    }
  }

  /** All commands work on the same data directory, wherever they are called from. */
  private static @Nullable String defaultValue(ArgSpec argument) throws LaunchException {
    boolean dataDirectory =
        argument instanceof OptionSpec option && option.longestName().equals("--data-dir");
    return dataDirectory ? Home.ofProgram().defaultDataDirectory().toString() : null;
  }
}
