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
  /** An offset's plus sign, sent unescaped, arrives as a space. */
  private static final Pattern LOST_PLUS = Pattern.compile(" (?=\\d{2}:\\d{2}$)");

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
      return OffsetDateTime.parse(
              LOST_PLUS.matcher(text.strip()).replaceAll("+"),
              DateTimeFormatter.ISO_OFFSET_DATE_TIME)
          .toInstant();
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
   * Reads text.
   *
   * @return null if it is not given or blank
   */
  public static @Nullable String text(@Nullable String text) {
    return text == null || text.isBlank() ? null : text;
  }
}
