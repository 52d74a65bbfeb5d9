package dev.taximeter.api.web;

import org.jspecify.annotations.Nullable;

/** How much of a list one answer holds. */
public final class Paging {
  public static final int DEFAULT_PAGE = 100;
  public static final int LARGEST_PAGE = 1_000;

  private Paging() {}

  /**
   * Reads the parameter {@code limit}.
   *
   * @param limit null if it is not given
   * @return 1 to 1,000; 100 if it is not given
   */
  public static int size(@Nullable String limit) {
    if (limit == null) {
      return DEFAULT_PAGE;
    }
    try {
      int size = Integer.parseInt(limit);
      if (size >= 1 && size <= LARGEST_PAGE) {
        return size;
      }
    } catch (NumberFormatException e) {
      // Reported below, with the range.
    }
    throw ProblemException.parameter(
        "limit", "must be a whole number from 1 to %,d".formatted(LARGEST_PAGE));
  }

  /**
   * Reads the parameter {@code order}.
   *
   * @param order null if it is not given
   * @return whether it is descending; ascending if it is not given
   */
  public static boolean descending(@Nullable String order) {
    if (order == null || order.equals("asc")) {
      return false;
    }
    if (order.equals("desc")) {
      return true;
    }
    throw ProblemException.parameter("order", "must be asc or desc");
  }
}
