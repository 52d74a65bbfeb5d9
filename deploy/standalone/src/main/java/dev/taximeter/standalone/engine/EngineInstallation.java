package dev.taximeter.standalone.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * Fetches the ClickHouse engine once for all clones of a user. npm checks it against the hash in
 * the lock file beside {@code package.json}; nothing it brings is run while it installs.
 *
 * <p>Uses the JDK alone, so that {@code ./taximeter} can run this file while Maven still builds.
 */
public final class EngineInstallation {
  /** As pinned in {@code deploy/standalone/engine/package.json}. */
  static final String VERSION = "26.7.3-stable.1";

  /** The one platform whose package can be pinned by hash; elsewhere ClickHouse is external. */
  private static final String PLATFORM = "linux-x64";

  private static final String PACKAGE = "@chdb/lib-linux-x64-gnu";
  private static final String LIBRARY = "libchdb.so";
  private static final List<String> PACKAGE_FILES =
      List.of("package.json", "package-lock.json", ".npmrc");

  /** What the library takes on disk, for the progress display. */
  public static final long UNPACKED_BYTES = 566_330_096;

  private static final long MEBIBYTE = 1L << 20;
  private static final long PROGRESS_MILLIS = 250;
  private static final int MOST_ERROR_LINES = 8;
  private static final int FAILED = 69;

  private static final String EXTERNAL =
      "start with --clickhouse-url, --clickhouse-user and --clickhouse-password-file to use a"
          + " ClickHouse that already runs";

  private final Path pinned;
  private final Path cache;

  private EngineInstallation(Path pinned, Path cache) {
    this.pinned = pinned;
    this.cache = cache;
  }

  /**
   * @param project the top of the clone
   * @param environment decides where the cache is
   */
  public static EngineInstallation of(Path project, Map<String, String> environment) {
    String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path caches = xdg.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
    return new EngineInstallation(
        project.resolve("deploy").resolve("standalone").resolve("engine"),
        caches.resolve("taximeter").resolve("engine"));
  }

  private Path home() {
    return cache.resolve(VERSION + "-" + PLATFORM);
  }

  /**
   * @return the engine's shared library, or empty if it is not installed yet
   */
  public Optional<Path> library() {
    return Optional.of(home().resolve(LIBRARY)).filter(Files::isRegularFile);
  }

  /**
   * Installs the engine unless it is there. Several processes may ask at once: one installs, the
   * others wait.
   *
   * @param progress hears the bytes on disk, of {@link #UNPACKED_BYTES}
   * @return the engine's shared library
   * @throws IOException with one sentence that says what to do
   */
  public Path ensure(LongConsumer progress) throws IOException, InterruptedException {
    Optional<Path> present = library();
    if (present.isPresent()) {
      return present.get();
    }
    requirePlatform();
    Files.createDirectories(cache);
    try (FileChannel channel =
            FileChannel.open(
                cache.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (lock.isValid() && library().isEmpty()) {
        install(progress);
      }
    }
    return library()
        .orElseThrow(() -> new IOException("npm installed no ClickHouse engine; " + EXTERNAL));
  }

  private static void requirePlatform() throws IOException {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String machine = System.getProperty("os.arch");
    boolean glibc = Files.exists(Path.of("/lib64/ld-linux-x86-64.so.2"));
    if (!system.startsWith("linux") || !machine.equals("amd64") || !glibc) {
      throw new IOException(
          "the ClickHouse engine can be installed by itself on Linux with glibc on x86-64 only,"
              + " not on "
              + system
              + " "
              + machine
              + "; "
              + EXTERNAL);
    }
  }

  private void install(LongConsumer progress) throws IOException, InterruptedException {
    Path work = cache.resolve("unfinished");
    delete(work);
    Files.createDirectories(work);
    for (String file : PACKAGE_FILES) {
      Files.copy(pinned.resolve(file), work.resolve(file));
    }
    Path output = work.resolve("npm.log");
    Process npm = startNpm(work, output);
    Path installed = work.resolve("node_modules").resolve(PACKAGE);
    try {
      while (!npm.waitFor(PROGRESS_MILLIS, TimeUnit.MILLISECONDS)) {
        progress.accept(size(work.resolve("node_modules")));
      }
    } finally {
      npm.destroy();
    }
    if (npm.exitValue() != 0) {
      throw new IOException(
          "npm could not install the ClickHouse engine: " + errors(output) + "; " + EXTERNAL);
    }
    if (!Files.isRegularFile(installed.resolve(LIBRARY))) {
      throw new IOException("npm has no ClickHouse engine for this machine; " + EXTERNAL);
    }
    try {
      Files.move(installed, home(), StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException("the cache " + cache + " must lie on one file system", e);
    }
    progress.accept(UNPACKED_BYTES);
    delete(work);
  }

  private static Process startNpm(Path work, Path output) throws IOException {
    try {
      return new ProcessBuilder(
              "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
          .directory(work.toFile())
          .redirectErrorStream(true)
          .redirectOutput(output.toFile())
          .start();
    } catch (IOException e) {
      throw new IOException(
          "npm, which fetches the ClickHouse engine, was not found; install npm, or " + EXTERNAL,
          e);
    }
  }

  private static String errors(Path output) throws IOException {
    List<String> lines =
        Files.readAllLines(output, StandardCharsets.UTF_8).stream()
            .map(line -> line.replace("npm error", "").strip())
            .filter(line -> !line.isEmpty())
            .toList();
    return lines.isEmpty()
        ? "it gave no reason"
        : String.join(" ", lines.subList(0, Math.min(MOST_ERROR_LINES, lines.size())));
  }

  private static long size(Path directory) {
    if (!Files.isDirectory(directory)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException | UncheckedIOException e) {
      // npm renames directories while it works; the next look will succeed.
      return 0;
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /**
   * Installs the engine and shows the progress on standard error.
   *
   * @param arguments the top of the clone
   */
  public static void main(String[] arguments) throws InterruptedException {
    if (arguments.length != 1) {
      throw new IllegalArgumentException("the top of the clone is missing");
    }
    try {
      of(Path.of(arguments[0]), System.getenv()).ensure(new Progress());
    } catch (IOException e) {
      System.err.println("taximeter: " + e.getMessage());
      System.exit(FAILED);
    }
  }

  /** A bar on a terminal, a few lines elsewhere. */
  public static final class Progress implements LongConsumer {
    private static final int WIDTH = 30;
    private static final int PERCENT = 100;
    private static final int LINE_STEP_PERCENT = 25;

    private final boolean terminal = System.console() != null;
    private int shown = -1;

    @Override
    public void accept(long bytes) {
      int percent = (int) Math.min(PERCENT, bytes * PERCENT / UNPACKED_BYTES);
      int step = terminal ? percent : percent - percent % LINE_STEP_PERCENT;
      if (step <= shown) {
        return;
      }
      shown = step;
      int filled = step * WIDTH / PERCENT;
      String line =
          "ClickHouse engine (once, 178 MB to fetch) [%s%s] %3d %%, %d of %d MiB"
              .formatted(
                  "#".repeat(filled),
                  ".".repeat(WIDTH - filled),
                  percent,
                  Math.min(bytes, UNPACKED_BYTES) / MEBIBYTE,
                  UNPACKED_BYTES / MEBIBYTE);
      if (terminal) {
        System.err.print("\r" + line + (percent == PERCENT ? "\n" : ""));
      } else {
        System.err.println(line);
      }
    }
  }
}
