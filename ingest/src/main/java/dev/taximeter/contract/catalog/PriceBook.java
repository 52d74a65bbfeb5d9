package dev.taximeter.contract.catalog;

import java.util.List;

/**
 * A list of prices in one currency.
 *
 * @param currency ISO 4217 code
 */
public record PriceBook(String id, String currency, List<PriceEntry> prices) {
  public PriceBook {
    prices = List.copyOf(prices);
  }
}
