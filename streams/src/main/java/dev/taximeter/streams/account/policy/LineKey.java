package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.catalog.TokenClass;
import java.time.YearMonth;

/**
 * What tells the bill lines of an account apart.
 *
 * @param period calendar month in the account's zone
 * @param model the event's model, the entry's pattern if tiered, {@code *} for requests
 * @param priceVersion the price entry's, or the plan's
 */
public record LineKey(YearMonth period, String model, TokenClass tokenClass, String priceVersion) {}
