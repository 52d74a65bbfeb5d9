package dev.taximeter.standalone.demo;

import dev.taximeter.standalone.supervisor.StageListener;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** Prints each stage of a start as it is done, with the seconds it took. */
final class Checklist implements StageListener {
  private static final int MILLIS_PER_SECOND = 1_000;
  private static final int MILLIS_PER_TENTH = 100;

  private final PrintStream output;

  Checklist(PrintStream output) {
    this.output = output;
  }

  @Override
  public void started(String stage) {
    // Stages overlap; only their end is worth a line.
  }

  @Override
  public synchronized void finished(String stage, Duration took) {
    output.printf(Locale.ROOT, "  [x] %-48s %6s s%n", stage, seconds(took));
  }

  @Override
  public synchronized void note(String message) {
    output.println("  ... " + message);
  }

  private static String seconds(Duration duration) {
    long millis = duration.toMillis();
    return millis / MILLIS_PER_SECOND + "." + millis % MILLIS_PER_SECOND / MILLIS_PER_TENTH;
  }
}
