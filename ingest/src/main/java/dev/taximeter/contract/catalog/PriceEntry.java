package dev.taximeter.contract.catalog;

import java.time.Instant;
import java.util.Map;

/**
 * Prices of the models that a pattern matches, from an instant on.
 *
 * @param book id of the price book
 * @param model exact name, or a glob in which {@code *} stands for any characters
 * @param effectiveFrom first instant it applies to
 * @param knownSince catalogue version that brought these prices; 0 before the catalogue's writer
 *     has decided
 * @param prices by token class; a class without an entry is priced as its parent
 */
public record PriceEntry(
    String book,
    String model,
    Instant effectiveFrom,
    long knownSince,
    Map<TokenClass, PriceSchedule> prices) {
  public PriceEntry {
    prices = Map.copyOf(prices);
  }

  /**
   * @return what bills name as the price version: stable, unique, readable
   */
  public String version() {
    return book + ":" + model + ":" + effectiveFrom + ":v" + knownSince;
  }

  /**
   * @return whether a class's amount depends on the running total of all models matched together
   */
  public boolean isTiered(TokenClass tokenClass) {
    return prices.get(tokenClass) instanceof PriceSchedule.Graduated;
  }

  public PriceEntry withKnownSince(long version) {
    return new PriceEntry(book, model, effectiveFrom, version, prices);
  }
}
