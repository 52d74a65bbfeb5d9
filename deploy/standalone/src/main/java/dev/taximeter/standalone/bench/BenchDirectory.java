package dev.taximeter.standalone.bench;

import dev.taximeter.standalone.supervisor.Home;
import dev.taximeter.standalone.supervisor.LaunchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Where a benchmark's own system lives. */
final class BenchDirectory {
  private static final long MEGABYTE = 1_000_000;

  private BenchDirectory() {}

  /**
   * Finds an empty place with enough room.
   *
   * @param given by the user; null for a new one beside the default data directory
   * @param needed bytes
   * @param what takes the room, for the message
   * @throws ParameterException if the given one is not empty
   * @throws LaunchException if there is too little room
   */
  static Path prepare(CommandLine command, @Nullable Path given, long needed, String what)
      throws LaunchException, IOException {
    Path root = given == null ? newDirectory() : given;
    if (!isEmpty(root)) {
      throw new ParameterException(
          command, root + " is not empty; figures belong to a system that has seen nothing before");
    }
    Files.createDirectories(root);
    long free = Files.getFileStore(root).getUsableSpace();
    if (free < needed) {
      throw new LaunchException(
          "so many %s need about %,d MB in %s, and %,d MB are free; choose fewer or another directory with --keep"
              .formatted(what, needed / MEGABYTE, root, free / MEGABYTE));
    }
    return root;
  }

  private static Path newDirectory() throws LaunchException, IOException {
    Path parent = Home.ofProgram().defaultDataDirectory();
    Files.createDirectories(parent);
    return Files.createTempDirectory(parent, "bench-");
  }

  private static boolean isEmpty(Path root) throws IOException {
    if (Files.notExists(root)) {
      return true;
    }
    try (Stream<Path> entries = Files.list(root)) {
      return entries.findAny().isEmpty();
    }
  }

  static void remove(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
