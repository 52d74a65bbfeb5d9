package dev.taximeter.standalone.demo;

import dev.taximeter.contract.json.Json;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A line of the gateway's access log under construction. Like the gateway's own writer it escapes
 * nothing: a value with a quote in it breaks out of its field, which is how tampered lines come
 * about. Not thread-safe.
 */
public final class AccessLogLine {
  private static final DateTimeFormatter START_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final String ABSENT = "-";

  /** Fields that the JSON encoding writes as numbers. */
  private static final Set<AccessLogField> NUMBERS =
      EnumSet.of(
          AccessLogField.BYTES_RECEIVED,
          AccessLogField.BYTES_SENT,
          AccessLogField.DURATION,
          AccessLogField.RESPONSE_CODE);

  private final EnumMap<AccessLogField, String> values = new EnumMap<>(AccessLogField.class);

  /** Sets a field, to exactly what is given; fields that are not set are absent. */
  public AccessLogLine set(AccessLogField field, String value) {
    values.put(field, value);
    return this;
  }

  /** Sets a field to a number. */
  public AccessLogLine set(AccessLogField field, long value) {
    return set(field, Long.toString(value));
  }

  /** Sets the request's start, cut to milliseconds, and how long it took, in milliseconds. */
  public AccessLogLine times(Instant start, long durationMillis) {
    set(AccessLogField.START_TIME, START_TIME.format(start));
    return set(AccessLogField.DURATION, durationMillis);
  }

  /** Sets what the gateway's plugins logged, escaped as the gateway does it. */
  public AccessLogLine aiLog(AiLog aiLog) {
    return set(AccessLogField.AI_LOG, aiLog.escaped());
  }

  /** {@return the line without its end-of-line, in the template's TEXT encoding} */
  public String text() {
    StringBuilder text = new StringBuilder(1_500);
    for (AccessLogField field : AccessLogField.values()) {
      text.append(text.isEmpty() ? "{\"" : ",\"").append(field.logName()).append("\":\"");
      text.append(values.getOrDefault(field, ABSENT)).append('"');
    }
    return text.append('}').toString();
  }

  /** {@return the line without its end-of-line, in the template's JSON encoding} */
  public String json() {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (AccessLogField field : AccessLogField.values()) {
      String value = values.getOrDefault(field, ABSENT);
      boolean number = NUMBERS.contains(field) && !value.equals(ABSENT);
      fields.put(
          field.logName(),
          value.equals(ABSENT) ? null : number ? (Object) Long.valueOf(value) : value);
    }
    return Json.MAPPER.writeValueAsString(fields);
  }
}
