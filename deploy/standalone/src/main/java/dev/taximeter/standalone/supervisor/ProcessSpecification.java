package dev.taximeter.standalone.supervisor;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How one process is started and known to serve.
 *
 * @param name short, of the log file
 * @param stage for people
 * @param command its program and arguments
 * @param archive of its classes, or null
 * @param environment added to the launcher's own
 * @param log takes its output
 * @param probe opens a new probe
 * @param startPatience how long it may take until it serves for the first time
 */
record ProcessSpecification(
    String name,
    String stage,
    List<String> command,
    @Nullable ClassArchive archive,
    Map<String, String> environment,
    Path log,
    Supplier<Probe> probe,
    Duration startPatience) {
  ProcessSpecification {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }
}
