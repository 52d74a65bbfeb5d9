package dev.taximeter.api.usage;

import dev.taximeter.contract.event.UsageWindow;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Length of a bucket. Minutes and hours are UTC's, days and months the account's zone's. */
public enum Granularity {
  MINUTE,
  HOUR,
  DAY,
  MONTH;

  /** {@return the end of the bucket that goes on at an instant} */
  Instant endOf(Instant instant, ZoneId zone) {
    return UsageWindow.Granularity.valueOf(name()).endOf(instant, zone);
  }

  String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The granularity of this code. */
  public static Optional<Granularity> of(String code) {
    return Arrays.stream(values()).filter(value -> value.code().equals(code)).findFirst();
  }

  /** All codes, for a message. */
  public static String codes() {
    return Arrays.stream(values()).map(Granularity::code).collect(Collectors.joining(", "));
  }
}
