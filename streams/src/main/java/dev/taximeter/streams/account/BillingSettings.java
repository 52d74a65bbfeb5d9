package dev.taximeter.streams.account;

import java.time.Duration;

/**
 * When bills become final by themselves.
 *
 * @param grace how long after the end of a month; complete usage is waited for besides
 */
public record BillingSettings(Duration grace) {}
