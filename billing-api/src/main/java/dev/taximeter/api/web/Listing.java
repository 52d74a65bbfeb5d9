package dev.taximeter.api.web;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.jspecify.annotations.Nullable;

/**
 * What every list takes, read from the parameters {@code order}, {@code limit} and {@code cursor}.
 *
 * @param descending whether the order is turned round
 * @param size of a full page, 1 to 1,000
 * @param cursor the previous page's next; null for the first page
 */
@SharedInputs(parameters = {Listing.ORDER, Listing.LIMIT, Listing.CURSOR})
public record Listing(boolean descending, int size, @Nullable String cursor) {
  public static final String ORDER = "order";
  public static final String LIMIT = "limit";
  public static final String CURSOR = "cursor";

  /** What a list is ordered by. */
  @Documented
  @Target(ElementType.PARAMETER)
  @Retention(RetentionPolicy.RUNTIME)
  public @interface By {
    /** {@return what the order goes by, such as {@code id}} */
    String value();

    /** {@return whether a list that nobody gave an order for is descending} */
    boolean descending() default false;
  }
}
