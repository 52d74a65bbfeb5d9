package dev.taximeter.api.usage;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The times that an overview is about. Each ends now, and days are those of a zone. */
enum Span {
  HOURS_24("24h", Granularity.HOUR) {
    @Override
    Instant from(Instant now, ZoneId zone) {
      return now.truncatedTo(ChronoUnit.HOURS).minus(23, ChronoUnit.HOURS);
    }

    @Override
    Range before(Instant now, ZoneId zone) {
      return new Range(from(now, zone).minus(Duration.ofDays(1)), now.minus(Duration.ofDays(1)));
    }
  },
  DAYS_7("7d", Granularity.DAY) {
    @Override
    Instant from(Instant now, ZoneId zone) {
      return startOf(today(now, zone).minusDays(6), zone);
    }

    @Override
    Range before(Instant now, ZoneId zone) {
      return earlier(now, zone, 7);
    }
  },
  DAYS_30("30d", Granularity.DAY) {
    @Override
    Instant from(Instant now, ZoneId zone) {
      return startOf(today(now, zone).minusDays(29), zone);
    }

    @Override
    Range before(Instant now, ZoneId zone) {
      return earlier(now, zone, 30);
    }
  },
  MONTH("month", Granularity.DAY) {
    @Override
    Instant from(Instant now, ZoneId zone) {
      return startOf(today(now, zone).withDayOfMonth(1), zone);
    }

    @Override
    Range before(Instant now, ZoneId zone) {
      LocalDate first = today(now, zone).withDayOfMonth(1).minusMonths(1);
      return new Range(startOf(first, zone), now.atZone(zone).minusMonths(1).toInstant());
    }
  };

  private final String code;
  private final Granularity granularity;

  /** First instant, and first instant after. */
  record Range(Instant from, Instant to) {}

  Span(String code, Granularity granularity) {
    this.code = code;
    this.granularity = granularity;
  }

  static Optional<Span> of(String code) {
    return Arrays.stream(values()).filter(value -> value.code.equals(code)).findFirst();
  }

  static String codes() {
    return Arrays.stream(values()).map(value -> value.code).collect(Collectors.joining(", "));
  }

  String code() {
    return code;
  }

  /** Length of a bar of its chart. */
  Granularity granularity() {
    return granularity;
  }

  abstract Instant from(Instant now, ZoneId zone);

  /** As long a time before, up to the same point: a half day is not compared with a whole one. */
  abstract Range before(Instant now, ZoneId zone);

  /** What a bar is called: the day of the zone, or the hour of UTC. */
  String label(long start, ZoneId zone) {
    Instant instant = Instant.ofEpochMilli(start);
    return granularity == Granularity.HOUR
        ? DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(instant.atOffset(ZoneOffset.UTC))
        : instant.atZone(zone).toLocalDate().toString();
  }

  /** What the bar of an instant is called. */
  String labelOf(Instant instant, ZoneId zone) {
    boolean hours = granularity == Granularity.HOUR;
    return label((hours ? instant.truncatedTo(ChronoUnit.HOURS) : instant).toEpochMilli(), zone);
  }

  private static Range earlier(Instant now, ZoneId zone, int days) {
    return new Range(
        startOf(today(now, zone).minusDays(2L * days - 1), zone),
        now.atZone(zone).minusDays(days).toInstant());
  }

  private static LocalDate today(Instant now, ZoneId zone) {
    return now.atZone(zone).toLocalDate();
  }

  private static Instant startOf(LocalDate day, ZoneId zone) {
    return day.atStartOfDay(zone).toInstant();
  }
}
