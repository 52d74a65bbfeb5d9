package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The prices of one request: those of an entry or of one of its context tiers, ready for use. Made
 * once for a price list, so that an event makes no text and computes no discount.
 *
 * @param book id of the entry's book
 * @param pattern the entry's model
 * @param above the prompt's tokens that these prices begin above; -1 for the entry's own
 * @param version what bills name
 * @param byClass prices after discount or markup
 */
record Rates(
    String book,
    String pattern,
    long above,
    String version,
    Map<TokenClass, PriceSchedule> byClass) {
  private static final long ANY_LENGTH = -1;

  @Nullable PriceSchedule of(TokenClass tokenClass) {
    return byClass.get(tokenClass);
  }

  /**
   * An entry and all of its prices.
   *
   * @param longestFirst by the length of prompt that they begin above; the entry's own last
   */
  record OfEntry(PriceEntry entry, List<Rates> longestFirst) {
    static OfEntry of(PriceEntry entry, UnaryOperator<BigDecimal> change, String suffix) {
      List<Rates> rates = new ArrayList<>();
      for (int i = entry.contextTiers().size() - 1; i >= 0; i--) {
        PriceEntry.ContextTier tier = entry.contextTiers().get(i);
        String version = entry.version(tier) + suffix;
        rates.add(
            new Rates(
                entry.book(), entry.model(), tier.above(), version, map(tier.prices(), change)));
      }
      rates.add(
          new Rates(
              entry.book(),
              entry.model(),
              ANY_LENGTH,
              entry.version() + suffix,
              map(entry.prices(), change)));
      return new OfEntry(entry, rates);
    }

    private static Map<TokenClass, PriceSchedule> map(
        Map<TokenClass, PriceSchedule> prices, UnaryOperator<BigDecimal> change) {
      Map<TokenClass, PriceSchedule> mapped = new EnumMap<>(TokenClass.class);
      prices.forEach((tokenClass, schedule) -> mapped.put(tokenClass, schedule.map(change)));
      return mapped;
    }

    /**
     * @param promptTokens input tokens, cached ones included
     */
    Rates ratesFor(long promptTokens) {
      for (int i = 0; i < longestFirst.size() - 1; i++) {
        Rates tier = longestFirst.get(i);
        if (promptTokens > tier.above()) {
          return tier;
        }
      }
      return longestFirst.get(longestFirst.size() - 1);
    }
  }
}
