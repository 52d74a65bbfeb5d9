package dev.taximeter.api.usage;

import dev.taximeter.contract.event.UsageWindow;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All of time, tiled without gap or overlap by what history holds: the longest windows that no
 * bucket's edge cuts. Months of the accounts' zone wherever they are whole, their days in the
 * months that are cut, hours in the days that are cut, minutes in the hours, and single events in
 * the minutes. Every event lies in exactly one tile, and every tile in exactly one bucket or
 * outside of all.
 */
public record Tiles(
    List<Span> months, List<Span> days, List<Span> hours, List<Span> minutes, List<Span> events) {
  private static final long MINUTE = Duration.ofMinutes(1).toMillis();
  private static final long HOUR = Duration.ofHours(1).toMillis();

  /** History begins in 1970. */
  static final long BEGINNING = 0;

  /** Midnight of 2106-01-01 UTC; history's times end a month later. */
  static final long END = 4_291_747_200_000L;

  /** More spans than this would make a statement slow to read; then finer rows fill the gaps. */
  private static final int MOST_SPANS = 400;

  private static final List<Span> ALL = List.of(new Span(BEGINNING, END));

  /**
   * Milliseconds since 1970.
   *
   * @param from inclusive
   * @param to exclusive
   */
  public record Span(long from, long to) {}

  public Tiles {
    months = List.copyOf(months);
    days = List.copyOf(days);
    hours = List.copyOf(hours);
    minutes = List.copyOf(minutes);
    events = List.copyOf(events);
  }

  /** One length of windows. */
  private interface Length {
    long startOf(long time);

    long endOf(long time);
  }

  private record Equal(long millis) implements Length {
    @Override
    public long startOf(long time) {
      return time - Math.floorMod(time, millis);
    }

    @Override
    public long endOf(long time) {
      return startOf(time) + millis;
    }
  }

  private record Calendar(UsageWindow.Granularity granularity, ZoneId zone) implements Length {
    @Override
    public long startOf(long time) {
      return granularity.startOf(Instant.ofEpochMilli(time), zone).toEpochMilli();
    }

    @Override
    public long endOf(long time) {
      return granularity.endOf(Instant.ofEpochMilli(time), zone).toEpochMilli();
    }
  }

  /**
   * @param zone whose days and months the windows have; null if there are none
   */
  public static Tiles of(Buckets buckets, @Nullable ZoneId zone) {
    List<Span> ofMonths = ALL;
    List<Span> ofDays = ALL;
    if (zone != null) {
      ofMonths = gaps(buckets, ALL, new Calendar(UsageWindow.Granularity.MONTH, zone));
      ofDays = gaps(buckets, ofMonths, new Calendar(UsageWindow.Granularity.DAY, zone));
    }
    List<Span> ofHours = gaps(buckets, ofDays, new Equal(HOUR));
    List<Span> ofMinutes = gaps(buckets, ofHours, new Equal(MINUTE));
    return new Tiles(
        without(ALL, ofMonths),
        without(ofMonths, ofDays),
        without(ofDays, ofHours),
        without(ofHours, ofMinutes),
        ofMinutes);
  }

  /**
   * Where windows of a length do not fit, and shorter ones are needed.
   *
   * @param within what no longer window covers
   */
  private static List<Span> gaps(Buckets buckets, List<Span> within, Length length) {
    NavigableSet<Long> cut = new TreeSet<>();
    cut(cut, buckets.from(), length);
    cut(cut, buckets.to(), length);
    for (long start : buckets.starts()) {
      if (buckets.contains(start)) {
        cut(cut, start, length);
      }
    }
    for (Span span : within) {
      // A day can begin within an hour.
      cut(cut, span.from(), length);
      cut(cut, span.to(), length);
    }
    boolean bucketsAreShorter =
        buckets.width() > 0
            && length.endOf(buckets.from()) - length.startOf(buckets.from()) > buckets.width();
    if (bucketsAreShorter) {
      long end = length.endOf(buckets.to() - 1);
      for (long at = length.startOf(buckets.from()); at < end; at = length.endOf(at)) {
        cut.add(at);
      }
    }
    List<Span> gaps = new ArrayList<>();
    for (long start : cut) {
      addJoined(gaps, new Span(start, length.endOf(start)));
    }
    if (gaps.size() > MOST_SPANS) {
      gaps = List.of(new Span(gaps.get(0).from(), gaps.get(gaps.size() - 1).to()));
    }
    return common(gaps, within);
  }

  private static void cut(NavigableSet<Long> cut, long edge, Length length) {
    long start = length.startOf(edge);
    if (start != edge && edge > BEGINNING && edge < END) {
      cut.add(start);
    }
  }

  private static void addJoined(List<Span> spans, Span span) {
    int last = spans.size() - 1;
    if (last >= 0 && spans.get(last).to() == span.from()) {
      spans.set(last, new Span(spans.get(last).from(), span.to()));
    } else {
      spans.add(span);
    }
  }

  /** What lies in spans of both lists, which ascend. */
  private static List<Span> common(List<Span> some, List<Span> others) {
    List<Span> common = new ArrayList<>();
    int first = 0;
    int second = 0;
    while (first < some.size() && second < others.size()) {
      Span one = some.get(first);
      Span other = others.get(second);
      long from = Math.max(one.from(), other.from());
      long to = Math.min(one.to(), other.to());
      if (from < to) {
        common.add(new Span(from, to));
      }
      if (one.to() < other.to()) {
        first++;
      } else {
        second++;
      }
    }
    return common;
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
}
