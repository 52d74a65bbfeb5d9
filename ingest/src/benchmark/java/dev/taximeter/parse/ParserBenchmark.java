package dev.taximeter.parse;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** Lines a second on one core: this parser, and a straightforward one that uses a JSON library. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 6, time = 2)
@Fork(value = 1, jvmArgs = {"-Xms512m", "-Xmx512m", "-XX:+UseSerialGC"})
public class ParserBenchmark {
  /** Lines that the demo's simulated gateway wrote; 1.2 kB on average. */
  static final int LINES = 300;

  private static final Instant ARRIVAL = Instant.parse("2026-11-03T09:00:00Z");

  private final AccessLogParser parser = new AccessLogParser(ParserSettings.defaults());
  private final JacksonParser jackson = new JacksonParser();
  private byte[][] lines = {};

  @Setup
  public void read() throws IOException {
    try (InputStream file = ParserBenchmark.class.getResourceAsStream("/demo-lines.log")) {
      List<String> text = new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      lines =
          text.stream()
              .limit(LINES)
              .map(line -> line.getBytes(StandardCharsets.UTF_8))
              .toArray(byte[][]::new);
    }
    if (lines.length != LINES) {
      throw new IllegalStateException("demo-lines.log must have " + LINES + " lines");
    }
  }

  @Benchmark
  @OperationsPerInvocation(LINES)
  public void taximeter(Blackhole results) {
    for (byte[] line : lines) {
      results.consume(parser.parse(line, ARRIVAL));
    }
  }

  @Benchmark
  @OperationsPerInvocation(LINES)
  public void jackson(Blackhole results) {
    for (byte[] line : lines) {
      results.consume(jackson.parse(line));
    }
  }
}
