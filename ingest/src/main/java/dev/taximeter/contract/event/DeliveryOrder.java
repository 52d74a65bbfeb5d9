package dev.taximeter.contract.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Asks whoever delivers to do something besides.
 *
 * @param id unique; the alert's id of a message that is made up
 * @param recipient id
 * @param delivery what to send again; null for a message that tries the recipient
 * @param author who asks
 */
public record DeliveryOrder(
    String id, String recipient, @Nullable String delivery, Instant at, String author) {}
