package dev.taximeter.api.lines;

import java.time.Instant;

/**
 * A line, as far as history tells it.
 *
 * @param account null if the line is not usage
 * @param completion null if the line tells none
 * @param reason null if the line is usage
 */
public record LandedLine(
    String id,
    String account,
    String fate,
    String reason,
    boolean leakage,
    String fingerprint,
    String model,
    Instant completion,
    Instant arrival,
    String requestId) {
  public boolean isUsage() {
    return account != null;
  }

  Instant at() {
    return completion == null ? arrival : completion;
  }
}
