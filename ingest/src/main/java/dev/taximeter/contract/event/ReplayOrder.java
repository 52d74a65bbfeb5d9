package dev.taximeter.contract.event;

import java.time.Instant;
import java.util.List;

/**
 * Dead letters to be sent through metering again.
 *
 * @param commandId the command that asked for it
 * @param author who asked
 * @param reason why; may be empty
 * @param at when it was asked
 * @param lineIds identities of the lines
 */
public record ReplayOrder(
    String commandId, String author, String reason, Instant at, List<String> lineIds) {
  public ReplayOrder {
    lineIds = List.copyOf(lineIds);
  }
}
