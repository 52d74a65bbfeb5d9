package dev.taximeter.contract.rating;

import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.TokenCounts;
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
public record Rates(
    String book,
    String pattern,
    long above,
    String version,
    Map<TokenClass, PriceSchedule> byClass) {
  private static final long ANY_LENGTH = -1;

  private static final TokenClass[] CLASSES = TokenClass.values();

  public @Nullable PriceSchedule of(TokenClass tokenClass) {
    return byClass.get(tokenClass);
  }

  /**
   * A class without a price of its own stands on its parent's line. Requests count only where they
   * have a price.
   *
   * @param tokens of one or many requests
   * @param requests how many
   * @return by the class's ordinal
   */
  public long[] quantities(TokenCounts tokens, long requests) {
    long[] quantities = new long[CLASSES.length];
    for (TokenClass tokenClass : CLASSES) {
      TokenClass parent = parent(tokenClass);
      boolean own = of(tokenClass) != null;
      if (tokenClass != TokenClass.REQUEST || own) {
        int place = (own || parent == null ? tokenClass : parent).ordinal();
        long counted = tokenClass == TokenClass.REQUEST ? requests : tokens.of(tokenClass);
        quantities[place] = Math.addExact(quantities[place], counted);
      }
    }
    return quantities;
  }

  private static @Nullable TokenClass parent(TokenClass tokenClass) {
    return switch (tokenClass) {
      case CACHED_INPUT, CACHE_WRITE -> TokenClass.INPUT;
      case REASONING -> TokenClass.OUTPUT;
      case INPUT, OUTPUT, REQUEST -> null;
    };
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
