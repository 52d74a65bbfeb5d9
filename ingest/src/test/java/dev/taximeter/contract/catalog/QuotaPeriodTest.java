package dev.taximeter.contract.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.Quota.Window;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Windows over zones and clock changes. */
class QuotaPeriodTest {
  private static final List<String> ZONES =
      List.of(
          "UTC",
          "Europe/Berlin",
          "America/New_York",
          "Asia/Shanghai",
          "Asia/Kolkata",
          "Asia/Kathmandu",
          "Australia/Lord_Howe",
          "America/Havana",
          "Pacific/Apia",
          "Africa/Casablanca");

  @ParameterizedTest
  @CsvSource({
    "DAY, 2026-03-29T10:00:00Z, Europe/Berlin, 2026-03-28T23:00:00Z, 2026-03-29T22:00:00Z, 2026-03-29",
    "DAY, 2026-10-25T10:00:00Z, Europe/Berlin, 2026-10-24T22:00:00Z, 2026-10-25T23:00:00Z, 2026-10-25",
    // Midnight does not exist there: the day begins at one.
    "DAY, 2026-03-08T12:00:00Z, America/Havana, 2026-03-08T05:00:00Z, 2026-03-09T04:00:00Z, 2026-03-08",
    "WEEK, 2026-11-26T10:00:00Z, UTC, 2026-11-23T00:00:00Z, 2026-11-30T00:00:00Z, 2026-W48",
    "WEEK, 2027-01-02T10:00:00Z, UTC, 2026-12-28T00:00:00Z, 2027-01-04T00:00:00Z, 2026-W53",
    "MONTH, 2026-10-31T23:30:00Z, Europe/Berlin, 2026-10-31T23:00:00Z, 2026-11-30T23:00:00Z, 2026-11",
    "MONTH, 2026-10-31T22:30:00Z, Europe/Berlin, 2026-09-30T22:00:00Z, 2026-10-31T23:00:00Z, 2026-10",
    "HOUR, 2026-11-26T10:40:00Z, Asia/Kolkata, 2026-11-26T10:30:00Z, 2026-11-26T11:30:00Z, 2026-11-26T10:30:00Z",
    // Two in the morning comes twice, and each is an hour of its own.
    "HOUR, 2026-10-25T00:30:00Z, Europe/Berlin, 2026-10-25T00:00:00Z, 2026-10-25T01:00:00Z, 2026-10-25T00:00:00Z",
    "HOUR, 2026-10-25T01:30:00Z, Europe/Berlin, 2026-10-25T01:00:00Z, 2026-10-25T02:00:00Z, 2026-10-25T01:00:00Z",
    "MINUTE, 2026-11-26T10:40:59.999Z, UTC, 2026-11-26T10:40:00Z, 2026-11-26T10:41:00Z, 2026-11-26T10:40:00Z"
  })
  void aWindowIsWhatTheCalendarSays(
      Window window, Instant at, ZoneId zone, Instant start, Instant end, String label) {
    assertThat(QuotaPeriod.of(window, at, zone)).isEqualTo(new QuotaPeriod(start, end, label));
  }

  /** Every quarter of an hour of a year, in zones with whole, half and quarter offsets. */
  @ParameterizedTest
  @EnumSource(Window.class)
  void everyInstantLiesInItsWindowAndAllOfAWindowAgree(Window window) {
    for (String name : ZONES) {
      ZoneId zone = ZoneId.of(name);
      QuotaPeriod before = null;
      Instant end = Instant.parse("2027-01-01T00:00:00Z");
      for (Instant at = Instant.parse("2026-01-01T00:00:00Z");
          at.isBefore(end);
          at = at.plus(Duration.ofMinutes(15))) {
        QuotaPeriod period = QuotaPeriod.of(window, at, zone);
        assertThat(period.start()).as("%s at %s in %s", window, at, name).isBeforeOrEqualTo(at);
        assertThat(period.end()).as("%s at %s in %s", window, at, name).isAfter(at);
        if (before != null && !period.start().equals(before.start())) {
          // A clock that goes half an hour back or forth cuts an hour short.
          boolean clock = window == Window.HOUR && name.equals("Australia/Lord_Howe");
          if (window != Window.MINUTE && !clock) {
            assertThat(period.start()).as("%s in %s", at, name).isEqualTo(before.end());
          }
          assertThat(period.label()).isNotEqualTo(before.label());
        }
        before = period;
      }
    }
  }

  private static Quota quota(Window window, Quota.Kind kind, Quota.Anchor anchor) {
    return new Quota(
        "q",
        "acme",
        null,
        null,
        Quota.Metric.COST,
        window,
        BigDecimal.ONE,
        List.of(100),
        null,
        Quota.Enforcement.SOFT,
        kind,
        anchor);
  }

