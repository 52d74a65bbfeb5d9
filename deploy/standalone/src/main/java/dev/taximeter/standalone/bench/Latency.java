package dev.taximeter.standalone.bench;

import dev.taximeter.standalone.backfill.RestClient;
import dev.taximeter.standalone.demo.DemoTraffic;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * How long a line takes from the gateway's file to the balance that the API answers. Lines are due
 * at fixed instants, whether or not earlier ones have come through, and their time runs from when
 * they were due: a stall is felt by every line that it delays. The balance is asked for one request
 * after the other; each line of the account has the next sequence number.
 */
final class Latency {
  static final int LINES_PER_SECOND = 1_000;

  private static final String ACCOUNT = "acme";
  private static final long STEP_NANOS = Duration.ofSeconds(1).toNanos() / LINES_PER_SECOND;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration QUIET = Duration.ofMillis(500);
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  private final RestClient api;
  private final Path log;

  Latency(RestClient api, Path log) {
    this.api = api;
    this.log = log;
  }

  /**
   * @param seconds of lines to write
   * @param seed makes lines that were not written before
   */
  Millis measure(int seconds, long seed) throws IOException, InterruptedException {
    int lines = seconds * LINES_PER_SECOND;
    byte[][] texts = texts(lines, seed);
    long base = quietSequence();
    long[] nanos = new long[lines];
    AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
    long start = System.nanoTime() + QUIET.toNanos();
    Thread writer = new Thread(() -> write(texts, start, failure), "bench-gateway");
    writer.setDaemon(true);
    writer.start();
    int seen = 0;
    long end = start + Duration.ofSeconds(seconds).plus(PATIENCE).toNanos();
    while (seen < lines) {
      long sequence = sequence();
      long now = System.nanoTime();
      IOException failed = failure.get();
      if (failed != null) {
        throw failed;
      }
      for (; seen < lines && base + seen < sequence; seen++) {
        nanos[seen] = now - (start + seen * STEP_NANOS);
      }
      if (now - end > 0) {
        throw new IOException(
            "%d of %d lines were in the balance after %d s"
                .formatted(seen, lines, seconds + PATIENCE.toSeconds()));
      }
    }
    writer.join();
    long surplus = quietSequence() - base - lines;
    if (surplus != 0) {
      throw new IOException(
          "something else used the account meanwhile: %d numbers".formatted(surplus));
    }
    return Millis.of(nanos);
  }

  private static byte[][] texts(int lines, long seed) {
    DemoTraffic traffic = new DemoTraffic(seed);
    Instant now = Instant.now();
    byte[][] texts = new byte[lines][];
    for (int i = 0; i < lines; i++) {
      texts[i] =
          (traffic.billedOf(ACCOUNT, now.plusNanos(i * STEP_NANOS)).text() + "\n")
              .getBytes(StandardCharsets.UTF_8);
    }
    return texts;
  }

  private void write(byte[][] texts, long start, AtomicReference<@Nullable IOException> failure) {
    try (OutputStream output =
        Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (int i = 0; i < texts.length; i++) {
        long due = start + i * STEP_NANOS;
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        output.write(texts[i]);
      }
    } catch (IOException e) {
      failure.set(e);
    }
  }

  /** Waits until what came before is through. */
  private long quietSequence() throws IOException, InterruptedException {
    long sequence = sequence();
    long since = System.nanoTime();
    while (System.nanoTime() - since < QUIET.toNanos()) {
      Thread.sleep(LOOK_EVERY.toMillis());
      long now = sequence();
      if (now != sequence) {
        sequence = now;
        since = System.nanoTime();
      }
    }
    return sequence;
  }

  private long sequence() throws IOException, InterruptedException {
    return api.get("/v1/accounts/" + ACCOUNT + "/balance").path("asOf").path("sequence").asLong();
  }
}
