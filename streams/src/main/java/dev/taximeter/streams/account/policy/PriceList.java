package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.catalog.PriceEntry;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
          .thenComparing(PriceEntry::model);

  /** Models whose entries are remembered. Clients choose the names; beyond, all is forgotten. */
  private static final int MOST_MODELS = 1_000;

  private final List<PriceEntry> bestFirst;
  private final Map<String, List<PriceEntry>> bestFirstByModel = new HashMap<>();

  public PriceList(List<PriceEntry> entries) {
    this.bestFirst = entries.stream().sorted(BEST_FIRST).toList();
  }

  /**
   * @return of the entries effective at the instant and matching the model, the one that matches
   *     best (an exact name, else the longest literal prefix), and of these the latest; null if
   *     there is none
   */
  public @Nullable PriceEntry entryFor(String model, Instant completion) {
    for (PriceEntry entry : matching(model)) {
      if (!entry.effectiveFrom().isAfter(completion)) {
        return entry;
      }
    }
    return null;
  }

  private List<PriceEntry> matching(String model) {
    List<PriceEntry> known = bestFirstByModel.get(model);
    if (known != null) {
      return known;
    }
    if (bestFirstByModel.size() >= MOST_MODELS) {
      bestFirstByModel.clear();
    }
    List<PriceEntry> found =
        bestFirst.stream().filter(entry -> new ModelPattern(entry.model()).matches(model)).toList();
    bestFirstByModel.put(model, found);
    return found;
  }
}
