package dev.taximeter.contract.catalog;

import java.time.ZoneId;

/**
 * Who pays.
 *
 * @param id stable id: 1 to 64 of {@code a-z 0-9 - _ .}, beginning with a letter or digit
 * @param name for people
 * @param currency ISO 4217 code
 * @param timezone decides days and months
 * @param plan id of the plan that gives its prices
 */
public record Account(String id, String name, String currency, ZoneId timezone, String plan) {}
