package dev.taximeter.api.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.usage.Tiles.Span;
import dev.taximeter.contract.event.UsageWindow;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

class TilesTest {
  private static final int MOST = 100_000;

  @Test
  void wholeHoursNeedNothingElse() throws Exception {
    Tiles tiles = tiles(Granularity.DAY, "UTC", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z");

    assertThat(tiles.hours()).containsExactly(new Span(Tiles.BEGINNING, Tiles.END));
    assertThat(tiles.minutes()).isEmpty();
    assertThat(tiles.events()).isEmpty();
  }

  @Test
  void anEndWithinAMinuteCutsOneHourAndOneMinute() throws Exception {
    Tiles tiles = tiles(null, "UTC", "2026-11-01T00:00:00Z", "2026-11-24T10:15:30.250Z");

    assertThat(tiles.hours())
        .containsExactly(
            span("1970-01-01T00:00:00Z", "2026-11-24T10:00:00Z"),
            new Span(millis("2026-11-24T11:00:00Z"), Tiles.END));
    assertThat(tiles.minutes())
        .containsExactly(
            span("2026-11-24T10:00:00Z", "2026-11-24T10:15:00Z"),
            span("2026-11-24T10:16:00Z", "2026-11-24T11:00:00Z"));
    assertThat(tiles.events())
        .containsExactly(span("2026-11-24T10:15:00Z", "2026-11-24T10:16:00Z"));
  }

  @Test
  void daysThatBeginAtHalfPastNeedMinutesOnlyThere() throws Exception {
    Tiles tiles =
        tiles(Granularity.DAY, "Asia/Kolkata", "2026-11-01T18:30:00Z", "2026-11-03T18:30:00Z");

    assertThat(tiles.minutes())
        .containsExactly(
            span("2026-11-01T18:00:00Z", "2026-11-01T19:00:00Z"),
            span("2026-11-02T18:00:00Z", "2026-11-02T19:00:00Z"),
            span("2026-11-03T18:00:00Z", "2026-11-03T19:00:00Z"));
    assertThat(tiles.events()).isEmpty();
  }

  @Test
  void minutesAreReadWhereTheyAreAskedFor() throws Exception {
    Tiles tiles = tiles(Granularity.MINUTE, "UTC", "2026-11-01T00:10:00Z", "2026-11-01T02:00:00Z");

    assertThat(tiles.minutes())
        .containsExactly(span("2026-11-01T00:00:00Z", "2026-11-01T02:00:00Z"));
    assertThat(tiles.events()).isEmpty();
  }

  @Test
  void everythingIsCoveredOnceAndNoTileCrossesAnEdge() throws Exception {
    Random random = new Random(20261124);
    List<String> zones =
        List.of("UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns");
    List<Granularity> granularities = new ArrayList<>(List.of(Granularity.values()));
    granularities.add(null);
    long base = millis("2026-01-01T00:00:00Z");
    for (int i = 0; i < 500; i++) {
      Granularity granularity = granularities.get(random.nextInt(granularities.size()));
      long unit = List.of(1L, 1_000L, 60_000L, 3_600_000L).get(random.nextInt(4));
      long from = (base + random.nextInt(1_000_000_000)) / unit * unit;
      long to = from + (1 + random.nextInt(2_000_000_000)) / unit * unit + unit;
      Buckets buckets =
          Buckets.of(
              granularity,
              ZoneId.of(zones.get(random.nextInt(zones.size()))),
              Instant.ofEpochMilli(from),
              Instant.ofEpochMilli(to),
              MOST);
      check(buckets, null);
      check(buckets, ZoneId.of(zones.get(random.nextInt(zones.size()))));
    }
  }

  @Test
  void tooManyCutsAreFilledWithFinerRows() throws Exception {
    Buckets buckets =
        Buckets.of(
            Granularity.DAY,
            ZoneId.of("Asia/Kolkata"),
            Instant.parse("2020-01-01T00:00:00Z"),
            Instant.parse("2026-01-01T00:00:00Z"),
            MOST);
    Tiles tiles = Tiles.of(buckets, null);

    assertThat(tiles.minutes()).hasSize(1);
    check(buckets, null);
    check(buckets, ZoneId.of("Europe/Berlin"));
  }

  @Test
  void daysAndMonthsOfTheZoneCoverWhatTheyCan() throws Exception {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    Tiles tiles =
        Tiles.of(
            Buckets.of(
                Granularity.DAY,
                berlin,
                Instant.parse("2026-10-15T22:00:00Z"),
                Instant.parse("2026-11-24T10:15:00Z"),
                MOST),
            berlin);

    assertThat(tiles.months())
        .containsExactly(
            new Span(Tiles.BEGINNING, millis("2026-09-30T22:00:00Z")),
            new Span(millis("2026-11-30T23:00:00Z"), Tiles.END));
    assertThat(tiles.days())
        .containsExactly(
            span("2026-09-30T22:00:00Z", "2026-11-23T23:00:00Z"),
            span("2026-11-24T23:00:00Z", "2026-11-30T23:00:00Z"));
    assertThat(tiles.hours())
        .containsExactly(
            span("2026-11-23T23:00:00Z", "2026-11-24T10:00:00Z"),
            span("2026-11-24T11:00:00Z", "2026-11-24T23:00:00Z"));
    assertThat(tiles.minutes())
        .containsExactly(span("2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z"));
    assertThat(tiles.events()).isEmpty();
  }

  @Test
  void hoursAreNotAskedOfDays() throws Exception {
    ZoneId kolkata = ZoneId.of("Asia/Kolkata");
    Tiles tiles =
        Tiles.of(
            Buckets.of(
                Granularity.HOUR,
                ZoneId.of("UTC"),
                Instant.parse("2026-11-01T00:00:00Z"),
                Instant.parse("2026-11-01T12:00:00Z"),
                MOST),
            kolkata);

    // The day of Kolkata around them begins and ends within an hour of UTC.
    assertThat(tiles.hours()).containsExactly(span("2026-10-31T19:00:00Z", "2026-11-01T18:00:00Z"));
    assertThat(tiles.minutes())
        .containsExactly(
            span("2026-10-31T18:30:00Z", "2026-10-31T19:00:00Z"),
            span("2026-11-01T18:00:00Z", "2026-11-01T18:30:00Z"));
  }

  private static void check(Buckets buckets, ZoneId zone) {
    Tiles tiles = Tiles.of(buckets, zone);
    List<Span> all = new ArrayList<>(tiles.months());
    all.addAll(tiles.days());
    all.addAll(tiles.hours());
    all.addAll(tiles.minutes());
    all.addAll(tiles.events());
    all.sort(Comparator.comparingLong(Span::from));
    long at = Tiles.BEGINNING;
    for (Span span : all) {
      assertThat(span.from()).isEqualTo(at);
      at = span.to();
    }
    assertThat(at).isEqualTo(Tiles.END);
    List<Long> edges = new ArrayList<>(buckets.starts());
    edges.add(buckets.from());
    edges.add(buckets.to());
    // The first bucket may begin before the range; nothing is asked about there.
    edges.removeIf(edge -> edge < buckets.from());
    if (zone != null) {
      check(buckets, edges, tiles.months(), start(UsageWindow.Granularity.MONTH, zone), 1L << 40);
      check(buckets, edges, tiles.days(), start(UsageWindow.Granularity.DAY, zone), 80_000_000);
    } else {
      assertThat(tiles.months()).isEmpty();
      assertThat(tiles.days()).isEmpty();
    }
    check(buckets, edges, tiles.hours(), time -> time / 3_600_000 * 3_600_000, 3_600_000);
    check(buckets, edges, tiles.minutes(), time -> time / 60_000 * 60_000, 60_000);
  }

  private static LongUnaryOperator start(UsageWindow.Granularity granularity, ZoneId zone) {
    return time -> granularity.startOf(Instant.ofEpochMilli(time), zone).toEpochMilli();
  }

  /**
   * Spans hold whole windows, and no edge lies within one.
   *
   * @param millis about the length of a window
   */
  private static void check(
      Buckets buckets, List<Long> edges, List<Span> spans, LongUnaryOperator startOf, long millis) {
    for (Span span : spans) {
      assertThat(startOf.applyAsLong(span.from())).isEqualTo(span.from());
      assertThat(span.to() == Tiles.END || startOf.applyAsLong(span.to()) == span.to()).isTrue();
      assertThat(edges)
          .noneMatch(
              edge -> span.from() < edge && edge < span.to() && startOf.applyAsLong(edge) != edge);
      if (buckets.width() > 0 && buckets.width() < millis) {
        assertThat(span.from() >= buckets.to() || span.to() <= buckets.from()).isTrue();
      }
    }
  }

  private static Tiles tiles(Granularity granularity, String zone, String from, String to)
      throws Buckets.TooManyException {
    return Tiles.of(
        Buckets.of(granularity, ZoneId.of(zone), Instant.parse(from), Instant.parse(to), MOST),
        null);
  }

  private static Span span(String from, String to) {
    return new Span(millis(from), millis(to));
  }

  private static long millis(String instant) {
    return Instant.parse(instant).toEpochMilli();
  }
}
