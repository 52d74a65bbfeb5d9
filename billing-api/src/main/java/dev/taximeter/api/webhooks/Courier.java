package dev.taximeter.api.webhooks;

import dev.taximeter.contract.event.AlertMessage;
import java.time.Instant;

/** Hands messages over. Never throws for what a receiver does. Thread-safe. */
interface Courier {
  /**
   * Tries once, within bounded time.
   *
   * @param id of the delivery
   */
  Verdict send(Addressed to, String id, AlertMessage message, Instant now);
}
