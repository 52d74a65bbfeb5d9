package dev.taximeter.api.usage;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A range of time cut into buckets. All times are milliseconds since 1970, the precision of
 * completion instants.
 *
 * @param from first millisecond, inclusive
 * @param to end, exclusive; above {@code from}
 * @param width length of equal buckets that begin at multiples of it; 0 if {@code starts} tells
 * @param starts beginnings of the buckets, ascending: the first at or before {@code from}, the last
 *     before {@code to}; empty if {@code width} tells
 */
public record Buckets(long from, long to, long width, List<Long> starts) {
  private static final long MINUTE = Duration.ofMinutes(1).toMillis();
  private static final long HOUR = Duration.ofHours(1).toMillis();

  public Buckets {
    if (from >= to) {
      throw new IllegalArgumentException("a range must not be empty");
    }
    starts = List.copyOf(starts);
  }

  /** There are more buckets than an answer may have. */
  public static final class TooManyException extends Exception {
    private static final long serialVersionUID = 1;
  }

  /**
   * Cuts a range.
   *
   * @param granularity null for one bucket that begins at {@code from}
   * @param zone decides days and months
   * @param most buckets that are allowed
   * @throws TooManyException if there are more
   */
  public static Buckets of(
      @Nullable Granularity granularity, ZoneId zone, Instant from, Instant to, int most)
      throws TooManyException {
    long begin = millisFrom(from);
    long end = millisFrom(to);
    if (granularity == null) {
      return new Buckets(begin, end, 0, List.of(begin));
    }
    return switch (granularity) {
      case MINUTE -> equal(begin, end, MINUTE, most);
      case HOUR -> equal(begin, end, HOUR, most);
      case DAY, MONTH -> calendar(granularity, zone, begin, end, most);
    };
  }

  /** Beginning of the bucket that holds the time, which must lie in the range. */
  public long startOf(long time) {
    if (width > 0) {
      return time - Math.floorMod(time, width);
    }
    int found = Arrays.binarySearch(starts.toArray(), time);
    return starts.get(found >= 0 ? found : -found - 2);
  }

  /** {@return when each bucket begins, ascending; the first at or before {@link #from}} */
  List<Long> everyStart() {
    return width == 0
        ? starts
        : LongStream.iterate(startOf(from), start -> start < to, start -> start + width)
            .boxed()
            .toList();
  }

  public boolean contains(long time) {
    return from <= time && time < to;
  }

  private static Buckets equal(long begin, long end, long width, int most) throws TooManyException {
    if ((end - begin) / width > most) {
      throw new TooManyException();
    }
    return new Buckets(begin, end, width, List.of());
  }

  private static Buckets calendar(
      Granularity granularity, ZoneId zone, long begin, long end, int most)
      throws TooManyException {
    List<Long> starts = new ArrayList<>();
    LocalDate date = Instant.ofEpochMilli(begin).atZone(zone).toLocalDate();
    date = granularity == Granularity.MONTH ? YearMonth.from(date).atDay(1) : date;
    long previous = Long.MIN_VALUE;
    for (; ; date = next(granularity, date)) {
      // Not midnight if the clocks skip it; the same as before if the zone skips the whole day.
      long start = date.atStartOfDay(zone).toInstant().toEpochMilli();
      if (start >= end) {
        return new Buckets(begin, end, 0, starts);
      }
      if (start > previous) {
        if (starts.size() == most) {
          throw new TooManyException();
        }
        starts.add(start);
        previous = start;
      }
    }
  }

  private static LocalDate next(Granularity granularity, LocalDate date) {
    return granularity == Granularity.MONTH ? date.plusMonths(1) : date.plusDays(1);
  }

  /** Completion instants have milliseconds: at or after an instant is at or after the next one. */
  static long millisFrom(Instant instant) {
    long millis = instant.toEpochMilli();
    return Instant.ofEpochMilli(millis).isBefore(instant) ? millis + 1 : millis;
  }
}
