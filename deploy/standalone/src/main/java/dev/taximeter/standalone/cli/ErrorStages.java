package dev.taximeter.standalone.cli;

import dev.taximeter.standalone.supervisor.StageListener;
import java.io.PrintWriter;
import java.time.Duration;

/** Tells on standard error how a start goes. */
final class ErrorStages implements StageListener {
  private static final double MILLIS_PER_SECOND = 1000.0;

  private final PrintWriter output;

  ErrorStages(PrintWriter output) {
    this.output = output;
  }

  @Override
  public void started(String stage) {
    // Only ends are told: stages overlap.
  }

  @Override
  public void finished(String stage, Duration took) {
    output.printf("%-28s %5.1f s%n", stage, took.toMillis() / MILLIS_PER_SECOND);
    output.flush();
  }

  @Override
  public void note(String message) {
    output.println("taximeter: " + message);
    output.flush();
  }
}
