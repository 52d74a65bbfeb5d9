package dev.taximeter.api.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class BucketsTest {
  private static final int MOST = 1_000;

  @Test
  void daysFollowSummerTimeInBerlin() throws Exception {
    List<Long> starts =
        starts(Granularity.DAY, "Europe/Berlin", "2026-03-28T00:00:00Z", "2026-03-31T00:00:00Z");

    assertThat(instants(starts))
        .containsExactly(
            "2026-03-27T23:00:00Z",
            "2026-03-28T23:00:00Z",
            "2026-03-29T22:00:00Z",
            "2026-03-30T22:00:00Z");
    assertThat(Duration.ofMillis(starts.get(2) - starts.get(1))).isEqualTo(Duration.ofHours(23));
  }

  @Test
  void theDayThatGetsAnHourBackHasTwentyFive() throws Exception {
    List<Long> starts =
        starts(Granularity.DAY, "Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-26T12:00:00Z");

    assertThat(instants(starts)).containsExactly("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
  }

  @Test
  void aDayWithoutMidnightBeginsWhenItsClocksSay() throws Exception {
    // São Paulo moved its clocks at midnight: 4 November 2018 began at 01:00.
    List<Long> starts =
        starts(
            Granularity.DAY, "America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-05T12:00:00Z");

    assertThat(instants(starts))
        .containsExactly("2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z");
  }

  @Test
  void daysOfIndiaBeginAtHalfPast() throws Exception {
    List<Long> starts =
        starts(Granularity.DAY, "Asia/Kolkata", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z");

    assertThat(instants(starts)).containsExactly("2026-10-31T18:30:00Z", "2026-11-01T18:30:00Z");
  }

  @Test
  void aDayThatAZoneSkippedHasNoBucket() throws Exception {
    // Samoa had no 30 December 2011.
    List<Long> starts =
        starts(Granularity.DAY, "Pacific/Apia", "2011-12-29T12:00:00Z", "2012-01-01T00:00:00Z");

    assertThat(instants(starts))
        .containsExactly("2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z");
  }

  @Test
  void monthsAreThoseOfTheZone() throws Exception {
    List<Long> starts =
        starts(Granularity.MONTH, "Europe/Berlin", "2026-02-28T23:30:00Z", "2026-04-30T22:00:00Z");

    assertThat(instants(starts)).containsExactly("2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z");
  }

  @Test
  void theFirstBucketIsClippedNotMoved() throws Exception {
    Buckets buckets =
        Buckets.of(
            Granularity.DAY,
            ZoneOffset.UTC,
            Instant.parse("2026-11-01T15:00:00Z"),
            Instant.parse("2026-11-02T15:00:00Z"),
            MOST);

    assertThat(buckets.contains(millis("2026-11-01T14:59:59.999Z"))).isFalse();
    assertThat(buckets.contains(millis("2026-11-01T15:00:00Z"))).isTrue();
    assertThat(buckets.contains(millis("2026-11-02T15:00:00Z"))).isFalse();
    assertThat(buckets.startOf(millis("2026-11-01T15:00:00Z")))
        .isEqualTo(millis("2026-11-01T00:00:00Z"));
    assertThat(buckets.startOf(millis("2026-11-02T00:00:00Z")))
        .isEqualTo(millis("2026-11-02T00:00:00Z"));
  }

  @Test
  void hoursAreUtcWhateverTheZone() throws Exception {
    Buckets buckets =
        Buckets.of(
            Granularity.HOUR,
            ZoneId.of("Asia/Kolkata"),
            Instant.parse("2026-11-01T00:30:00Z"),
            Instant.parse("2026-11-01T03:00:00Z"),
            MOST);

    assertThat(buckets.startOf(millis("2026-11-01T01:59:59.999Z")))
        .isEqualTo(millis("2026-11-01T01:00:00Z"));
  }

  @Test
  void withoutGranularityThereIsOneBucketFromTheBeginning() throws Exception {
    Buckets buckets =
        Buckets.of(
            null,
            ZoneOffset.UTC,
            Instant.parse("2026-11-01T00:00:00.0004Z"),
            Instant.parse("2026-11-02T00:00:00Z"),
            MOST);

    // Completion instants have milliseconds: the next one is the first that is not before.
    assertThat(buckets.startOf(millis("2026-11-01T12:00:00Z")))
        .isEqualTo(millis("2026-11-01T00:00:00.001Z"));
  }

  @Test
  void tooManyBucketsAreRefused() {
    assertThatThrownBy(
            () ->
                Buckets.of(
                    Granularity.DAY,
                    ZoneOffset.UTC,
                    Instant.parse("2020-01-01T00:00:00Z"),
                    Instant.parse("2026-01-01T00:00:00Z"),
                    MOST))
        .isInstanceOf(Buckets.TooManyException.class);
    assertThatThrownBy(
            () ->
                Buckets.of(
                    Granularity.MINUTE,
                    ZoneOffset.UTC,
                    Instant.parse("2026-01-01T00:00:00Z"),
                    Instant.parse("2026-01-02T00:00:00Z"),
                    MOST))
        .isInstanceOf(Buckets.TooManyException.class);
  }

  private static List<Long> starts(Granularity granularity, String zone, String from, String to)
      throws Buckets.TooManyException {
    return Buckets.of(granularity, ZoneId.of(zone), Instant.parse(from), Instant.parse(to), MOST)
        .starts();
  }

  private static List<String> instants(List<Long> millis) {
    return millis.stream().map(time -> Instant.ofEpochMilli(time).toString()).toList();
  }

  private static long millis(String instant) {
    return Instant.parse(instant).toEpochMilli();
  }
}
