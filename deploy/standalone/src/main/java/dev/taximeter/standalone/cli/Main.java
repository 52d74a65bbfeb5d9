package dev.taximeter.standalone.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code ./taximeter}: everything an operator does on one machine. */
@Command(
    name = "./taximeter",
    description = "Turns the access log of an LLM gateway into money, in real time.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {UpCommand.class, CommandLine.HelpCommand.class})
public final class Main {
  private Main() {}

  /** Runs one command and ends the process with its exit status. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(new PlainErrors())
        .setCaseInsensitiveEnumValuesAllowed(true);
  }
}
