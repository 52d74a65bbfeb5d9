package dev.taximeter.standalone.bench;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run of the benchmark found. Figures of one run belong together: on another machine all of
 * them change, and their ratios little.
 *
 * @param endToEndLinesPerSecond from the file's first byte until ClickHouse has all rows and the
 *     API answers with them
 * @param pipeLinesPerSecond of the plain Kafka clients: to produce all lines, then to consume them
 * @param ratioToPipe the first of these by the second
 * @param shippingLinesPerSecond until Kafka had all lines, while metering worked on the same cores
 * @param meteringLinesPerSecond until all lines had a fate and were rated
 * @param latencyMillis from the instant a line is due in the file until the balance holds it
 */
@JsonPropertyOrder({
  "endToEndLinesPerSecond",
  "pipeLinesPerSecond",
  "ratioToPipe",
  "latencyMillis",
  "shippingLinesPerSecond",
  "meteringLinesPerSecond"
})
record BenchReport(
    long endToEndLinesPerSecond,
    long pipeLinesPerSecond,
    BigDecimal ratioToPipe,
    Millis latencyMillis,
    long shippingLinesPerSecond,
    long meteringLinesPerSecond,
    BigDecimal endToEndMegabytesPerSecond,
    Kafka kafka,
    Map<String, Use> processes,
    @Nullable Long idleMegabytes,
    long diskMegabytesPerMillionLines,
    Reads reads,
    Checks checks,
    Input input,
    Machine machine,
    List<String> method,
    Instant at) {
  private static final int RATIO_SCALE = 3;
  private static final int MEGABYTES_SCALE = 1;
  private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

  /** The plain clients. */
  record Kafka(long produceLinesPerSecond, long consumeLinesPerSecond) {}

  /**
   * What a process used for the lines end to end.
   *
   * @param peakMegabytes resident at most since its start; null where the system does not tell
   */
  record Use(BigDecimal processorSecondsPerMillionLines, @Nullable Long peakMegabytes) {}

  /**
   * One request after the other over one connection.
   *
   * @param hello a request that is answered without looking at anything
   */
  record Reads(Millis balance, Millis hello) {}

  /**
   * Whether what was measured was also right.
   *
   * @param billed lines that were billed, of as many as were shipped
   * @param residual lines without a fate
   * @param wrongAccounts accounts whose requests or tokens differ from what the generator wrote
   * @param auditDifferences found by the audit of all lines
   */
  record Checks(
      long billed, long residual, long wrongAccounts, long auditDifferences, long auditSeconds) {
    boolean areClean(long lines) {
      return billed == lines && residual == 0 && wrongAccounts == 0 && auditDifferences == 0;
    }
  }

  /** What was measured with. */
  record Input(long lines, long warmUpLines, long bytesPerLine, int latencySeconds) {}

  /** What was measured on. */
  record Machine(int cores, String processor, long memoryMegabytes, String java, String system) {}

  BenchReport {
    processes = Map.copyOf(processes);
    method = List.copyOf(method);
  }

  static long perSecond(long lines, Duration taken) {
    return BigDecimal.valueOf(lines)
        .multiply(BigDecimal.valueOf(Duration.ofSeconds(1).toNanos()))
        .divide(BigDecimal.valueOf(Math.max(1, taken.toNanos())), 0, RoundingMode.HALF_UP)
        .longValueExact();
  }

  static BigDecimal ratio(long one, long other) {
    return BigDecimal.valueOf(one)
        .divide(BigDecimal.valueOf(Math.max(1, other)), RATIO_SCALE, RoundingMode.HALF_UP);
  }

  static BigDecimal megabytes(long bytes) {
    return BigDecimal.valueOf(bytes).divide(MILLION, MEGABYTES_SCALE, RoundingMode.HALF_UP);
  }

  static BigDecimal secondsPerMillion(Duration taken, long lines) {
    return BigDecimal.valueOf(taken.toMillis())
        .multiply(BigDecimal.valueOf(1_000))
        .divide(BigDecimal.valueOf(lines), MEGABYTES_SCALE, RoundingMode.HALF_UP);
  }

  /** {@return the figures for people} */
  String toText() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%,d lines of %,d bytes; %d cores, %s, Java %s"
            .formatted(
                input.lines, input.bytesPerLine, machine.cores, machine.processor, machine.java));
    lines.add("");
    lines.add(row("Kafka alone: produce", kafka.produceLinesPerSecond));
    lines.add(row("Kafka alone: consume", kafka.consumeLinesPerSecond));
    lines.add(row("Kafka alone: one, then the other", pipeLinesPerSecond));
    lines.add(row("shipped", shippingLinesPerSecond));
    lines.add(row("metered", meteringLinesPerSecond));
    lines.add(
        row("end to end", endToEndLinesPerSecond)
            + "   %s MB/s, %s of Kafka alone".formatted(endToEndMegabytesPerSecond, ratioToPipe));
    lines.add("");
    lines.add(
        "line to balance at %,d lines/s   %s"
            .formatted(Latency.LINES_PER_SECOND, times(latencyMillis)));
    lines.add("balance read                    " + times(reads.balance));
    lines.add("hello read                      " + times(reads.hello));
    lines.add("");
    new TreeMap<>(processes)
        .forEach(
            (name, use) ->
                lines.add(
                    "%-12s %8s processor seconds per million lines   %5s MB at most"
                        .formatted(
                            name,
                            use.processorSecondsPerMillionLines,
                            use.peakMegabytes == null ? "-" : use.peakMegabytes)));
    lines.add(
        "idle %s MB in memory; %,d MB on disk per million lines"
            .formatted(idleMegabytes == null ? "-" : idleMegabytes, diskMegabytesPerMillionLines));
    lines.add("");
    lines.add(
        "billed %,d of %,d, residual %d, wrong accounts %d, audit differences %d (%d s)"
            .formatted(
                checks.billed,
                input.lines,
                checks.residual,
                checks.wrongAccounts,
                checks.auditDifferences,
                checks.auditSeconds));
    return String.join(System.lineSeparator(), lines);
  }

  private static String row(String name, long linesPerSecond) {
    return String.format(Locale.ROOT, "%-34s %,10d lines/s", name, linesPerSecond);
  }

  private static String times(Millis millis) {
    return "p50 %s ms, p99 %s ms, max %s ms".formatted(millis.p50(), millis.p99(), millis.max());
  }
}
