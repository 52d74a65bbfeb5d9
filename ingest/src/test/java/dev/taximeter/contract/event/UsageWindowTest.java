package dev.taximeter.contract.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.UsageWindow.Granularity;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageWindowTest {
  @ParameterizedTest
  @CsvSource({
    "MINUTE, Asia/Kolkata,  2026-11-20T10:59:59.999Z, 2026-11-20T10:59:00Z, 2026-11-20T11:00:00Z",
    "HOUR,   Asia/Kolkata,  2026-11-20T10:59:59.999Z, 2026-11-20T10:00:00Z, 2026-11-20T11:00:00Z",
    "DAY,    Asia/Kolkata,  2026-11-20T18:29:59.999Z, 2026-11-19T18:30:00Z, 2026-11-20T18:30:00Z",
    "MONTH,  Asia/Kolkata,  2026-11-30T18:30:00Z,     2026-11-30T18:30:00Z, 2026-12-31T18:30:00Z",
    // 25 hours, and 23.
    "DAY,    Europe/Berlin, 2026-10-25T12:00:00Z,     2026-10-24T22:00:00Z, 2026-10-25T23:00:00Z",
    "DAY,    Europe/Berlin, 2026-03-29T12:00:00Z,     2026-03-28T23:00:00Z, 2026-03-29T22:00:00Z",
    // No midnight on that day.
    "DAY,    Asia/Beirut,   2026-03-29T12:00:00Z,     2026-03-28T22:00:00Z, 2026-03-29T21:00:00Z",
    // No 30 December.
    "DAY,    Pacific/Apia,  2011-12-30T09:00:00Z,     2011-12-29T10:00:00Z, 2011-12-30T10:00:00Z",
    // The clocks went from one past midnight back to the day before.
    "DAY,    America/St_Johns, 2006-10-29T02:35:00Z,  2006-10-29T02:30:00Z, 2006-10-30T03:30:00Z",
    "MONTH,  Asia/Shanghai, 1970-01-01T00:00:05Z,     1970-01-01T00:00:00Z, 1970-01-31T16:00:00Z",
  })
  void aWindowHoldsTheInstant(
      Granularity granularity, ZoneId zone, Instant instant, Instant start, Instant end) {
    assertThat(granularity.startOf(instant, zone)).isEqualTo(start);
    assertThat(granularity.endOf(instant, zone)).isEqualTo(end);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UTC",
        "Europe/Berlin",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Asia/Beirut",
        "Asia/Amman",
        "America/St_Johns",
        "America/Havana",
        "America/Sao_Paulo",
        "Pacific/Apia",
        "Pacific/Chatham",
        "Africa/Monrovia",
        "Antarctica/Troll"
      })
  void windowsTileAllOfTime(ZoneId zone) {
    Random random = new Random(20261127);
    for (int i = 0; i < 20_000; i++) {
      Instant instant = Instant.ofEpochSecond(random.nextLong(3_000_000_000L));
      for (Granularity granularity : Granularity.values()) {
        Instant start = granularity.startOf(instant, zone);
        Instant end = granularity.endOf(instant, zone);
        assertThat(start).isBeforeOrEqualTo(instant);
        assertThat(end).isAfter(instant);
        assertThat(granularity.startOf(start, zone)).isEqualTo(start);
        assertThat(granularity.startOf(end, zone)).isEqualTo(end);
        assertThat(granularity.startOf(end.minusNanos(1), zone)).isEqualTo(start);
        assertThat(granularity.endOf(start, zone)).isEqualTo(end);
      }
    }
  }

  @Test
  void aMonthIsMadeOfDays() {
    ZoneId zone = ZoneId.of("America/St_Johns");
    Instant month = Granularity.MONTH.startOf(Instant.parse("2006-10-15T00:00:00Z"), zone);
    int days = 0;
    for (Instant day = month;
        day.isBefore(Granularity.MONTH.endOf(month, zone));
        day = Granularity.DAY.endOf(day, zone)) {
      days++;
    }
    assertThat(days).isEqualTo(31);
    assertThat(Duration.between(month, Granularity.MONTH.endOf(month, zone)).toHours())
        .isEqualTo(31 * 24 + 1);
  }
}
