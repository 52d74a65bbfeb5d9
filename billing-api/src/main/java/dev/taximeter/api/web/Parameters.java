package dev.taximeter.api.web;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads parameter values. Every error says what is valid. */
public final class Parameters {
  /** What RFC 3339 can write, and milliseconds can count. */
  private static final int LEAST_YEAR = 0;

  private static final int MOST_YEAR = 9_999;

  /** An offset's plus sign, sent unescaped, arrives as a space. */
  private static final Pattern LOST_PLUS = Pattern.compile(" (?=\\d{2}:\\d{2}$)");

  /** Characters; notes are kept for ever. */
  private static final int LONGEST_NOTE = 500;

  private Parameters() {}

  /**
   * Reads an instant.
   *
   * @param text RFC 3339; null or blank if it is not given
   * @return null if it is not given
   */
  public static @Nullable Instant instant(String name, @Nullable String text) {
    if (text == null || text.isBlank()) {
      return null;
    }
    try {
      OffsetDateTime time =
          OffsetDateTime.parse(
              LOST_PLUS.matcher(text.strip()).replaceAll("+"),
              DateTimeFormatter.ISO_OFFSET_DATE_TIME);
      if (time.getYear() < LEAST_YEAR || time.getYear() > MOST_YEAR) {
        throw ProblemException.parameter(
            name, "must be a time between the years %d and %d".formatted(LEAST_YEAR, MOST_YEAR));
      }
      return time.toInstant();
    } catch (DateTimeParseException e) {
      throw ProblemException.parameter(
          name, "must be an RFC 3339 time with a zone, such as 2026-11-01T00:00:00Z");
    }
  }

  /** A calendar month written {@code YYYY-MM}. */
  public static YearMonth month(String name, String text) {
    try {
      return YearMonth.parse(text);
    } catch (DateTimeParseException e) {
      throw ProblemException.parameter(name, "must be a month written YYYY-MM, such as 2026-11");
    }
  }

  /**
   * Reads what somebody says about a decision, from a field of a body.
   *
   * @param text null if it is not given
   * @return empty if it is not given
   */
  public static String note(String field, @Nullable String text) {
    String note = text == null ? "" : text.strip();
    if (note.length() > LONGEST_NOTE) {
      throw ProblemException.field(field, "may have at most %d characters".formatted(LONGEST_NOTE));
    }
    return note;
  }

  /**
   * Reads text.
   *
   * @return null if it is not given or blank
   */
  public static @Nullable String text(@Nullable String text) {
    return text == null || text.isBlank() ? null : text;
  }
}
