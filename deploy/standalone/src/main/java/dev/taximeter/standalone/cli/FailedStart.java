package dev.taximeter.standalone.cli;

import dev.taximeter.standalone.doctor.Doctor;
import dev.taximeter.standalone.doctor.Finding;
import dev.taximeter.standalone.doctor.Finding.Status;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.supervisor.LaunchException;
import java.io.PrintWriter;
import java.util.List;

/** Shows what a failed start left behind. */
final class FailedStart {
  private static final int LOG_LINES = 20;

  private FailedStart() {}

  /** Says nothing if the input is at fault: the sentence of the failure tells all then. */
  static void explain(LaunchException failure, DataDirectory directory, PrintWriter output)
      throws InterruptedException {
    if (failure.log() == null) {
      return;
    }
    output.println("The end of " + failure.log() + ":");
    failure.lastLogLines(LOG_LINES).forEach(line -> output.println("  " + line));
    output.flush();
    List<Finding> problems =
        Doctor.examine(directory).stream()
            .filter(it -> it.status() == Status.FAILURE || it.status() == Status.WARNING)
            .toList();
    if (!problems.isEmpty()) {
      System.err.println("What ./taximeter doctor finds:");
      Doctor.print(problems, System.err);
    }
  }
}
