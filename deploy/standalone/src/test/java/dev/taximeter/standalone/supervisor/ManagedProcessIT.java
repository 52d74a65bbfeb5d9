package dev.taximeter.standalone.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.process.ChildProcess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that die, hang or never come up, and a launcher that is killed. */
class ManagedProcessIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String SERVES = "serves";

  @TempDir private Path folder;
  private final BlockingQueue<String> notes = new LinkedBlockingQueue<>();
  private final BlockingQueue<ProcessHandle> starts = new LinkedBlockingQueue<>();

  @Test
  void killedProcessIsStartedAgainWithGrowingWaits() throws Exception {
    ManagedProcess process = manage(Sleeper.class);
    process.start();
    try {
      process.awaitHealthy();
      for (int wait : new int[] {200, 400, 800}) {
        next(starts).destroyForcibly();
        assertThat(next(notes))
            .isEqualTo(
                "the sleeper ended unexpectedly (status 137) and is started again in %d ms", wait);
      }
      assertThat(next(starts).isAlive()).isTrue();
    } finally {
      stop(process);
    }
    assertThat(notes).isEmpty();
    assertThat(starts).isEmpty();
  }

  @Test
  void stoppedProcessEndsInOrderAndStaysStopped() throws Exception {
    ManagedProcess process = manage(Sleeper.class);
    process.start();
    process.awaitHealthy();
    stop(process);

    assertThat(next(starts).isAlive()).isFalse();
    assertThat(Files.readString(log())).contains("ended in order");
    assertThat(notes).isEmpty();
  }

  @Test
  void processThatIgnoresTheSignalIsCutOff() throws Exception {
    ManagedProcess process = manage(Stubborn.class);
    process.start();
    process.awaitHealthy();
    process.requestStop();
    process.awaitStop(Duration.ofMillis(500));

    assertThat(next(starts).isAlive()).isFalse();
    assertThat(next(notes)).isEqualTo("the sleeper did not end in time and is cut off");
  }

  @Test
  void processThatNeverServesIsGivenUpWithItsLog() throws Exception {
    ManagedProcess process = manage(Broken.class);
    process.start();

    assertThatThrownBy(process::awaitHealthy)
        .isInstanceOf(LaunchException.class)
        .hasMessage("the sleeper did not start: it ended with status 3")
        .extracting(failure -> ((LaunchException) failure).lastLogLines(5))
        .isEqualTo(List.of("no use", "no use", "no use"));
    stop(process);
    assertThat(starts).hasSize(3);
  }

  /** Nothing may be left behind when the launcher has no chance to clean up. */
  @Test
  void processEndsWhenItsLauncherIsKilled() throws Exception {
    Path pid = folder.resolve("pid");
    Process launcher =
        new ProcessBuilder(java(), "-cp", classPath(), Launcher.class.getName(), folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("launcher.log").toFile())
            .start();
    try {
      awaitFile(pid);
      ProcessHandle orphan = ProcessHandle.of(Long.parseLong(Files.readString(pid))).orElseThrow();
      launcher.destroyForcibly();

      orphan.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(Files.readString(log())).contains("serving");
    } finally {
      launcher.destroyForcibly();
    }
  }

  private ManagedProcess manage(Class<?> main) throws IOException {
    Files.deleteIfExists(folder.resolve(SERVES));
    ManagedProcess[] process = new ManagedProcess[1];
    process[0] =
        new ManagedProcess(
            specification(main, folder),
            notes::add,
            () -> process[0].handle().ifPresent(starts::add));
    return process[0];
  }

  private static ProcessSpecification specification(Class<?> main, Path folder) {
    return new ProcessSpecification(
        "sleeper",
        "sleeper",
        List.of(
            java(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            classPath(),
            ChildProcess.class.getName(),
            main.getName(),
            folder.toString()),
        null,
        Map.of(),
        folder.resolve("sleeper.log"),
        () -> () -> Files.exists(folder.resolve(SERVES)),
        PATIENCE);
  }

  private void stop(ManagedProcess process) throws InterruptedException {
    process.requestStop();
    process.awaitStop(PATIENCE);
  }

  private Path log() {
    return folder.resolve("sleeper.log");
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T element = queue.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(element).isNotNull();
    return element;
  }

  private static void awaitFile(Path file) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!Files.exists(file) || Files.size(file) == 0) {
      assertThat(System.nanoTime()).as("waiting for " + file).isLessThan(end);
      Thread.sleep(20);
    }
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static String classPath() {
    List<String> path = new ArrayList<>();
    for (Class<?> type :
        List.of(ManagedProcessIT.class, ManagedProcess.class, ChildProcess.class)) {
      path.add(type.getProtectionDomain().getCodeSource().getLocation().getPath());
    }
    return String.join(File.pathSeparator, path);
  }

  /** Serves until it is told to end. */
  public static final class Sleeper {
    private Sleeper() {}

    public static void main(String[] arguments) throws Exception {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("ended in order")));
      System.out.println("serving");
      Files.writeString(Path.of(arguments[0], SERVES), "");
      Thread.sleep(PATIENCE.toMillis() * 4);
    }
  }

  /** Serves and cannot end. */
  public static final class Stubborn {
    private Stubborn() {}

    public static void main(String[] arguments) throws Exception {
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    try {
                      Thread.sleep(PATIENCE.toMillis() * 4);
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  }));
      Files.writeString(Path.of(arguments[0], SERVES), "");
      Thread.sleep(PATIENCE.toMillis() * 4);
    }
  }

  /** Never serves. */
  public static final class Broken {
    private Broken() {}

    public static void main(String[] arguments) {
      System.out.println("no use");
      System.exit(3);
    }
  }

  /** A launcher with one process. */
  public static final class Launcher {
    private Launcher() {}

    public static void main(String[] arguments) throws Exception {
      Path folder = Path.of(arguments[0]);
      ManagedProcess process =
          new ManagedProcess(specification(Sleeper.class, folder), note -> {}, () -> {});
      process.start();
      process.awaitHealthy();
      Files.writeString(folder.resolve("pid"), Long.toString(process.handle().orElseThrow().pid()));
      Thread.sleep(PATIENCE.toMillis() * 4);
    }
  }
}
