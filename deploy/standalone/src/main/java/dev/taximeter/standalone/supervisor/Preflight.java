package dev.taximeter.standalone.supervisor;

import dev.taximeter.contract.settings.SettingsException;
import dev.taximeter.parse.GatewayConfiguration;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.instance.Instance.ProcessIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** What is checked before the first process starts. */
final class Preflight {
  private static final long MEBIBYTE = 1L << 20;
  private static final long LEAST_FREE_BYTES = 2048 * MEBIBYTE;

  /** Processes end by themselves within ten seconds once their launcher is gone. */
  private static final Duration ORPHAN_PATIENCE = Duration.ofSeconds(12);

  private static final Duration CUT_OFF_PATIENCE = Duration.ofSeconds(5);

  private Preflight() {}

  static void requireReadable(Path file, String meaning) throws LaunchException {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      String what =
          Files.isDirectory(file)
              ? "is a directory; name a file"
              : Files.exists(file)
                  ? "cannot be read; give this user the right to read it"
                  : "does not exist; check the path";
      throw new LaunchException("%s, %s, %s".formatted(file, meaning, what));
    }
  }

  /** A log that the gateway has not created yet is waited for, in a directory that is there. */
  static void requireLog(Path log) throws LaunchException {
    if (Files.exists(log)) {
      requireReadable(log, "the access log to follow");
      return;
    }
    Path directory = log.toAbsolutePath().getParent();
    if (directory != null && !Files.isDirectory(directory)) {
      throw new LaunchException(
          "%s, the access log to follow, cannot appear: there is no directory %s; check the path"
              .formatted(log, directory));
    }
  }

  /** A wrong gateway file is refused before anything starts. */
  static void requireGateway(Path file) throws LaunchException {
    requireReadable(file, "the gateway configuration");
    try {
      GatewayConfiguration.read(file);
    } catch (SettingsException e) {
      throw LaunchException.of(e);
    }
  }

  static InetAddress requireAddress(String address) throws LaunchException {
    try {
      InetAddress found = InetAddress.getByName(address);
      if (found.isAnyLocalAddress() || NetworkInterface.getByInetAddress(found) != null) {
        return found;
      }
    } catch (UnknownHostException | SocketException e) {
      // Told below.
    }
    throw new LaunchException(
        address + " is no address of this machine; --address takes one such as 127.0.0.1");
  }

  static void requireSpace(DataDirectory directory) throws IOException, LaunchException {
    requireSpace(directory.root(), Files.getFileStore(directory.root()).getUsableSpace());
  }

  static void requireSpace(Path directory, long freeBytes) throws LaunchException {
    if (freeBytes < LEAST_FREE_BYTES) {
      throw new LaunchException(
          "%s has %d MiB free and Taximeter needs %d MiB to start; free some space or choose another --data-dir"
              .formatted(directory, freeBytes / MEBIBYTE, LEAST_FREE_BYTES / MEBIBYTE));
    }
  }

  /** Waits for processes of an earlier run whose launcher was killed, and ends those that hang. */
  static void awaitOrphans(DataDirectory directory, Consumer<String> notes)
      throws LaunchException, InterruptedException {
    Map<String, ProcessIdentity> earlier =
        directory.instance().map(instance -> instance.processes()).orElse(Map.of());
    long end = System.nanoTime() + ORPHAN_PATIENCE.toNanos();
    for (Map.Entry<String, ProcessIdentity> entry : earlier.entrySet()) {
      ProcessHandle orphan = entry.getValue().handle().orElse(null);
      if (orphan != null) {
        String who = "process %d (%s) of an earlier run".formatted(orphan.pid(), entry.getKey());
        notes.accept(who + " still ends; waiting for it");
        if (!ends(orphan, Duration.ofNanos(Math.max(0, end - System.nanoTime())))) {
          notes.accept(who + " hangs and is cut off");
          orphan.destroyForcibly();
          if (!ends(orphan, CUT_OFF_PATIENCE)) {
            throw new LaunchException(
                "%s still uses %s; end it with: kill -9 %d"
                    .formatted(who, directory.root(), orphan.pid()));
          }
        }
      }
    }
  }

  private static boolean ends(ProcessHandle process, Duration patience)
      throws InterruptedException {
    try {
      process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("waiting for the end of a process cannot fail", e);
    }
  }
}
