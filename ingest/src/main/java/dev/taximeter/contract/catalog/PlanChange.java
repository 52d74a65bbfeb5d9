package dev.taximeter.contract.catalog;

import java.time.Instant;

/**
 * The plan that an account has from an instant on.
 *
 * @param from first instant it applies to
 * @param plan id of the plan
 */
public record PlanChange(Instant from, String plan) {}
