package dev.taximeter.api.ledger;

import dev.taximeter.contract.event.LedgerPosting;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which postings of an account.
 *
 * @param after number of the last posting before; 0 begins with the first
 * @param from earliest instant; null for any
 * @param to first instant after; null for any
 * @param kind null for all
 */
public record LedgerQuery(
    String account,
    long after,
    @Nullable Instant from,
    @Nullable Instant to,
    LedgerPosting.@Nullable Kind kind) {}
