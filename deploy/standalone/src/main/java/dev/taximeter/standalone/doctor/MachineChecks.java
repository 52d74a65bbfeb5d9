package dev.taximeter.standalone.doctor;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** Checks of the machine, whether or not anything runs on it. */
final class MachineChecks {
  private static final int LEAST_JAVA = 17;
  private static final long MIB = 1024L * 1024;
  private static final long GIB = 1024 * MIB;

  /** All four processes together, idle. */
  private static final long LEAST_MEMORY = 2 * GIB;

  private static final long GOOD_MEMORY = 4 * GIB;

  /** The ClickHouse engine and its download alone take 0.8 GiB. */
  private static final long LEAST_DISK = 2 * GIB;

  private static final long GOOD_DISK = 10 * GIB;

  /** Kafka and ClickHouse keep many files open. */
  private static final long GOOD_OPEN_FILES = 4_096;

  /** Before this program was made: a clock that shows less is wrong. */
  private static final Instant EARLIEST_NOW = Instant.parse("2026-11-01T00:00:00Z");

  private static final Duration CLOCK_SAMPLE = Duration.ofMillis(50);

  /** How far the wall clock may differ from the monotone clock over the sample. */
  private static final Duration GOOD_CLOCK_DRIFT = Duration.ofMillis(25);

  private static final Duration GOOD_FILE_SKEW = Duration.ofSeconds(2);

  /** Lines from a clock this far ahead would be quarantined. */
  private static final Duration WORST_FILE_SKEW = Duration.ofMinutes(10);

  private MachineChecks() {}

  static Finding java() {
    int version = Runtime.version().feature();
    String found =
        "Java %s (%s)."
            .formatted(System.getProperty("java.version"), System.getProperty("java.vendor"));
    if (version < LEAST_JAVA) {
      return Finding.failure("jdk", found, "Install JDK 17 or newer and put it first on the PATH.");
    }
    if (!Files.isExecutable(Path.of(System.getProperty("java.home"), "bin", "javac"))) {
      return Finding.warning(
          "jdk",
          found + " It has no compiler.",
          "Install a whole JDK (on Debian: openjdk-17-jdk-headless), or the program cannot be built.");
    }
    return Finding.ok("jdk", found);
  }

  static Finding memory() {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      return memory(system.getTotalMemorySize());
    }
    return Finding.ok("memory", "This Java does not tell the machine's memory.");
  }

  static Finding memory(long total) {
    String found = gibibytes(total) + " of memory.";
    if (total < LEAST_MEMORY) {
      return Finding.failure(
          "memory",
          found,
          "Use a machine with 4 GiB, or keep Kafka and ClickHouse on other machines.");
    }
    if (total < GOOD_MEMORY) {
      return Finding.warning("memory", found, "Give the machine 4 GiB for more than a trial.");
    }
    return Finding.ok("memory", found);
  }

  static Finding disk(Path directory) {
    Path existing = existing(directory);
    try {
      FileStore store = Files.getFileStore(existing);
      return disk(existing, store.getUsableSpace());
    } catch (IOException e) {
      return Finding.failure(
          "disk",
          "The free space of " + existing + " cannot be read: " + e.getMessage(),
          "Choose a directory on a local disk with --data-dir.");
    }
  }

  static Finding disk(Path directory, long free) {
    String found = "%s free for %s.".formatted(gibibytes(free), directory);
    if (free < LEAST_DISK) {
      return Finding.failure(
          "disk", found, "Free at least 2 GiB there, or choose another disk with --data-dir.");
    }
    if (free < GOOD_DISK) {
      return Finding.warning("disk", found, "Free 10 GiB for more than a trial.");
    }
    return Finding.ok("disk", found);
  }

  static Finding openFiles() {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
      long limit = system.getMaxFileDescriptorCount();
      String found = "%d files may be open at once.".formatted(limit);
      return limit < GOOD_OPEN_FILES
          ? Finding.warning("open files", found, "Raise the limit: ulimit -n 65536.")
          : Finding.ok("open files", found);
    }
    return Finding.ok("open files", "This system sets no limit that Java knows.");
  }

  /** Whether the wall clock shows a possible time and runs as fast as the monotone one. */
  static Finding clock() throws InterruptedException {
    Instant wallStart = Instant.now();
    long monotoneStart = System.nanoTime();
    Thread.sleep(CLOCK_SAMPLE.toMillis());
    Duration wall = Duration.between(wallStart, Instant.now());
    Duration monotone = Duration.ofNanos(System.nanoTime() - monotoneStart);
    return clock(wallStart, wall.minus(monotone));
  }

  static Finding clock(Instant now, Duration drift) {
    String found = "The clock shows %s.".formatted(now);
    if (now.isBefore(EARLIEST_NOW)) {
      return Finding.failure(
          "clock", found + " That is in the past.", "Set the clock, best by switching on NTP.");
    }
    if (drift.abs().compareTo(GOOD_CLOCK_DRIFT) > 0) {
      return Finding.warning(
          "clock",
          found + " It just jumped by " + drift.toMillis() + " ms.",
          "Let NTP slew the clock instead of stepping it; check the host if this is a virtual machine.");
    }
    return Finding.ok("clock", found);
  }

  /** Whether files get the time that the clock shows; a network disk may have its own idea. */
  static Finding fileClock(Path directory) {
    Path existing = existing(directory);
    try {
      Path probe = Files.createTempFile(existing, ".clock", ".probe");
      try {
        Instant now = Instant.now();
        return fileClock(Duration.between(now, Files.getLastModifiedTime(probe).toInstant()));
      } finally {
        Files.delete(probe);
      }
    } catch (IOException e) {
      return Finding.failure(
          "file clock",
          "No file can be created in " + existing + ": " + e.getMessage(),
          "Give yourself write permission there, or choose another directory with --data-dir.");
    }
  }

  static Finding fileClock(Duration skew) {
    String found =
        "Files get times %d ms %s the clock."
            .formatted(skew.abs().toMillis(), skew.isNegative() ? "before" : "after");
    if (skew.abs().compareTo(WORST_FILE_SKEW) > 0) {
      return Finding.failure(
          "file clock", found, "Set the clocks of this machine and of the file server by NTP.");
    }
    if (skew.abs().compareTo(GOOD_FILE_SKEW) > 0) {
      return Finding.warning(
          "file clock", found, "Set the clocks of this machine and of the file server by NTP.");
    }
    return Finding.ok("file clock", "Files get the time that the clock shows.");
  }

  static Finding npm(List<String> command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output =
          new String(
                  process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
              .strip();
      if (process.waitFor() == 0) {
        return Finding.ok("npm", "npm " + output + ".");
      }
    } catch (IOException e) {
      // Not installed: the same finding as one that does not work.
    }
    return Finding.warning(
        "npm",
        "npm does not work here.",
        "Install npm (on Debian: apt install npm): the ClickHouse engine comes with it; or use an existing ClickHouse.");
  }

  /** The directory, or the nearest one above it that exists. */
  private static Path existing(Path directory) {
    Path path = directory.toAbsolutePath();
    while (path != null && !Files.isDirectory(path)) {
      path = path.getParent();
    }
    return path == null ? Path.of("").toAbsolutePath() : path;
  }

  private static String gibibytes(long bytes) {
    return String.format(Locale.ROOT, "%d.%d GiB", bytes / GIB, bytes % GIB * 10 / GIB);
  }
}
