package dev.taximeter.standalone.bench;

import dev.taximeter.standalone.supervisor.StageListener;
import java.io.PrintStream;
import java.time.Duration;

/** Tells what a start reports by itself. */
record BenchNotes(PrintStream output) implements StageListener {
  @Override
  public void started(String stage) {
    // Only ends are told: stages overlap.
  }

  @Override
  public void finished(String stage, Duration took) {
    output.printf("%-28s %d ms%n", stage, took.toMillis());
  }

  @Override
  public void note(String message) {
    output.println("taximeter: " + message);
  }
}
