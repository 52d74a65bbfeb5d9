package dev.taximeter.contract.catalog.community;

import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.PriceEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What imported prices would change in a book. Prices that are in force already make no entry, so
 * that importing the same file again changes nothing; what the file does not name stays.
 *
 * @param added models that the book has no price of by this name
 * @param changed models whose price would be another from the import's instant on
 * @param unchanged models whose price is the same
 * @param after the book as it would be
 */
public record BookDifference(
    List<PriceEntry> added, List<Change> changed, int unchanged, PriceBook after) {
  public BookDifference {
    added = List.copyOf(added);
    changed = List.copyOf(changed);
  }

  /** A price that would be another. */
  public record Change(PriceEntry before, PriceEntry after) {}

  public static BookDifference of(PriceBook book, List<PriceEntry> imported) {
    List<PriceEntry> added = new ArrayList<>();
    List<Change> changed = new ArrayList<>();
    Map<String, PriceEntry> replaced = new HashMap<>();
    int unchanged = 0;
    for (PriceEntry entry : imported) {
      PriceEntry before = inForce(book, entry.model(), entry.effectiveFrom());
      if (before == null) {
        added.add(entry);
      } else if (before.prices().equals(entry.prices())
          && before.contextTiers().equals(entry.contextTiers())) {
        unchanged++;
        continue;
      } else {
        changed.add(new Change(before, entry));
      }
      replaced.put(key(entry), entry);
    }
    List<PriceEntry> after = new ArrayList<>();
    for (PriceEntry entry : book.prices()) {
      PriceEntry next = replaced.remove(key(entry));
      after.add(next == null ? entry : next);
    }
    imported.stream().filter(entry -> replaced.containsKey(key(entry))).forEach(after::add);
    return new BookDifference(added, changed, unchanged, book.withPrices(after));
  }

  private static String key(PriceEntry entry) {
    return entry.model() + '\n' + entry.effectiveFrom();
  }

  /** The price of exactly this name; a glob that matches it, too, is another entry. */
  private static @Nullable PriceEntry inForce(PriceBook book, String model, Instant at) {
    PriceEntry latest = null;
    for (PriceEntry entry : book.prices()) {
      if (entry.model().equals(model)
          && !entry.effectiveFrom().isAfter(at)
          && (latest == null || entry.effectiveFrom().isAfter(latest.effectiveFrom()))) {
        latest = entry;
      }
    }
    return latest;
  }
}
