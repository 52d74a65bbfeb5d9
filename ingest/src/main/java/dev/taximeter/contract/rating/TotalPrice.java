package dev.taximeter.contract.rating;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.TokenCounts;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the usage of a month costs at an account's terms, from sums. Prices are functions of a
 * line's total, so that the events behind it need not be known; only which line they stand on,
 * which the model, the plan and prices in force, and the length of the prompt decide.
 */
public final class TotalPrice {
  /**
   * Lines of models, as many as a month's bill has. Beyond, flat prices stand on the line of their
   * entry's pattern, too: they are straight lines, so every sum stays exact.
   */
  private static final int MOST_LINES = 1_000;

  private static final TokenClass[] CLASSES = TokenClass.values();

  private TotalPrice() {}

  /**
   * Requests of a month that stand on the same lines.
   *
   * @param at any instant at which they may have completed: between two of {@link #changes} it
   *     makes no difference
   * @param promptTokens any length of their prompts: between two of {@link #promptLimits} it makes
   *     no difference
   * @param tokens of all of them
   */
  public record Group(
      String model, Instant at, long promptTokens, TokenCounts tokens, long requests) {}

  /**
   * @return instants at which a plan begins, or a price of the accounts' books, ascending
   */
  public static List<Instant> changes(AccountTerms terms) {
    TreeSet<Instant> changes = new TreeSet<>();
    terms.laterPlans().forEach(later -> changes.add(later.from()));
    entries(terms).forEach(entry -> changes.add(entry.effectiveFrom()));
    return List.copyOf(changes);
  }

  /**
   * @return lengths of prompts that some price ends with, in tokens, ascending
   */
  public static List<Long> promptLimits(AccountTerms terms) {
    TreeSet<Long> limits = new TreeSet<>();
    entries(terms).forEach(entry -> entry.contextTiers().forEach(tier -> limits.add(tier.above())));
    return List.copyOf(limits);
  }

  private static Stream<PriceEntry> entries(AccountTerms terms) {
    return Stream.concat(
        terms.prices().stream(),
        terms.otherBooks().stream()
            .filter(book -> !book.isCost())
            .flatMap(book -> book.prices().stream()));
  }

  /**
   * @param groups of one month
   * @return the bill lines, in no particular order
   */
  public static List<BillLine> lines(AccountTerms terms, List<Group> groups) {
    List<BillLine> byModel = lines(terms, groups, false);
    return byModel.size() <= MOST_LINES ? byModel : lines(terms, groups, true);
  }

  private record Line(String model, TokenClass tokenClass, String priceVersion) {}

  private static List<BillLine> lines(
      AccountTerms terms, List<Group> groups, boolean allByPattern) {
    List<PlanRates> plans = PlanRates.of(terms);
    Map<Line, PriceSchedule> prices = new HashMap<>();
    Map<Line, Long> quantities = new HashMap<>();
    for (Group group : groups) {
      PlanRates plan = PlanRates.at(plans, group.at());
      Rates rates = plan.prices().ratesFor(group.model(), group.at(), group.promptTokens());
      if (rates == null) {
        continue;
      }
      long[] counted = rates.quantities(group.tokens(), group.requests());
      for (TokenClass tokenClass : CLASSES) {
        PriceSchedule price = rates.of(tokenClass);
        long quantity = counted[tokenClass.ordinal()];
        if (price != null && quantity > 0) {
          boolean ofModel = price instanceof PriceSchedule.Flat && !allByPattern;
          String model = ofModel ? group.model() : rates.pattern();
          Line line = new Line(model, tokenClass, rates.version());
          prices.put(line, price);
          quantities.merge(line, quantity, Math::addExact);
        }
      }
      if (plan.plan().perRequest().signum() > 0) {
        Line line = new Line(PlanRates.ALL_MODELS, TokenClass.REQUEST, plan.plan().version());
        prices.put(line, new PriceSchedule.Package(1, plan.plan().perRequest()));
        quantities.merge(line, group.requests(), Math::addExact);
      }
    }
    List<BillLine> lines = new ArrayList<>();
    quantities.forEach(
        (line, quantity) ->
            lines.add(
                new BillLine(
                    line.model(),
                    line.tokenClass(),
                    line.priceVersion(),
                    quantity,
                    amount(prices, line, quantity))));
    return lines;
  }

  private static BigDecimal amount(Map<Line, PriceSchedule> prices, Line line, long quantity) {
    PriceSchedule price = prices.get(line);
    if (price == null) {
      throw new IllegalStateException("a line without a price");
    }
    return Price.of(price, quantity);
  }
}
