package dev.taximeter.standalone.supervisor;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A process that is kept running: started again when it ends, until it is stopped. Its standard
 * input is a pipe that closes when the launcher dies, which ends it, too.
 */
final class ManagedProcess {
  private static final Duration PROBE_PAUSE = Duration.ofMillis(100);

  /** How long the last output of an ended process may take to reach its log. */
  private static final Duration LAST_OUTPUT_PATIENCE = Duration.ofSeconds(2);

  private static final int COPY_BYTES = 16 * 1024;

  /** A process that never served is given up after so many starts. */
  private static final int FIRST_STARTS = 3;

  /** Exit status by which a process says that its settings are at fault and a retry is useless. */
  private static final int UNUSABLE = 2;

  /** glibc would keep an arena of freed memory for each of many threads. */
  private static final String MALLOC_ARENAS = "2";

  /**
   * Ctrl-C reaches every process of a terminal at once; only the launcher must act on it, so that
   * the processes end in order. Ignored signals stay ignored in the program that follows.
   */
  private static final List<String> WITHOUT_TERMINAL_SIGNALS =
      List.of("/bin/sh", "-c", "umask 077; trap '' INT HUP; exec \"$@\"", "sh");

  private final ProcessSpecification specification;
  private final Consumer<String> notes;
  private final Runnable changed;
  private final CompletableFuture<@Nullable Void> firstHealthy = new CompletableFuture<>();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread keeper;
  private volatile @Nullable Process process;
  private volatile @Nullable Probe probing;

  /**
   * @param notes hears sentences on unexpected ends
   * @param changed called whenever the process is another one
   */
  ManagedProcess(ProcessSpecification specification, Consumer<String> notes, Runnable changed) {
    this.specification = specification;
    this.notes = notes;
    this.changed = changed;
    this.keeper = new Thread(this::keepRunning, specification.name() + "-keeper");
  }

  String name() {
    return specification.name();
  }

  void start() {
    keeper.start();
  }

  String stage() {
    return specification.stage();
  }

  /** Why it does not serve yet, if it says so. */
  Optional<String> waitingFor() {
    Probe probe = probing;
    return probe == null ? Optional.empty() : probe.reason();
  }

  Optional<ProcessHandle> handle() {
    Process current = process;
    return current == null ? Optional.empty() : Optional.of(current.toHandle());
  }

  /**
   * Waits until it serves for the first time.
   *
   * @throws LaunchException if it does not come up
   */
  void awaitHealthy() throws LaunchException, InterruptedException {
    try {
      firstHealthy.get(specification.startPatience().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new LaunchException(
          "the %s did not serve within %d s%s"
              .formatted(
                  specification.stage(),
                  specification.startPatience().toSeconds(),
                  waitingFor().map(reason -> ": " + reason).orElse("")),
          specification.log());
    } catch (ExecutionException e) {
      String reason = e.getCause() == null ? e.toString() : e.getCause().getMessage();
      throw new LaunchException(
          "the %s did not start: %s".formatted(specification.stage(), reason), specification.log());
    }
  }

  private void keepRunning() {
    Backoff backoff = new Backoff();
    int starts = 0;
    try (RotatingLog log = RotatingLog.open(specification.log())) {
      while (stopping.getCount() > 0) {
        Process current = spawnUnlessStopping();
        if (current == null) {
          return;
        }
        starts++;
        changed.run();
        Duration served = attend(current, log);
        if (stopping.getCount() == 0) {
          return;
        }
        String end = "it ended with status " + current.exitValue();
        if (!firstHealthy.isDone() && (starts == FIRST_STARTS || current.exitValue() == UNUSABLE)) {
          firstHealthy.completeExceptionally(new IOException(end));
          return;
        }
        Duration wait = backoff.after(served);
        notes.accept(
            "the %s ended unexpectedly (status %d) and is started again in %d ms"
                .formatted(specification.stage(), current.exitValue(), wait.toMillis()));
        if (stopping.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (IOException | RuntimeException e) {
      firstHealthy.completeExceptionally(e);
      notes.accept("the %s cannot be kept running: %s".formatted(specification.stage(), e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized @Nullable Process spawnUnlessStopping() throws IOException {
    if (stopping.getCount() == 0) {
      return null;
    }
    List<String> command = new ArrayList<>(WITHOUT_TERMINAL_SIGNALS);
    List<String> program = specification.command();
    command.add(program.get(0));
    ClassArchive archive = specification.archive();
    if (archive != null) {
      command.addAll(archive.options());
    }
    command.addAll(program.subList(1, program.size()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("MALLOC_ARENA_MAX", MALLOC_ARENAS);
    builder.environment().putAll(specification.environment());
    Process current = builder.start();
    process = current;
    return current;
  }

  /**
   * Copies its output and watches for it to serve, until it ends.
   *
   * @return how long it served
   */
  private Duration attend(Process current, RotatingLog log) throws InterruptedException {
    Thread copier = new Thread(() -> copy(current, log), specification.name() + "-log");
    copier.setDaemon(true);
    copier.start();
    long servingSince = 0;
    try (Probe probe = specification.probe().get()) {
      probing = probe;
      while (servingSince == 0 && current.isAlive()) {
        if (probe.isHealthy()) {
          servingSince = System.nanoTime();
          firstHealthy.complete(null);
        } else {
          current.waitFor(PROBE_PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        }
      }
    }
    current.waitFor();
    copier.join(LAST_OUTPUT_PATIENCE.toMillis());
    return servingSince == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - servingSince);
  }

  private static void copy(Process current, RotatingLog log) {
    byte[] chunk = new byte[COPY_BYTES];
    try (InputStream output = current.getInputStream()) {
      for (int count = output.read(chunk); count >= 0; count = output.read(chunk)) {
        write(log, chunk, count);
      }
    } catch (IOException e) {
      // The process was cut off.
    }
  }

  private static void write(RotatingLog log, byte[] bytes, int count) {
    try {
      log.write(bytes, count);
    } catch (IOException e) {
      // The disk is full. Reading goes on, because the process would wait for ever otherwise.
    }
  }

  /** Asks the process to end and no longer starts it. Returns at once. */
  synchronized void requestStop() {
    stopping.countDown();
    Process current = process;
    if (current != null) {
      // Not the process itself: that would close its output, and with it the log, at once.
      current.toHandle().destroy();
    }
  }

  /** Makes an archive of its classes if it has none, for the next start. Takes a while. */
  void archiveClasses() throws InterruptedException {
    ClassArchive archive = specification.archive();
    if (archive != null && !archive.exists()) {
      archive.make(specification.command().get(0), Processes.ARCHIVE_OPTIONS);
    }
  }

  /** Waits for the end after {@link #requestStop()}; cuts the process off when patience is over. */
  void awaitStop(Duration patience) throws InterruptedException {
    Process current = process;
    if (current != null && !current.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      notes.accept("the %s did not end in time and is cut off".formatted(specification.stage()));
      current.destroyForcibly();
      current.waitFor();
    }
    keeper.join();
    ClassArchive archive = specification.archive();
    if (archive != null) {
      archive.discardList();
    }
  }
}
