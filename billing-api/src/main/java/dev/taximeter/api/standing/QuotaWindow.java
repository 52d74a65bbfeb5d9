package dev.taximeter.api.standing;

import dev.taximeter.contract.catalog.Quota;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;

/** The window of a quota that is open now. */
final class QuotaWindow {
  private QuotaWindow() {}

  /** {@return its first instant, in the account's zone} */
  static Instant start(Quota.Window window, Instant now, ZoneId zone) {
    ZonedDateTime local = now.atZone(zone);
    LocalDate day = local.toLocalDate();
    return switch (window) {
      case MINUTE -> local.truncatedTo(ChronoUnit.MINUTES).toInstant();
      case HOUR -> local.truncatedTo(ChronoUnit.HOURS).toInstant();
      case DAY -> startOf(day, zone);
      case WEEK -> startOf(day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY)), zone);
      case MONTH -> startOf(day.withDayOfMonth(1), zone);
    };
  }

  private static Instant startOf(LocalDate day, ZoneId zone) {
    return day.atStartOfDay(zone).toInstant();
  }
}
