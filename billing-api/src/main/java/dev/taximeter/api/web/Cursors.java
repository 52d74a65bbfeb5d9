package dev.taximeter.api.web;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Places in lists, as clients carry them: text that says nothing and fits into an address. */
public final class Cursors {
  private static final Pattern MOMENT =
      Pattern.compile("(-?[0-9]{1,13})_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})");

  private Cursors() {}

  /**
   * A place in a list that is ordered by instant, then by id.
   *
   * @param id a UUID
   */
  public record Moment(Instant at, String id) {
    /** As clients carry it. */
    public String encoded() {
      return at.toEpochMilli() + "_" + id;
    }
  }

  /**
   * Reads the parameter {@code cursor} of a list that is ordered by instant, then by id.
   *
   * @return null if it is not given
   */
  public static @Nullable Moment moment(@Nullable String cursor) {
    if (cursor == null) {
      return null;
    }
    Matcher moment = MOMENT.matcher(cursor);
    if (!moment.matches()) {
      throw ProblemException.parameter("cursor", "must be the previous page's next");
    }
    return new Moment(Instant.ofEpochMilli(Long.parseLong(moment.group(1))), moment.group(2));
  }

  public static String encoded(String place) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(place.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads the parameter {@code cursor}.
   *
   * @return null if it is not given
   */
  public static @Nullable String decoded(@Nullable String cursor) {
    if (cursor == null) {
      return null;
    }
    try {
      return new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw ProblemException.parameter("cursor", "must be next of the page before");
    }
  }
}
