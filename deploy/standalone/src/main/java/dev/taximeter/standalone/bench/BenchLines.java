package dev.taximeter.standalone.bench;

import dev.taximeter.standalone.demo.DemoTraffic;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * A generated log file, and what metering must make of it.
 *
 * @param bytes of the file
 * @param expected by account
 */
record BenchLines(Path file, long lines, long bytes, Map<String, Totals> expected) {
  /** Completions are spread over the time before the file is made. */
  private static final Duration SPREAD = Duration.ofHours(12);

  private static final int BUFFER_BYTES = 1 << 20;

  /** Requests and tokens, as the generator knows them. */
  record Totals(long requests, long inputTokens, long outputTokens) {
    static final Totals NONE = new Totals(0, 0, 0);

    Totals plus(Totals other) {
      return new Totals(
          requests + other.requests,
          inputTokens + other.inputTokens,
          outputTokens + other.outputTokens);
    }
  }

  BenchLines {
    expected = Map.copyOf(expected);
  }

  /**
   * Writes a file of lines that all differ and are all billed: the dearest kind.
   *
   * @param seed other seeds give other lines
   */
  static BenchLines write(Path file, long lines, long seed, Instant now) throws IOException {
    DemoTraffic traffic = new DemoTraffic(seed);
    Map<String, Totals> expected = new TreeMap<>();
    long stepNanos = SPREAD.toNanos() / lines;
    Instant completion = now.minus(SPREAD);
    try (OutputStream output =
        new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES)) {
      for (long i = 0; i < lines; i++) {
        completion = completion.plusNanos(stepNanos);
        DemoTraffic.Billed line = traffic.billed(completion);
        output.write(line.text().getBytes(StandardCharsets.UTF_8));
        output.write('\n');
        expected.merge(
            line.account(), new Totals(1, line.inputTokens(), line.outputTokens()), Totals::plus);
      }
    }
    return new BenchLines(file, lines, Files.size(file), expected);
  }
}
