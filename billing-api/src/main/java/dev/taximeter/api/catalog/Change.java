package dev.taximeter.api.catalog;

import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.SharedInputs;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.jspecify.annotations.Nullable;

/**
 * What every change of a resource of the catalogue comes with.
 *
 * @param caller who asks
 * @param reason why, from the parameter {@code reason}; may be empty
 * @param ifMatch the header {@code If-Match}: the tag that was read; null for any version
 * @param idempotencyKey the header {@code Idempotency-Key}; null if there is none
 */
@SharedInputs(parameters = Change.REASON)
public record Change(
    Caller caller, String reason, @Nullable String ifMatch, @Nullable String idempotencyKey) {
  public static final String REASON = "reason";

  /** The change makes a secret: an idempotency key gives the same one again. */
  @Documented
  @Target(ElementType.PARAMETER)
  @Retention(RetentionPolicy.RUNTIME)
  public @interface MakesASecret {}

  /** A change without a reason, of whatever there is. */
  public static Change by(Caller caller) {
    return new Change(caller, "", null, null);
  }

  /** What is recorded as the author. */
  public String author() {
    return caller.name();
  }
}
