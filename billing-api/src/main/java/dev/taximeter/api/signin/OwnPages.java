package dev.taximeter.api.signin;

import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells the pages of this server from those of others. A browser adds the session's cookie to
 * whatever is sent here, so the cookie alone does not say that the person in front of it wanted a
 * change.
 */
public final class OwnPages {
  /** No form and no foreign script can send it: browsers ask first, and are told no. */
  public static final String HEADER = "Taximeter-Page";

  private static final String OWN = "1";
  private static final Pattern SCHEME = Pattern.compile("^https?://");

  private OwnPages() {}

  /** {@return whether a page of this server sent the request, deliberately} */
  public static boolean sent(HttpServletRequest request) {
    return OWN.equals(request.getHeader(HEADER)) && isFromHere(request);
  }

  /**
   * {@return whether no browser says that another site's page sent it} Of a form, Origin tells
   * nothing where the policy for referrers is to send none.
   */
  static boolean isNoForeignForm(HttpServletRequest request) {
    return isAbsentOr("same-origin", request.getHeader("Sec-Fetch-Site"));
  }

  private static boolean isFromHere(HttpServletRequest request) {
    return isAbsentOr("same-origin", request.getHeader("Sec-Fetch-Site"))
        && isAbsentOr(request.getHeader("Host"), host(request.getHeader("Origin")));
  }

  private static boolean isAbsentOr(@Nullable String expected, @Nullable String said) {
    return said == null || said.equals(expected);
  }

  private static @Nullable String host(@Nullable String origin) {
    return origin == null ? null : SCHEME.matcher(origin).replaceFirst("");
  }
}
