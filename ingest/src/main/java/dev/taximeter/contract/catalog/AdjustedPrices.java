package dev.taximeter.contract.catalog;

import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Prices with a plan's discount or markup: each must be exact. Pure. */
public final class AdjustedPrices {
  private AdjustedPrices() {}

  /**
   * @return what is wrong with the price under the plan, as the ends of sentences that begin with
   *     where it stands
   */
  public static List<String> problems(Plan plan, PriceEntry entry) {
    if (plan.adjustPercent().signum() == 0) {
      return List.of();
    }
    List<String> problems = new ArrayList<>(problems(plan, "", entry.prices()));
    for (PriceEntry.ContextTier tier : entry.contextTiers()) {
      problems.addAll(problems(plan, ", above " + tier.above(), tier.prices()));
    }
    return problems;
  }

  private static List<String> problems(
      Plan plan, String above, Map<TokenClass, PriceSchedule> prices) {
    List<String> problems = new ArrayList<>();
    prices.forEach(
        (tokenClass, schedule) ->
            schedule.map(
                price -> {
                  BigDecimal adjusted = Decimals.canonical(plan.adjusted(price));
                  if (adjusted.scale() > scale(schedule)) {
                    problems.add(
                        "%s for %s would be %s under plan %s, more than the %d digits that are kept exactly; change the percentage or the price"
                            .formatted(
                                above,
                                tokenClass.code(),
                                Decimals.plain(adjusted),
                                plan.id(),
                                scale(schedule)));
                  }
                  return price;
                }));
    return problems;
  }

  /** {@return how many digits after the point a price of the kind may have} */
  public static int scale(PriceSchedule schedule) {
    if (schedule instanceof PriceSchedule.Allowance allowance) {
      return scale(allowance.rest());
    }
    return schedule instanceof PriceSchedule.Package ? Decimals.SCALE : Decimals.PER_MILLION_SCALE;
  }
}
