package dev.taximeter.api.web;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Places in lists, as clients carry them: text that says nothing and fits into an address. */
public final class Cursors {
  private Cursors() {}

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
