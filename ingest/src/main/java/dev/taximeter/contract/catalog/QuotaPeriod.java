package dev.taximeter.contract.catalog;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;

/**
 * One window of a quota. Days, ISO weeks and months begin at midnight in the account's zone, or
 * where a clock change leaves none, at the first instant of the day; hours and minutes follow the
 * zone's clock.
 *
 * @param start inclusive
 * @param end exclusive
 * @param label {@code 2026-11}, {@code 2026-W48}, {@code 2026-11-26}; of an hour or a minute its
 *     start in UTC
 */
public record QuotaPeriod(Instant start, Instant end, String label) {
  /**
   * @param at any instant in the window
   */
  public static QuotaPeriod of(Quota.Window window, Instant at, ZoneId zone) {
    LocalDate day = at.atZone(zone).toLocalDate();
    return switch (window) {
      case MINUTE -> ofClock(Duration.ofMinutes(1), at, zone);
      case HOUR -> ofClock(Duration.ofHours(1), at, zone);
      case DAY -> ofDates(day, day.plusDays(1), zone, day.toString());
      case WEEK -> {
        LocalDate monday = day.with(TemporalAdjusters.previousOrSame(java.time.DayOfWeek.MONDAY));
        String label =
            String.format(
                Locale.ROOT,
                "%d-W%02d",
                monday.get(IsoFields.WEEK_BASED_YEAR),
                monday.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
        yield ofDates(monday, monday.plusWeeks(1), zone, label);
      }
      case MONTH -> {
        YearMonth month = YearMonth.from(day);
        yield ofDates(month.atDay(1), month.plusMonths(1).atDay(1), zone, month.toString());
      }
    };
  }

  private static QuotaPeriod ofDates(LocalDate first, LocalDate next, ZoneId zone, String label) {
    return new QuotaPeriod(
        first.atStartOfDay(zone).toInstant(), next.atStartOfDay(zone).toInstant(), label);
  }

  /** Zones may be half an hour apart from UTC. */
  private static QuotaPeriod ofClock(Duration length, Instant at, ZoneId zone) {
    long offset = zone.getRules().getOffset(at).getTotalSeconds();
    long seconds = length.toSeconds();
    long local = Math.floorDiv(at.getEpochSecond() + offset, seconds) * seconds;
    Instant start = Instant.ofEpochSecond(local - offset);
    return new QuotaPeriod(
        start, start.plus(length), start.truncatedTo(ChronoUnit.SECONDS).toString());
  }
}
