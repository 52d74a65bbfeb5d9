package dev.taximeter.standalone.cli;

import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** What goes wrong is told in one sentence on standard error; the exit status is 1. */
final class PlainErrors implements IExecutionExceptionHandler {
  private static final int FAILED = 1;

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
