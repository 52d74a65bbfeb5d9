package dev.taximeter.contract.event;

import java.time.Instant;

/**
 * How far a part of metering has come with the catalogue. Key: {@code part}.
 *
 * @param part {@code intake-N}, N a partition of the raw topic
 * @param catalogVersion latest catalogue version that decides the payer of lines there
 * @param at when it took effect
 */
public record MeteringStatus(String part, long catalogVersion, Instant at) {}
