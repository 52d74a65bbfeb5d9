package dev.taximeter.api.web;

import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one answer holds of a list.
 *
 * @param items in the list's order
 * @param next cursor of the next page; null on the last
 */
public record Page<T>(List<T> items, @Nullable String next) {
  public Page {
    items = List.copyOf(items);
  }

  /**
   * Cuts a page.
   *
   * @param found the page's items, and one more if the list goes on
   * @param size of a full page
   * @param cursor of an item; what follows it is the next page
   */
  public static <T> Page<T> of(List<T> found, int size, Function<? super T, String> cursor) {
    return found.size() <= size
        ? new Page<>(found, null)
        : new Page<>(found.subList(0, size), cursor.apply(found.get(size - 1)));
  }

  /**
   * Cuts a page out of a list that is in memory, in the order of a text that is unique.
   *
   * @param all in any order
   * @param place of an item in the order
   * @param descending whether the order is turned round
   * @param cursor the parameter; null for the first page
   */
  public static <T> Page<T> of(
      Stream<T> all,
      Function<? super T, String> place,
      boolean descending,
      int size,
      @Nullable String cursor) {
    String after = Cursors.decoded(cursor);
    Comparator<T> ascending = Comparator.comparing(place);
    List<T> found =
        all.filter(
                item -> {
                  int order = after == null ? 1 : place.apply(item).compareTo(after);
                  return after == null || (descending ? order < 0 : order > 0);
                })
            .sorted(descending ? ascending.reversed() : ascending)
            .limit(size + 1L)
            .toList();
    return of(found, size, item -> Cursors.encoded(place.apply(item)));
  }

  /** The same for a list that takes what every list takes. */
  public static <T> Page<T> of(Stream<T> all, Function<? super T, String> place, Listing listing) {
    return of(all, place, listing.descending(), listing.size(), listing.cursor());
  }

  /** The items, as they are shown. */
  public <R> List<R> shown(Function<? super T, R> view) {
    return items.stream().<R>map(view).toList();
  }
}
