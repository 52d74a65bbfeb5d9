package dev.taximeter.standalone.bench;

import java.math.BigDecimal;
import java.util.Arrays;

/**
 * Percentiles of measured times, in milliseconds.
 *
 * @param p50 half of them took no longer
 * @param p99 99 of 100 took no longer
 */
record Millis(long count, BigDecimal p50, BigDecimal p99, BigDecimal max) {
  private static final int MICROS_SCALE = 3;
  private static final long NANOS_PER_MICRO = 1_000;

  /**
   * @param nanos one or more
   */
  static Millis of(long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return new Millis(
        sorted.length,
        millis(sorted[rank(sorted.length, 50)]),
        millis(sorted[rank(sorted.length, 99)]),
        millis(sorted[sorted.length - 1]));
  }

  /** The nearest rank. */
  private static int rank(int count, int percent) {
    return (int) Math.max(0, ((long) count * percent + 99) / 100 - 1);
  }

  private static BigDecimal millis(long nanos) {
    return BigDecimal.valueOf(nanos / NANOS_PER_MICRO, MICROS_SCALE);
  }
}
