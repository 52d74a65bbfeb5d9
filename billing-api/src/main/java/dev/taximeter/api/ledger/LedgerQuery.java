package dev.taximeter.api.ledger;

import dev.taximeter.contract.event.LedgerPosting;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which postings of an account.
 *
 * @param descending whether the latest come first
 * @param after number of the last posting of the page before; null for the first page
 * @param from earliest instant; null for any
 * @param to first instant after; null for any
 * @param kind null for all
 */
public record LedgerQuery(
    String account,
    boolean descending,
    @Nullable Long after,
    @Nullable Instant from,
    @Nullable Instant to,
    LedgerPosting.@Nullable Kind kind) {}
