package dev.taximeter.api.audit;

import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What to audit.
 *
 * @param account id; null for all
 * @param month calendar month in each account's zone; null for all
 */
record Scope(@Nullable String account, @Nullable YearMonth month) {
  /** The range of the columns. */
  private static final Instant FIRST = Instant.EPOCH;

  private static final Instant LAST = Instant.parse("2106-01-01T00:00:00Z");

  private static final DateTimeFormatter TEXT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  boolean isEverything() {
    return account == null && month == null;
  }

  /**
   * Values of the queries' parameters for the accounts of one zone. Minutes and hours are UTC's, so
   * the bounds of windows are those of all that touch the month.
   */
  Map<String, String> parameters(ZoneId zone) {
    Instant from = month == null ? FIRST : month.atDay(1).atStartOfDay(zone).toInstant();
    Instant until =
        month == null ? LAST : month.plusMonths(1).atDay(1).atStartOfDay(zone).toInstant();
    Map<String, String> values = new HashMap<>();
    values.put("account", account == null ? "" : account);
    values.put("month", month == null ? "" : month.toString());
    values.put("zone", zone.getId());
    values.put("from", TEXT.format(from));
    values.put("until", TEXT.format(until));
    values.put("window_from", TEXT.format(from.truncatedTo(ChronoUnit.HOURS)));
    values.put(
        "window_until",
        TEXT.format(until.plus(1, ChronoUnit.HOURS).minusMillis(1).truncatedTo(ChronoUnit.HOURS)));
    return values;
  }
}
