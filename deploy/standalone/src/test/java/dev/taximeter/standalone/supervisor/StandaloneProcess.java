package dev.taximeter.standalone.supervisor;

import dev.taximeter.standalone.broker.BrokerProcess;
import dev.taximeter.standalone.engine.EngineInstallation;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.instance.Ports;
import dev.taximeter.standalone.instance.Ports.Role;
import dev.taximeter.standalone.instance.Secrets;
import java.io.IOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One process of an installation in a directory of its own, run as the launcher runs it. */
final class StandaloneProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final DataDirectory directory;
  private final Ports ports;
  private final ProcessSpecification specification;
  private final ManagedProcess process;
  private final BlockingQueue<String> notes = new LinkedBlockingQueue<>();
  private final BlockingQueue<ProcessHandle> starts = new LinkedBlockingQueue<>();

  private StandaloneProcess(DataDirectory directory, boolean broker) throws Exception {
    this.directory = directory;
    this.directory.create();
    Secrets.create(directory);
    this.ports = Ports.choose(directory, freePort(), InetAddress.getLoopbackAddress(), note -> {});
    Home home = Home.ofProgram();
    Processes processes = new Processes(home, directory, ports);
    this.specification =
        broker
            ? processes.broker(clientFile(directory, ports))
            : processes.clickHouse(
                EngineInstallation.of(home.root(), System.getenv())
                    .ensure(new EngineInstallation.Progress()));
    this.process = new ManagedProcess(specification, notes::add, this::started);
  }

  static StandaloneProcess clickHouse(Path folder) throws Exception {
    return new StandaloneProcess(new DataDirectory(folder), false).start();
  }

  static StandaloneProcess broker(Path folder) throws Exception {
    return new StandaloneProcess(new DataDirectory(folder), true).start();
  }

  private StandaloneProcess start() throws Exception {
    process.start();
    try {
      process.awaitHealthy();
    } catch (LaunchException e) {
      close();
      throw new AssertionError(e.getMessage() + e.lastLogLines(50), e);
    }
    return this;
  }

  private void started() {
    process.handle().ifPresent(starts::add);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Path clientFile(DataDirectory directory, Ports ports) throws IOException {
    String password = Files.readString(directory.kafkaPasswordFile()).strip();
    try (Writer writer = Files.newBufferedWriter(directory.kafkaClientFile())) {
      BrokerProcess.client(ports.of(Role.BROKER), password).store(writer, null);
    }
    return directory.kafkaClientFile();
  }

  DataDirectory directory() {
    return directory;
  }

  int port(Role role) {
    return ports.of(role);
  }

  Map<String, Object> kafka() {
    return Processes.kafkaSettings(directory.kafkaClientFile());
  }

  /** Kills it without warning and waits until its successor serves. */
  void killAndAwaitRestart() throws InterruptedException {
    ProcessHandle killed = starts.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (killed == null) {
      throw new AssertionError("the process did not start");
    }
    killed.destroyForcibly();
    String note = notes.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (note == null || !note.contains("ended unexpectedly (status 137)")) {
      throw new AssertionError("the end was not noticed: " + note);
    }
    try (Probe probe = specification.probe().get()) {
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (!probe.isHealthy()) {
        if (System.nanoTime() > end) {
          throw new AssertionError("the process did not serve again");
        }
        Thread.sleep(50);
      }
    }
  }

  List<String> log() {
    return RotatingLog.tail(specification.log(), 1000);
  }

  @Override
  public void close() throws InterruptedException {
    process.requestStop();
    process.awaitStop(PATIENCE);
  }
}
