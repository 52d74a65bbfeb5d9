package dev.taximeter.contract.catalog;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Prices of the models that a pattern matches, from an instant on.
 *
 * @param book id of the price book
 * @param model exact name, or a glob in which {@code *} stands for any characters
 * @param effectiveFrom first instant it applies to
 * @param knownSince catalogue version that brought these prices; 0 before the catalogue's writer
 *     has decided
 * @param prices by token class; a class without an entry is priced as its parent. {@link
 *     TokenClass#REQUEST} has a price if each request of these models costs something by itself
 * @param contextTiers prices of requests with long prompts, ascending; often empty
 */
public record PriceEntry(
    String book,
    String model,
    Instant effectiveFrom,
    long knownSince,
    Map<TokenClass, PriceSchedule> prices,
    List<ContextTier> contextTiers) {
  public PriceEntry {
    prices = Map.copyOf(prices);
    // Absent in records from before there were such tiers.
    contextTiers = contextTiers == null ? List.of() : List.copyOf(contextTiers);
  }

  /** An entry that does not look at the prompt's length. */
  public PriceEntry(
      String book,
      String model,
      Instant effectiveFrom,
      long knownSince,
      Map<TokenClass, PriceSchedule> prices) {
    this(book, model, effectiveFrom, knownSince, prices, List.of());
  }

  /**
   * Prices of all classes of a request whose prompt is longer. Running totals of a tier are its
   * own: which requests count in it does not depend on their order.
   *
   * @param above input tokens, cached ones included, that the prompt has to exceed
   * @param prices of the same classes as the entry's
   */
  public record ContextTier(long above, Map<TokenClass, PriceSchedule> prices) {
    public ContextTier {
      prices = Map.copyOf(prices);
    }
  }

  /**
   * @return what bills name as the price version: stable, unique, readable
   */
  public String version() {
    return book + ":" + model + ":" + effectiveFrom + ":v" + knownSince;
  }

  /**
   * @return what bills name as the price version of requests in a context tier
   */
  public String version(ContextTier tier) {
    return version() + ":above-" + tier.above();
  }

  /**
   * @return whether a class's amount depends on the running total of all models matched together
   */
  public boolean isTiered(TokenClass tokenClass) {
    PriceSchedule schedule = prices.get(tokenClass);
    return schedule != null && !(schedule instanceof PriceSchedule.Flat);
  }

  public PriceEntry withKnownSince(long version) {
    return new PriceEntry(book, model, effectiveFrom, version, prices, contextTiers);
  }
}
