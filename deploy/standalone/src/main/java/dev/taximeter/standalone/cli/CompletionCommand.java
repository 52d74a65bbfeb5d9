package dev.taximeter.standalone.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code completion}: what makes a shell complete commands and options. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = "Prints completion for bash and zsh: source <(./taximeter completion).")
final class CompletionCommand implements Callable<Integer> {
  /** Shells look a path up by its last part. */
  private static final String PROGRAM = "taximeter";

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private CommandSpec spec;

  @Override
  public Integer call() {
    CommandLine whole = spec.commandLine().getParent();
    PrintWriter out = spec.commandLine().getOut();
    out.print(AutoComplete.bash(PROGRAM, whole));
    out.flush();
    return 0;
  }
}
