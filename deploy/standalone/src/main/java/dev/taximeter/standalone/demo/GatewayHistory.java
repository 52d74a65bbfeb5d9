package dev.taximeter.standalone.demo;

import java.io.IOException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The invented gateway's past. A day's lines are the same whenever and wherever they are made. */
final class GatewayHistory {
  /** Keeps the seeds of neighbouring days apart. */
  private static final long SEED_STEP = 0x9e3779b97f4a7c15L;

  private static final int HOURS = 24;
  private static final int HOUR_MILLIS = 3_600_000;

  private static final int WORKDAY_LEAST = 760;
  private static final int WORKDAY_MOST = 920;
  private static final int WEEKEND_LEAST = 600;
  private static final int WEEKEND_MOST = 700;

  /** One day in so many has a spike: an agent that runs in circles. */
  private static final int SPIKE_EVERY_DAYS = 9;

  private static final int SPIKE_LINES = 75;
  private static final Duration SPIKE_LENGTH = Duration.ofMinutes(12);

  /** One line in so many reaches the log late. */
  private static final int LATE_EVERY_LINES = 400;

  private static final int LATE_LEAST_MINUTES = 5;
  private static final int LATE_MOST_MINUTES = 45;

  private GatewayHistory() {}

  /** Takes lines one after another. */
  interface LineSink {
    void accept(String line) throws IOException;
  }

  /**
   * The lines of requests that ended on a day (UTC), in the order in which the gateway wrote them:
   * 600 to 1,000 of them.
   */
  static void write(LocalDate day, LineSink sink) throws IOException {
    for (Written line : day(day)) {
      sink.accept(line.line.text());
    }
  }

  /** A line and when it reached the log. */
  private record Written(Instant at, SimulatedLine line) {}

  private static List<Written> day(LocalDate day) {
    GatewaySimulator gateway = new GatewaySimulator(day.toEpochDay() * SEED_STEP);
    double[] busy = activityByHour(day);
    boolean weekend =
        day.getDayOfWeek() == DayOfWeek.SATURDAY || day.getDayOfWeek() == DayOfWeek.SUNDAY;
    int requests =
        weekend
            ? gateway.between(WEEKEND_LEAST, WEEKEND_MOST)
            : gateway.between(WORKDAY_LEAST, WORKDAY_MOST);
    Instant midnight = day.atStartOfDay(ZoneOffset.UTC).toInstant();
    List<Written> lines = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      int hour = gateway.weighted(busy);
      Instant end =
          midnight.plusMillis((long) hour * HOUR_MILLIS + gateway.between(0, HOUR_MILLIS - 1));
      add(lines, gateway, gateway.request(end));
    }
    if (gateway.between(1, SPIKE_EVERY_DAYS) == 1) {
      addSpike(lines, gateway, midnight);
    }
    lines.sort(Comparator.comparing(Written::at));
    return lines;
  }

  private static void addSpike(List<Written> lines, GatewaySimulator gateway, Instant midnight) {
    DemoKey key = DemoKey.ALL.get(gateway.between(0, DemoKey.ALL.size() - 1));
    Instant start = midnight.plus(Duration.ofHours(gateway.between(1, HOURS - 2)));
    for (int i = 0; i < SPIKE_LINES; i++) {
      Instant end = start.plusMillis(gateway.between(0, (int) SPIKE_LENGTH.toMillis()));
      add(lines, gateway, gateway.request(end, key));
    }
  }

  private static void add(
      List<Written> lines, GatewaySimulator gateway, List<SimulatedLine> request) {
    boolean late = gateway.between(1, LATE_EVERY_LINES) == 1;
    Duration delay =
        late
            ? Duration.ofMinutes(gateway.between(LATE_LEAST_MINUTES, LATE_MOST_MINUTES))
            : Duration.ZERO;
    request.forEach(line -> lines.add(new Written(line.completion().plus(delay), line)));
  }

  private static double[] activityByHour(LocalDate day) {
    double[] activity = new double[HOURS];
    for (int hour = 0; hour < HOURS; hour++) {
      Instant instant = day.atTime(hour, 30).toInstant(ZoneOffset.UTC);
      for (DemoKey key : DemoKey.ALL) {
        activity[hour] += key.activity(instant);
      }
    }
    return activity;
  }
}
