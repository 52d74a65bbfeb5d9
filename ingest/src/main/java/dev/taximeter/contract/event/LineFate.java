package dev.taximeter.contract.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A line that did not become usage, and why. Carries no raw key and no text of the request.
 *
 * @param id the line's identity, 32 hex digits
 * @param fate anything but billed and unattributed
 * @param reason stable code: {@link Reason}
 * @param leakage whether the provider charges for the answer although the log has no counts
 * @param completion null if the line tells none
 * @param requestId as in {@link Usage#requestId}
 */
public record LineFate(
    String id,
    Fate fate,
    Reason reason,
    boolean leakage,
    @Nullable String keyFingerprint,
    @Nullable String model,
    @Nullable Instant completion,
    Instant arrival,
    LineSource source,
    long offset,
    String shipment,
    @Nullable String requestId) {}
