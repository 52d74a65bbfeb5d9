package dev.taximeter.contract.catalog;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the money of an account depends on: its plans, their price books, and the cost books.
 *
 * @param plans ids, the first plan first
 * @param books ids
 */
public record TermsSources(Set<String> plans, Set<String> books) {
  /**
   * @param plans finds a plan by id; one that is not there is left out
   * @param all every book of the catalogue
   */
  public static TermsSources of(
      Account account, Function<String, @Nullable Plan> plans, Collection<PriceBook> all) {
    Set<String> planIds = new LinkedHashSet<>(List.of(account.plan()));
    account.details().planChanges().forEach(change -> planIds.add(change.plan()));
    List<Plan> found =
        planIds.stream()
            .map(plans)
            .flatMap(plan -> plan == null ? Stream.empty() : plan.versions().stream())
            .toList();
    Set<String> bookIds = new LinkedHashSet<>();
    found.forEach(plan -> bookIds.add(plan.priceBook()));
    String ofAccount = account.details().costBook();
    if (ofAccount != null) {
      bookIds.add(ofAccount);
    } else {
      found.stream().map(Plan::costBook).filter(Objects::nonNull).forEach(bookIds::add);
      if (found.stream().anyMatch(plan -> plan.costBook() == null)) {
        all.stream()
            .filter(book -> book.purpose() == PriceBook.Purpose.COMMON_COST)
            .forEach(book -> bookIds.add(book.id()));
      }
    }
    return new TermsSources(planIds, bookIds);
  }
}
