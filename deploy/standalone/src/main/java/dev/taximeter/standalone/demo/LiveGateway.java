package dev.taximeter.standalone.demo;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The invented gateway at work: appends to its access log as requests end, and rotates it by
 * renaming when it has grown.
 */
final class LiveGateway implements AutoCloseable {
  /** Rotated files that are kept, as the gateway does. */
  static final int KEPT_FILES = 5;

  private static final int LEAST_PER_SECOND = 5;
  private static final int MOST_PER_SECOND = 13;

  /** The load goes up and down once in this time. */
  private static final Duration SWELL = Duration.ofMinutes(4);

  /** Now and then one customer adds a burst. */
  private static final Duration BURST_EVERY = Duration.ofMinutes(3);

  private static final Duration BURST_LENGTH = Duration.ofSeconds(20);
  private static final int BURST_PER_SECOND = 7;

  /** One line in so many completed a while before it is written. */
  private static final int LATE_EVERY_LINES = 900;

  private static final Duration LATE = Duration.ofMinutes(25);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
  private static final Duration PATIENCE_AT_CLOSE = Duration.ofSeconds(5);

  private final Path log;
  private final long rotateAtBytes;
  private final GatewaySimulator gateway;
  private OutputStream output;
  private long size;
  private @Nullable Thread thread;

  /**
   * @param log the access log; continued if it exists
   * @param rotateAtBytes size at which it is renamed to {@code <log>.1}, 1 or more
   * @throws IOException if the log cannot be written
   */
  LiveGateway(Path log, long rotateAtBytes, GatewaySimulator gateway) throws IOException {
    this.log = log;
    this.rotateAtBytes = rotateAtBytes;
    this.gateway = gateway;
    Files.createDirectories(log.toAbsolutePath().getParent());
    this.output = open();
    this.size = Files.size(log);
  }

  /** A line and the {@link System#nanoTime} just before it was written. */
  record WrittenLine(SimulatedLine line, long nanoTime) {}

  /** Writes one line that is certainly billed. */
  synchronized WrittenLine writeBilledLine(DemoKey key) throws IOException {
    SimulatedLine line = gateway.billed(Instant.now(), key);
    long nanoTime = System.nanoTime();
    write(line.text());
    return new WrittenLine(line, nanoTime);
  }

  /** Writes on until {@link #close}. */
  synchronized void start() {
    Thread worker = new Thread(this::run, "gateway-simulator");
    worker.setDaemon(true);
    thread = worker;
    worker.start();
  }

  @Override
  public void close() throws IOException {
    Thread worker;
    synchronized (this) {
      worker = thread;
      thread = null;
    }
    if (worker != null) {
      worker.interrupt();
      try {
        worker.join(PATIENCE_AT_CLOSE.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    synchronized (this) {
      output.close();
    }
  }

  private void run() {
    Instant started = Instant.now();
    DemoKey restless = DemoKey.ALL.get(0);
    Instant nextBurst = started.plus(BURST_EVERY);
    Instant burstEnd = Instant.MIN;
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Instant now = Instant.now();
        if (now.isAfter(nextBurst)) {
          restless = DemoKey.ALL.get(gateway.between(0, DemoKey.ALL.size() - 1));
          burstEnd = now.plus(BURST_LENGTH);
          nextBurst = now.plus(BURST_EVERY);
        }
        boolean burst = now.isBefore(burstEnd);
        int perSecond = swell(Duration.between(started, now)) + (burst ? BURST_PER_SECOND : 0);
        boolean late = gateway.between(1, LATE_EVERY_LINES) == 1;
        Instant completion = late ? now.minus(LATE) : now;
        boolean fromBurst = burst && gateway.between(1, perSecond) <= BURST_PER_SECOND;
        List<SimulatedLine> lines =
            fromBurst ? gateway.request(completion, restless) : gateway.request(completion);
        writeAll(lines);
        Duration pause = gateway.pause(Duration.ofSeconds(1).dividedBy(perSecond));
        Thread.sleep(Math.min(pause.toMillis(), LONGEST_PAUSE.toMillis()));
      }
    } catch (InterruptedException e) {
      // Asked to stop; the line in hand was written whole.
    } catch (IOException e) {
      throw new UncheckedIOException("the simulated gateway cannot write " + log, e);
    }
  }

  private static int swell(Duration elapsed) {
    double angle = 2 * StrictMath.PI * elapsed.toMillis() / SWELL.toMillis();
    double level = (1 - StrictMath.cos(angle)) / 2;
    return LEAST_PER_SECOND + (int) (level * (MOST_PER_SECOND - LEAST_PER_SECOND));
  }

  private synchronized void writeAll(List<SimulatedLine> lines) throws IOException {
    for (SimulatedLine line : lines) {
      write(line.text());
    }
  }

  private void write(String text) throws IOException {
    if (size >= rotateAtBytes) {
      rotate();
    }
    byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
    output.write(bytes);
    size += bytes.length;
  }

  private void rotate() throws IOException {
    output.close();
    for (int age = KEPT_FILES - 1; age >= 1; age--) {
      Path younger = rotated(age);
      if (Files.exists(younger)) {
        Files.move(younger, rotated(age + 1), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.move(log, rotated(1), StandardCopyOption.REPLACE_EXISTING);
    output = open();
    size = 0;
  }

  private Path rotated(int age) {
    return log.resolveSibling(log.getFileName() + "." + age);
  }

  private OutputStream open() throws IOException {
    return new FileOutputStream(log.toFile(), true);
  }
}
