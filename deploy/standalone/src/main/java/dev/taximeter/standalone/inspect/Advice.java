package dev.taximeter.standalone.inspect;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;

/**
 * Something that this log's configuration loses or risks.
 *
 * @param code stable name
 * @param weight how bad it is
 * @param finding one sentence or two: what was seen
 * @param fix what to change, line by line, ready to be pasted where that is possible
 */
record Advice(String code, Weight weight, String finding, List<String> fix) {
  Advice {
    fix = List.copyOf(fix);
  }

  /** How bad it is; the worst first. */
  enum Weight {
    /** Usage in this log is not counted, or counted on nobody. */
    LOSES,
    /** Somebody can make it lose, or secrets and prompts lie open. */
    RISKS,
    /** Less exact than it could be. */
    LACKS;

    @JsonValue
    String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
