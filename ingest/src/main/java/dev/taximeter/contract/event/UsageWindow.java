package dev.taximeter.contract.event;

import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * Usage of one account and model, and of one key or of all, in one minute, hour, day or month. The
 * one with the highest {@code sequence} replaces the others of the same account, key, model,
 * granularity, start and segment; a window is the sum of its segments.
 *
 * @param key the key's name, as in {@link Usage#key}, or null for all keys together
 * @param start first instant of the window; events count by completion
 * @param segment the account's sequence number when this segment was opened
 * @param sequence the account's sequence number of the last event in it
 * @param requests events counted
 * @param currency ISO 4217 code; empty while unattributed
 * @param cost exact
 */
public record UsageWindow(
    String account,
    @Nullable String key,
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

  /**
   * Length of a window. Minutes and hours are those of UTC, days and months those of the account's
   * zone, which never changes.
   */
  public enum Granularity {
    MINUTE(60_000),
    HOUR(3_600_000),
    DAY(0),
    MONTH(0);

    private final long millis;

    Granularity(long millis) {
      this.millis = millis;
    }

    /**
     * @param zone decides days and months; unattributed usage has those of UTC
     * @return the start of the window that holds the instant, not before 1970
     */
    public Instant startOf(Instant instant, ZoneId zone) {
      if (millis > 0) {
        long time = instant.toEpochMilli();
        return Instant.ofEpochMilli(time - Math.floorMod(time, millis));
      }
      LocalDate day = dayOf(instant, zone);
      Instant start = startOf(this == DAY ? day : day.withDayOfMonth(1), zone);
      // Where it is 1970 only by the local clock.
      return start.isBefore(Instant.EPOCH) ? Instant.EPOCH : start;
    }

    /** The start of the window after the one that holds the instant. */
    public Instant endOf(Instant instant, ZoneId zone) {
      if (millis > 0) {
        return startOf(instant, zone).plusMillis(millis);
      }
      LocalDate day = dayOf(instant, zone);
      LocalDate next = this == DAY ? day.plusDays(1) : day.withDayOfMonth(1).plusMonths(1);
      Instant end = startOf(next, zone);
      // A zone can skip a whole day.
      return end.isAfter(instant) ? end : startOf(next.plusDays(1), zone);
    }

    /**
     * The day whose beginning was the last: where clocks are set back over midnight, the hour that
     * repeats belongs to the new day, so that each day is one piece.
     */
    private static LocalDate dayOf(Instant instant, ZoneId zone) {
      LocalDate day = instant.atZone(zone).toLocalDate();
      LocalDate next = day.plusDays(1);
      return startOf(next, zone).isAfter(instant) ? day : next;
    }

    /** Not midnight if the clocks skip it. */
    private static Instant startOf(LocalDate day, ZoneId zone) {
      return day.atStartOfDay(zone).toInstant();
    }
  }
}
