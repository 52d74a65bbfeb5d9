package dev.taximeter.streams.account.policy;

import dev.taximeter.contract.catalog.PriceEntry;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the price entry of a model at an instant. */
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

  private final List<PriceEntry> bestFirst;

  public PriceList(List<PriceEntry> entries) {
    this.bestFirst = entries.stream().sorted(BEST_FIRST).toList();
  }

  /**
   * @return of the entries effective at the instant and matching the model, the one that matches
   *     best (an exact name, else the longest literal prefix), and of these the latest; null if
   *     there is none
   */
  public @Nullable PriceEntry entryFor(String model, Instant completion) {
    for (PriceEntry entry : bestFirst) {
      if (!entry.effectiveFrom().isAfter(completion)
          && new ModelPattern(entry.model()).matches(model)) {
        return entry;
      }
    }
    return null;
  }
}
