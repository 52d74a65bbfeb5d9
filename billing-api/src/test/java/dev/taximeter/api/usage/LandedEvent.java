package dev.taximeter.api.usage;

import dev.taximeter.contract.event.TokenCounts;
import java.math.BigDecimal;
import java.time.Instant;

/** A rated event, as far as history tells it. */
public record LandedEvent(
    String account,
    long sequence,
    String key,
    String model,
    Instant completion,
    TokenCounts tokens,
    String currency,
    BigDecimal cost) {}
