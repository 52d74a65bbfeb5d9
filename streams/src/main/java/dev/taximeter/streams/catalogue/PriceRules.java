package dev.taximeter.streams.catalogue;

import dev.taximeter.contract.catalog.AdjustedPrices;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the prices of a book must fulfil, by themselves and with a plan's discount. Pure. */
final class PriceRules {
  /**
   * As in the catalogue's file: with it, and the highest markup, a request of a thousand million
   * tokens costs 10^17, and a hundred million of those still fit a column.
   */
  private static final BigDecimal HIGHEST = BigDecimal.TEN.pow(12);

  /** A discount that leaves too many digits is named for so many prices. */
  private static final int MOST_NAMED = 10;

  private final List<String> problems = new ArrayList<>();

  private PriceRules() {}

  /**
   * @param was the book before the change; null if there was none
   * @return one sentence per problem
   */
  static List<String> problems(PriceBook book, @Nullable PriceBook was) {
    PriceRules rules = new PriceRules();
    Set<Instant> known = new HashSet<>();
    if (was != null) {
      was.prices().forEach(entry -> known.add(entry.effectiveFrom()));
    }
    Set<String> seen = new HashSet<>();
    for (PriceEntry entry : book.prices()) {
      String where = where(entry);
      rules.require(
          book.id().equals(entry.book()), "%s names the price book %s", where, entry.book());
      rules.require(
          seen.add(entry.model() + "\0" + entry.effectiveFrom()), "%s stands twice", where);
      rules.require(
          CatalogueRules.isOfMillis(entry.effectiveFrom()) || known.contains(entry.effectiveFrom()),
          "%s must begin at an instant with at most milliseconds",
          where);
      rules.checkEntry(where, entry);
    }
    return rules.problems;
  }

  /**
   * @return one sentence for each price of the book that is not exact with the plan's discount or
   *     markup
   */
  static List<String> problems(Plan plan, PriceBook book) {
    List<String> problems = new ArrayList<>();
    for (PriceEntry entry : book.prices()) {
      AdjustedPrices.problems(plan, entry).forEach(end -> problems.add(where(entry) + end));
      if (problems.size() >= MOST_NAMED) {
        break;
      }
    }
    return problems;
  }

  private static String where(PriceEntry entry) {
    return "the price of %s from %s in %s"
        .formatted(entry.model(), entry.effectiveFrom(), entry.book());
  }

  private void require(boolean condition, String problem, @Nullable Object... values) {
    if (!condition) {
      problems.add(problem.formatted(values));
    }
  }

  private void checkEntry(String where, PriceEntry entry) {
    require(!entry.prices().isEmpty(), "%s has no price of any class", where);
    checkSchedules(where, entry.prices());
    long reached = 0;
    for (PriceEntry.ContextTier tier : entry.contextTiers()) {
      String ofTier = where + ", above " + tier.above();
      require(
          tier.above() > reached,
          "%s: a context tier must begin above the one before, which begins at %d tokens",
          ofTier,
          reached);
      reached = Math.max(reached, tier.above());
      require(
          tier.prices().keySet().equals(entry.prices().keySet()),
          "%s must have a price for the same classes as the entry: it prices all of a request",
          ofTier);
      checkSchedules(ofTier, tier.prices());
    }
  }

  private void checkSchedules(String where, Map<TokenClass, PriceSchedule> prices) {
    prices.forEach(
        (tokenClass, schedule) ->
            checkSchedule("%s for %s".formatted(where, tokenClass.code()), tokenClass, schedule));
  }

  private void checkSchedule(String where, TokenClass tokenClass, PriceSchedule schedule) {
    require(
        tokenClass != TokenClass.REQUEST || schedule instanceof PriceSchedule.Flat,
        "%s must be the same for every request",
        where);
    if (schedule instanceof PriceSchedule.Graduated graduated) {
      checkTiers(where, graduated.tiers());
    } else if (schedule instanceof PriceSchedule.Volume volume) {
      checkTiers(where, volume.tiers());
    } else if (schedule instanceof PriceSchedule.Package ofPackage) {
      require(ofPackage.size() > 0, "%s: a package must have 1 token or more", where);
    } else if (schedule instanceof PriceSchedule.Allowance allowance) {
      require(allowance.free() > 0, "%s: an allowance must have 1 token or more", where);
      checkSchedule(where, tokenClass, allowance.rest());
      return;
    }
    checkDigits(where, schedule);
  }

  private void checkTiers(String where, List<PriceSchedule.Tier> tiers) {
    require(!tiers.isEmpty(), "%s has no tiers", where);
    long start = 0;
    for (int i = 0; i < tiers.size(); i++) {
      boolean last = i == tiers.size() - 1;
      Long end = tiers.get(i).upTo();
      if (last) {
        require(end == null, "%s: the last tier must have no upTo", where);
      } else {
        require(
            end != null && end > start,
            "%s: tier %d must end above %d tokens",
            where,
            i + 1,
            start);
        start = end == null ? start : end;
      }
    }
  }

  private void checkDigits(String where, PriceSchedule schedule) {
    int scale = AdjustedPrices.scale(schedule);
    schedule.map(
        price -> {
          require(price.signum() >= 0, "%s must not be negative", where);
          require(
              price.scale() <= scale,
              "%s must have at most %d digits after the point, so that every cost is exact",
              where,
              scale);
          require(
              price.compareTo(HIGHEST) <= 0,
              "%s must be at most %s, so that every cost fits",
              where,
              HIGHEST.toPlainString());
          return price;
        });
  }
}
