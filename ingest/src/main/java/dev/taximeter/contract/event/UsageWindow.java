package dev.taximeter.contract.event;

import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * Usage of one account, key and model in one minute or hour. The record with the highest {@code
 * sequence} replaces the others of the same account, key, model, granularity, start and segment; a
 * window is the sum of its segments.
 *
 * @param key the key's name, as in {@link Usage#key}
 * @param start first instant of the window, on a UTC boundary; events count by completion
 * @param segment the account's sequence number when this segment was opened
 * @param sequence the account's sequence number of the last event in it
 * @param requests events counted
 * @param currency ISO 4217 code; empty while unattributed
 * @param cost exact
 */
public record UsageWindow(
    String account,
    String key,
    String model,
    Granularity granularity,
    Instant start,
    long segment,
    long sequence,
    long requests,
    TokenCounts tokens,
    String currency,
    BigDecimal cost) {
  public UsageWindow {
    cost = Decimals.canonical(cost);
  }

  /** Length of a window. */
  public enum Granularity {
    MINUTE(60_000),
    HOUR(3_600_000);

    private final long millis;

    Granularity(long millis) {
      this.millis = millis;
    }

    public long millis() {
      return millis;
    }

    /**
     * @return the start of the window that holds the instant
     */
    public Instant startOf(Instant instant) {
      long time = instant.toEpochMilli();
      return Instant.ofEpochMilli(time - Math.floorMod(time, millis));
    }
  }
}
