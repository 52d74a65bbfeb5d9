package dev.taximeter.standalone.doctor;

import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.supervisor.Home;
import dev.taximeter.standalone.supervisor.LaunchException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
      description = "Data directory of the system (default: .taximeter in the project).")
  private @Nullable Path dataDirectory;

  @Option(names = "--json", description = "Print one JSON object instead of text.")
  private boolean json;

  @Override
  public Integer call() throws LaunchException, InterruptedException {
    Path root = dataDirectory == null ? Home.ofProgram().defaultDataDirectory() : dataDirectory;
    List<Finding> findings = Doctor.examine(new DataDirectory(root));
    if (json) {
      System.out.println(Doctor.json(findings));
    } else {
      Doctor.print(findings, System.out);
    }
    return Doctor.worst(findings) == Finding.Status.FAILURE ? 1 : 0;
  }
}
