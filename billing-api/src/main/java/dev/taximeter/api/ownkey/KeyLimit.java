package dev.taximeter.api.ownkey;

import dev.taximeter.contract.catalog.Quota;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The limit on a key's money: a quota of cost on the key, for all models, by the month, the week or
 * the day.
 *
 * @param amount per window
 * @param reset how often it starts anew: monthly, weekly or daily
 * @param since beginning of the current window
 */
record KeyLimit(BigDecimal amount, String reset, Instant since) {
  /** {@return the limit over the longest window, the lowest of it; empty if there is none} */
  static Optional<KeyLimit> of(
      String account, String key, List<Quota> quotas, ZoneId zone, Instant now) {
    return quotas.stream()
        .filter(quota -> quota.account().equals(account) && key.equals(quota.key()))
        .filter(quota -> quota.metric() == Quota.Metric.COST && quota.model() == null)
        .filter(quota -> quota.window().compareTo(Quota.Window.DAY) >= 0)
        .filter(quota -> quota.followsCalendar() && quota.team() == null)
        .min(
            Comparator.comparing(Quota::window, Comparator.reverseOrder())
                .thenComparing(Quota::limit))
        .map(
            quota ->
                new KeyLimit(
                    quota.limit(), reset(quota.window()), start(quota.window(), zone, now)));
  }

  private static String reset(Quota.Window window) {
    return switch (window) {
      case MONTH -> "monthly";
      case WEEK -> "weekly";
      case DAY -> "daily";
      case HOUR, MINUTE -> throw new IllegalArgumentException("no limit of a key's money");
    };
  }

  /** {@return when the calendar window that an instant lies in began} */
  static Instant start(Quota.Window window, ZoneId zone, Instant now) {
    LocalDate today = now.atZone(zone).toLocalDate();
    LocalDate first =
        switch (window) {
          case MONTH -> today.withDayOfMonth(1);
          case WEEK -> today.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
          case DAY -> today;
          case HOUR, MINUTE -> throw new IllegalArgumentException("no window of days");
        };
    return first.atStartOfDay(zone).toInstant();
  }
}
