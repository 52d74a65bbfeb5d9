package dev.taximeter.standalone.doctor;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a check found.
 *
 * @param check what was looked at, such as {@code disk}
 * @param status how bad it is
 * @param finding one sentence: what was seen
 * @param fix one sentence: what to do; null if nothing
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Finding(String check, Status status, String finding, @Nullable String fix) {
  /** How bad a finding is. */
  public enum Status {
    OK,
    /** Works, but not for long or not well. */
    WARNING,
    /** Keeps the system from working. */
    FAILURE,
    /** Nothing to look at, since the system does not run. */
    NOT_RUNNING;

    @JsonValue
    String code() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  static Finding ok(String check, String finding) {
    return new Finding(check, Status.OK, finding, null);
  }

  static Finding warning(String check, String finding, String fix) {
    return new Finding(check, Status.WARNING, finding, fix);
  }

  static Finding failure(String check, String finding, String fix) {
    return new Finding(check, Status.FAILURE, finding, fix);
  }

  static Finding notRunning(String check) {
    return new Finding(check, Status.NOT_RUNNING, "The system does not run.", null);
  }
}
