package dev.taximeter.api.usage;

import dev.taximeter.contract.event.TokenCounts;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Usage of one group in one bucket.
 *
 * @param start beginning of the bucket, milliseconds since 1970
 * @param key null if keys are not told apart
 * @param model null if models are not told apart
 * @param currency ISO 4217 code; empty if unattributed
 */
public record UsageSum(
    long start,
    String account,
    @Nullable String key,
    @Nullable String model,
    long requests,
    TokenCounts tokens,
    String currency,
    BigDecimal cost) {}
