package dev.taximeter.api.usage;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * All of time, tiled without gap or overlap by what history holds: hours wherever no bucket's edge
 * cuts them, minutes in the hours that are cut, single events in the minutes that are cut. Every
 * event lies in exactly one tile, and every tile in exactly one bucket or outside of all.
 */
public record Tiles(List<Span> hours, List<Span> minutes, List<Span> events) {
  private static final long MINUTE = Duration.ofMinutes(1).toMillis();
  private static final long HOUR = Duration.ofHours(1).toMillis();

  /** History begins in 1970. */
  static final long BEGINNING = 0;

  /** Midnight of 2106-01-01 UTC; history's times end a month later. */
  static final long END = 4_291_747_200_000L;

  /** More spans than this would make a statement slow to read; then finer rows fill the gaps. */
  private static final int MOST_SPANS = 400;

  /**
   * Milliseconds since 1970.
   *
   * @param from inclusive
   * @param to exclusive
   */
  public record Span(long from, long to) {}

  public Tiles {
    hours = List.copyOf(hours);
    minutes = List.copyOf(minutes);
    events = List.copyOf(events);
  }

  public static Tiles of(Buckets buckets) {
    NavigableSet<Long> cutHours = new TreeSet<>();
    NavigableSet<Long> cutMinutes = new TreeSet<>();
    cut(buckets.from(), cutHours, cutMinutes);
    cut(buckets.to(), cutHours, cutMinutes);
    for (long start : buckets.starts()) {
      if (buckets.contains(start)) {
        cut(start, cutHours, cutMinutes);
      }
    }
    List<Span> hourGaps = spans(cutHours, HOUR);
    if (buckets.width() == MINUTE) {
      long first = floor(buckets.from(), HOUR);
      hourGaps = List.of(new Span(first, floor(buckets.to() - 1, HOUR) + HOUR));
    }
    List<Span> minuteGaps = spans(cutMinutes, MINUTE);
    return new Tiles(
        without(List.of(new Span(BEGINNING, END)), hourGaps),
        without(hourGaps, minuteGaps),
        minuteGaps);
  }

  private static void cut(long edge, NavigableSet<Long> hours, NavigableSet<Long> minutes) {
    if (edge % HOUR != 0) {
      hours.add(floor(edge, HOUR));
    }
    if (edge % MINUTE != 0) {
      minutes.add(floor(edge, MINUTE));
    }
  }

  /** Spans of one length each, neighbours joined; one span over all if there are too many. */
  private static List<Span> spans(NavigableSet<Long> starts, long length) {
    List<Span> spans = new ArrayList<>();
    for (long start : starts) {
      int last = spans.size() - 1;
      if (last >= 0 && spans.get(last).to() == start) {
        spans.set(last, new Span(spans.get(last).from(), start + length));
      } else {
        spans.add(new Span(start, start + length));
      }
    }
    return spans.size() <= MOST_SPANS
        ? spans
        : List.of(new Span(starts.first(), starts.last() + length));
  }

  /** What is left of spans; each gap lies within one of them. */
  private static List<Span> without(List<Span> spans, List<Span> gaps) {
    List<Span> left = new ArrayList<>();
    int next = 0;
    for (Span span : spans) {
      long at = span.from();
      while (next < gaps.size() && gaps.get(next).from() < span.to()) {
        Span gap = gaps.get(next++);
        if (at < gap.from()) {
          left.add(new Span(at, gap.from()));
        }
        at = gap.to();
      }
      if (at < span.to()) {
        left.add(new Span(at, span.to()));
      }
    }
    return left;
  }

  private static long floor(long time, long unit) {
    return time - Math.floorMod(time, unit);
  }
}
