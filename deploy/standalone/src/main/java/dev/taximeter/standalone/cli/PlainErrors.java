package dev.taximeter.standalone.cli;

import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

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
                .formatted(failure.getMessage(), command.getCommandSpec().qualifiedName()));
    return command.getCommandSpec().exitCodeOnInvalidInput();
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
