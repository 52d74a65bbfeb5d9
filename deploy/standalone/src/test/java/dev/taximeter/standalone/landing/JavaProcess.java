package dev.taximeter.standalone.landing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** A main class of the product in a process of its own. */
public final class JavaProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);
  private static final long ATTEMPT_MILLIS = 100;

  private final ProcessBuilder builder;
  private Process process;

  private JavaProcess(ProcessBuilder builder) throws IOException {
    this.builder = builder;
    this.process = builder.start();
  }

  /**
   * @param environment its settings
   * @param log gets what it prints
   */
  public static JavaProcess start(Class<?> main, Map<String, String> environment, Path log)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx384m",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName());
    builder.environment().putAll(environment);
    builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return new JavaProcess(builder);
  }

  /** Kills it without warning. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  public void startAgain() throws IOException {
    process = builder.start();
  }

  /** Waits until the probe returns true; what it throws counts as false. */
  public static void await(String what, Callable<Boolean> probe) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Exception last = null;
    while (System.nanoTime() < end) {
      try {
        if (probe.call()) {
          return;
        }
      } catch (Exception e) {
        last = e;
      }
      Thread.sleep(ATTEMPT_MILLIS);
    }
    throw new AssertionError("waited in vain for " + what, last);
  }

  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      kill();
    }
  }
}
