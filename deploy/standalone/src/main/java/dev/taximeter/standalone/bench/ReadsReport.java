package dev.taximeter.standalone.bench;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * What the benchmark of reads has found.
 *
 * @param exact whether every answer about usage said that it is exact
 */
record ReadsReport(
    long events,
    long windowRows,
    long diskMegabytes,
    long fillSeconds,
    boolean exact,
    List<Read> reads,
    List<String> method) {
  ReadsReport {
    reads = List.copyOf(reads);
    method = List.copyOf(method);
  }

  /**
   * One kind of request.
   *
   * @param perSecond how many were due each second
   * @param wantedP99 what the 99th percentile should not exceed, in milliseconds; 0 if nothing is
   *     wanted
   */
  record Read(String name, String path, int perSecond, Millis latency, int wantedP99) {
    boolean isMet() {
      return wantedP99 == 0 || latency.p99().compareTo(BigDecimal.valueOf(wantedP99)) <= 0;
    }
  }

  boolean isMet() {
    return exact && reads.stream().allMatch(Read::isMet);
  }

  String toText() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%,d events and %,d windows in ClickHouse (%,d MB), written in %d s"
            .formatted(events, windowRows, diskMegabytes, fillSeconds));
    for (Read read : reads) {
      lines.add(
          "%-36s %5d/s  p50 %9s ms  p99 %9s ms  max %9s ms  n=%d%s"
              .formatted(
                  read.name(),
                  read.perSecond(),
                  read.latency().p50(),
                  read.latency().p99(),
                  read.latency().max(),
                  read.latency().count(),
                  read.wantedP99() == 0
                      ? ""
                      : (read.isMet() ? "  ok, wanted " : "  MISSED, wanted ")
                          + read.wantedP99()
                          + " ms"));
    }
    lines.add(exact ? "every answer was exact" : "SOME ANSWERS WERE NOT EXACT");
    return String.join(System.lineSeparator(), lines);
  }
}