  @ParameterizedTest
  @CsvSource({
    "DAY, 1, 6, 2026-11-26T04:59:59Z, Europe/Berlin, 2026-11-25T05:00:00Z, 2026-11-26T05:00:00Z, 2026-11-25",
    // Two in the morning does not exist on that day: it begins when the clock goes on.
    "DAY, 1, 2, 2026-03-29T10:00:00Z, Europe/Berlin, 2026-03-29T01:00:00Z, 2026-03-30T00:00:00Z, 2026-03-29",
    // Two in the morning comes twice: the first one begins the day, which has 25 hours.
    "DAY, 1, 2, 2026-10-25T10:00:00Z, Europe/Berlin, 2026-10-25T00:00:00Z, 2026-10-26T01:00:00Z, 2026-10-25",
    // Lord Howe goes half an hour on, from two to half past two.
    "DAY, 1, 2, 2026-10-04T12:00:00Z, Australia/Lord_Howe, 2026-10-03T15:30:00Z, 2026-10-04T15:00:00Z, 2026-10-04",
    // Samoa left out the 30th of December 2011: what would have begun on it begins when it is over.
    "DAY, 1, 5, 2011-12-30T10:30:00Z, Pacific/Apia, 2011-12-30T10:00:00Z, 2011-12-30T15:00:00Z, 2011-12-30",
    "WEEK, 5, 0, 2026-11-26T10:00:00Z, UTC, 2026-11-20T00:00:00Z, 2026-11-27T00:00:00Z, 2026-11-20",
    "WEEK, 1, 9, 2026-11-23T08:00:00Z, UTC, 2026-11-16T09:00:00Z, 2026-11-23T09:00:00Z, 2026-W47",
    "MONTH, 15, 0, 2026-11-26T10:00:00Z, UTC, 2026-11-15T00:00:00Z, 2026-12-15T00:00:00Z, 2026-11-15",
    "MONTH, 15, 0, 2026-11-14T23:59:59Z, UTC, 2026-10-15T00:00:00Z, 2026-11-15T00:00:00Z, 2026-10-15",
    "MONTH, 31, 0, 2027-02-28T10:00:00Z, UTC, 2027-02-28T00:00:00Z, 2027-03-31T00:00:00Z, 2027-02-28",
    "MONTH, 31, 12, 2027-02-28T10:00:00Z, UTC, 2027-01-31T12:00:00Z, 2027-02-28T12:00:00Z, 2027-01-31",
    "MONTH, 1, 8, 2026-12-01T07:00:00Z, UTC, 2026-11-01T08:00:00Z, 2026-12-01T08:00:00Z, 2026-11"
  })
  void anAnchorMovesWhereWindowsBegin(
      Window window,
      int day,
      int hour,
      Instant at,
      ZoneId zone,
      Instant start,
      Instant end,
      String label) {
    Quota quota = quota(window, Quota.Kind.CALENDAR, new Quota.Anchor(day, hour));
    assertThat(QuotaPeriod.of(quota, at, zone)).isEqualTo(new QuotaPeriod(start, end, label));
  }

  /** Windows with anchors follow each other without a gap, through every change of the clock. */
  @ParameterizedTest
  @EnumSource(
      value = Window.class,
      names = {"DAY", "WEEK", "MONTH"})
  void windowsWithAnchorsFollowEachOther(Window window) {
    int days = window == Window.DAY ? 1 : window == Window.WEEK ? 7 : 31;
    for (String name : ZONES) {
      ZoneId zone = ZoneId.of(name);
      for (Quota.Anchor anchor :
          List.of(
              new Quota.Anchor(1, 0),
              new Quota.Anchor(days, 2),
              new Quota.Anchor(Math.min(days, 5), 23),
              new Quota.Anchor(days, 1))) {
        Quota quota = quota(window, Quota.Kind.CALENDAR, anchor);
        QuotaPeriod before = null;
        Instant end = Instant.parse("2027-03-02T00:00:00Z");
        for (Instant at = Instant.parse("2025-12-30T00:00:00Z");
            at.isBefore(end);
            at = at.plus(Duration.ofMinutes(30))) {
          QuotaPeriod period = QuotaPeriod.of(quota, at, zone);
          assertThat(period.start()).as("%s in %s", at, name).isBeforeOrEqualTo(at);
          assertThat(period.end()).as("%s in %s", at, name).isAfter(at);
          if (before != null && !period.equals(before)) {
            assertThat(period.start()).as("%s in %s", at, name).isEqualTo(before.end());
            assertThat(period.label()).isNotEqualTo(before.label());
          }
          before = period;
        }
      }
    }
  }

  @Test
  void aSlidingWindowHasItsLengthAndTheStepThatHasBegun() {
    Instant at = Instant.parse("2026-11-26T10:40:59.999Z");
    QuotaPeriod hour =
        QuotaPeriod.of(
            quota(Window.HOUR, Quota.Kind.SLIDING, null), at, ZoneId.of("Europe/Berlin"));
    assertThat(hour.start()).isEqualTo(Instant.parse("2026-11-26T09:40:00Z"));
    assertThat(hour.end()).isEqualTo(Instant.parse("2026-11-26T10:41:00Z"));
    QuotaPeriod month =
        QuotaPeriod.of(quota(Window.MONTH, Quota.Kind.SLIDING, null), at, ZoneId.of("UTC"));
    assertThat(month.start()).isEqualTo(Instant.parse("2026-10-27T08:00:00Z"));
  }

  @Test
  void aDayMayBeMissing() {
    // Samoa left out the 30th of December 2011.
    QuotaPeriod last =
        QuotaPeriod.of(
            Window.DAY, Instant.parse("2011-12-30T09:59:59Z"), ZoneId.of("Pacific/Apia"));
    QuotaPeriod next =
        QuotaPeriod.of(
            Window.DAY, Instant.parse("2011-12-30T10:00:00Z"), ZoneId.of("Pacific/Apia"));
    assertThat(last.label()).isEqualTo("2011-12-29");
    assertThat(next.label()).isEqualTo("2011-12-31");
    assertThat(last.end()).isEqualTo(next.start());
  }
}
