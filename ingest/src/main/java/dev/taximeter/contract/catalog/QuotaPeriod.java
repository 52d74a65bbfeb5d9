package dev.taximeter.contract.catalog;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.time.zone.ZoneOffsetTransition;
import java.util.Locale;

/**
 * One window of a quota. Days, ISO weeks and months begin at midnight in the account's zone, or at
 * the quota's anchor; where a clock change leaves that out, at the instant when the clock goes on,
 * and where it comes twice, the first time. Hours and minutes follow the zone's clock. A sliding
 * window ends with the step that the instant lies in.
 *
 * @param start inclusive
 * @param end exclusive
 * @param label {@code 2026-11}, {@code 2026-W48}, {@code 2026-11-26}; of weeks and months that
 *     begin on another day their first day; of all others their start in UTC
 */
public record QuotaPeriod(Instant start, Instant end, String label) {
  private static final Quota.Anchor CALENDAR = new Quota.Anchor(1, 0);

  /**
   * @param at any instant in the window; of a sliding window one in its last step
   */
  public static QuotaPeriod of(Quota quota, Instant at, ZoneId zone) {
    if (quota.kind() == Quota.Kind.SLIDING) {
      return sliding(quota.window(), at);
    }
    Quota.Anchor anchor = quota.anchor();
    return of(quota.window(), at, zone, anchor == null ? CALENDAR : anchor);
  }

  /**
   * The calendar's own window.
   *
   * @param at any instant in the window
   */
  public static QuotaPeriod of(Quota.Window window, Instant at, ZoneId zone) {
    return of(window, at, zone, CALENDAR);
  }

  private static QuotaPeriod of(Quota.Window window, Instant at, ZoneId zone, Quota.Anchor anchor) {
    return switch (window) {
      case MINUTE, HOUR -> ofClock(window.length(), at, zone);
      case DAY, WEEK, MONTH -> ofDates(window, at, zone, anchor);
    };
  }

  /** {@return when the step of a sliding window began that an instant lies in} */
  public static Instant stepOf(Quota.Window window, Instant at) {
    long step = window.resolution().toSeconds();
    return Instant.ofEpochSecond(Math.floorDiv(at.getEpochSecond(), step) * step);
  }

  private static QuotaPeriod sliding(Quota.Window window, Instant at) {
    Instant step = stepOf(window, at);
    Instant start = step.minus(window.length());
    return new QuotaPeriod(start, step.plus(window.resolution()), start.toString());
  }

  private static QuotaPeriod ofDates(
      Quota.Window window, Instant at, ZoneId zone, Quota.Anchor anchor) {
    LocalDate first = firstDay(window, at.atZone(zone).toLocalDate(), anchor);
    if (begin(first, anchor, zone).isAfter(at)) {
      first = firstDay(window, first.minusDays(1), anchor);
    }
    LocalDate next = next(window, first, anchor);
    // A day that a zone leaves out is over before it began.
    while (!begin(next, anchor, zone).isAfter(at)) {
      first = next;
      next = next(window, first, anchor);
    }
    return new QuotaPeriod(
        begin(first, anchor, zone), begin(next, anchor, zone), label(window, first, anchor));
  }

  /** {@return the last day, up to this one, that a window begins on} */
  private static LocalDate firstDay(Quota.Window window, LocalDate day, Quota.Anchor anchor) {
    return switch (window) {
      case WEEK -> day.minusDays(Math.floorMod(day.getDayOfWeek().getValue() - anchor.day(), 7));
      case MONTH -> {
        YearMonth month = YearMonth.from(day);
        LocalDate inMonth = inMonth(month, anchor);
        yield inMonth.isAfter(day) ? inMonth(month.minusMonths(1), anchor) : inMonth;
      }
      case MINUTE, HOUR, DAY -> day;
    };
  }

  private static LocalDate next(Quota.Window window, LocalDate first, Quota.Anchor anchor) {
    return switch (window) {
      case WEEK -> first.plusWeeks(1);
      case MONTH -> inMonth(YearMonth.from(first).plusMonths(1), anchor);
      case MINUTE, HOUR, DAY -> first.plusDays(1);
    };
  }

  private static LocalDate inMonth(YearMonth month, Quota.Anchor anchor) {
    return month.atDay(Math.min(anchor.day(), month.lengthOfMonth()));
  }

  private static Instant begin(LocalDate day, Quota.Anchor anchor, ZoneId zone) {
    LocalDateTime local = day.atTime(anchor.hour(), 0);
    ZoneOffsetTransition transition = zone.getRules().getTransition(local);
    return transition != null && transition.isGap()
        ? transition.getInstant()
        : local.atZone(zone).toInstant();
  }

  private static String label(Quota.Window window, LocalDate first, Quota.Anchor anchor) {
    if (anchor.day() != CALENDAR.day() || window == Quota.Window.DAY) {
      return first.toString();
    }
    return window == Quota.Window.MONTH
        ? YearMonth.from(first).toString()
        : String.format(
            Locale.ROOT,
            "%d-W%02d",
            first.get(IsoFields.WEEK_BASED_YEAR),
            first.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
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
