package dev.taximeter.standalone.cli;

import dev.taximeter.contract.yaml.Nearest;
import dev.taximeter.contract.yaml.Value;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** What goes wrong is told in one sentence on standard error; the exit status is 1. */
final class PlainErrors implements IExecutionExceptionHandler {
  private static final int FAILED = 1;

  /** A wrong command line: the sentence, and where the whole help is, instead of a page of it. */
  static int explain(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    command
        .getErr()
        .println(
            "taximeter: %s; %s --help shows what there is"
                .formatted(sentence(failure), command.getCommandSpec().qualifiedName()));
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static String sentence(ParameterException failure) {
    if (failure instanceof UnmatchedArgumentException unmatched) {
      String found = unmatched.getUnmatched().get(0);
      // The library's own have something in common with it only.
      String near = Nearest.of(found, unmatched.getSuggestions());
      return "there is no command or option "
          + Value.shown(found)
          + (near == null ? "" : "; did you mean " + near + "?");
    }
    String message = String.valueOf(failure.getMessage());
    // Some say so themselves.
    return message.startsWith("Error: ") ? message.substring("Error: ".length()) : message;
  }

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine command, ParseResult arguments) {
    String message = failure.getMessage();
    command.getErr().println("taximeter: " + (message == null ? failure.toString() : message));
    if (failure instanceof RuntimeException) {
      // A mistake of ours, which only its place explains.
      failure.printStackTrace(command.getErr());
    }
    return FAILED;
  }
}
