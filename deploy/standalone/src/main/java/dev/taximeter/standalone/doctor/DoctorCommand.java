package dev.taximeter.standalone.doctor;

import dev.taximeter.standalone.instance.DataDirectory;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code taximeter doctor}. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Checks this machine and, if it runs, the system; says how to fix what is wrong.",
      "Exit code 0 if nothing keeps it from working, else 1."
    })
public final class DoctorCommand implements Callable<Integer> {
  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = ".taximeter",
      description = "Data directory of the system (default: ${DEFAULT-VALUE}).")
  private Path dataDirectory = Path.of(".taximeter");

  @Option(names = "--json", description = "Print one JSON object instead of text.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    List<Finding> findings = Doctor.examine(new DataDirectory(dataDirectory));
    if (json) {
      System.out.println(Doctor.json(findings));
    } else {
      Doctor.print(findings, System.out);
    }
    return Doctor.worst(findings) == Finding.Status.FAILURE ? 1 : 0;
  }
}
