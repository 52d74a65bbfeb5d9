package dev.taximeter.standalone.bench;

/**
 * How fast the gate answers.
 *
 * @param checksPerSecond that were due
 * @param keys that the catalogue has, and that were asked about in turn
 * @param latencyMillis from the instant at which a check was due to its answer
 * @param linesPerSecond that were written while breaches were timed
 * @param breachToRefusalMillis from the instant at which the line was due that reached a hard quota
 *     to the first check that was refused
 */
record GateReport(
    int checksPerSecond,
    int keys,
    Millis latencyMillis,
    int linesPerSecond,
    Millis breachToRefusalMillis) {
  String toText() {
    return """
    gate     %,d checks/s with %,d keys: p50 %s ms, p99 %s ms, longest %s ms of %,d checks
    breach   %,d lines/s: p50 %s ms, p99 %s ms, longest %s ms from the line that reaches a quota to the first refusal, of %,d breaches"""
        .formatted(
            checksPerSecond,
            keys,
            latencyMillis.p50(),
            latencyMillis.p99(),
            latencyMillis.max(),
            latencyMillis.count(),
            linesPerSecond,
            breachToRefusalMillis.p50(),
            breachToRefusalMillis.p99(),
            breachToRefusalMillis.max(),
            breachToRefusalMillis.count());
  }
}
