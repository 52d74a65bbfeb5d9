package dev.taximeter.standalone.cli;

import dev.taximeter.standalone.supervisor.LaunchException;
import java.io.PrintWriter;
import java.util.List;

/** Shows what a failed start left behind. */
final class FailedStart {
  private static final int LOG_LINES = 20;

  private FailedStart() {}

  static void explain(LaunchException failure, PrintWriter output) {
    List<String> lines = failure.lastLogLines(LOG_LINES);
    if (!lines.isEmpty()) {
      output.println("The end of " + failure.log() + ":");
      lines.forEach(line -> output.println("  " + line));
      output.flush();
    }
  }
}
