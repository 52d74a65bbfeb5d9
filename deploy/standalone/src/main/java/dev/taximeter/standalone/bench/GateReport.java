package dev.taximeter.standalone.bench;

/**
 * How fast the gate answers.
 *
 * @param checksPerSecond that were due
 * @param keys that the catalogue has, and that were asked about in turn
 * @param latencyMillis from the instant at which a check was due to its answer
 */
record GateReport(int checksPerSecond, int keys, Millis latencyMillis) {
  String toText() {
    return "gate     %,d checks/s with %,d keys: p50 %s ms, p99 %s ms, longest %s ms of %,d checks"
        .formatted(
            checksPerSecond,
            keys,
            latencyMillis.p50(),
            latencyMillis.p99(),
            latencyMillis.max(),
            latencyMillis.count());
  }
}
