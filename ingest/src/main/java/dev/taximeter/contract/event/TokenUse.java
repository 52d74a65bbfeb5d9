package dev.taximeter.contract.event;

import java.time.Instant;

/**
 * A token of the API was used, about then. Any number of APIs write these; the latest counts.
 *
 * @param token its id
 * @param at when, to the hour or so
 */
public record TokenUse(String token, Instant at) {}
