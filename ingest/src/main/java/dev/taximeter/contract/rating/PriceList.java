package dev.taximeter.contract.rating;

import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceEntry;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Finds the price entry of a model at an instant. Not thread-safe. */
public final class PriceList {
  /** The first that applies is the one: best match, then newest, then latest known. */
  private static final Comparator<PriceEntry> BEST_FIRST =
      Comparator.comparing((PriceEntry entry) -> !new ModelPattern(entry.model()).isExact())
          .thenComparing(
              entry -> new ModelPattern(entry.model()).literalPrefix(), Comparator.reverseOrder())
          .thenComparing(PriceEntry::effectiveFrom, Comparator.reverseOrder())
          .thenComparing(PriceEntry::knownSince, Comparator.reverseOrder())
          // Patterns of one prefix, such as a*b and a*c, are equally good; the order is fixed.
          .thenComparing(entry -> entry.model().length(), Comparator.reverseOrder())
          .thenComparing(PriceEntry::model)
          .thenComparing(PriceEntry::book);

  /** Models whose entries are remembered. Clients choose the names; beyond, all is forgotten. */
  private static final int MOST_MODELS = 1_000;

  private final List<Rates.OfEntry> bestFirst;
  private final Map<String, List<Rates.OfEntry>> bestFirstByModel = new HashMap<>();

  /** The book's own prices. */
  public PriceList(List<PriceEntry> entries) {
    this(entries, UnaryOperator.identity(), "");
  }

  /** The book's prices with the plan's discount or markup. */
  public PriceList(List<PriceEntry> entries, Plan plan) {
    this(entries, plan::adjusted, plan.priceSuffix());
  }

  private PriceList(List<PriceEntry> entries, UnaryOperator<BigDecimal> change, String suffix) {
    this.bestFirst =
        entries.stream()
            .sorted(BEST_FIRST)
            .map(entry -> Rates.OfEntry.of(entry, change, suffix))
            .toList();
  }

  /**
   * @return of the entries effective at the instant and matching the model, the one that matches
   *     best (an exact name, else the longest literal prefix), and of these the latest; null if
   *     there is none
   */
  public @Nullable PriceEntry entryFor(String model, Instant completion) {
    Rates.OfEntry best = bestFor(model, completion);
    return best == null ? null : best.entry();
  }

  /**
   * @param promptTokens input tokens, cached ones included
   * @return the prices that this entry has for a request with such a prompt; null if there is no
   *     entry
   */
  public @Nullable Rates ratesFor(String model, Instant completion, long promptTokens) {
    Rates.OfEntry best = bestFor(model, completion);
    return best == null ? null : best.ratesFor(promptTokens);
  }

  private Rates.@Nullable OfEntry bestFor(String model, Instant completion) {
    for (Rates.OfEntry candidate : matching(model)) {
      if (!candidate.entry().effectiveFrom().isAfter(completion)) {
        return candidate;
      }
    }
    return null;
  }

  private List<Rates.OfEntry> matching(String model) {
    List<Rates.OfEntry> known = bestFirstByModel.get(model);
    if (known != null) {
      return known;
    }
    if (bestFirstByModel.size() >= MOST_MODELS) {
      bestFirstByModel.clear();
    }
    List<Rates.OfEntry> found =
        bestFirst.stream()
            .filter(candidate -> new ModelPattern(candidate.entry().model()).matches(model))
            .toList();
    bestFirstByModel.put(model, found);
    return found;
  }
}
