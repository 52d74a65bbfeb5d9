package dev.taximeter.api.web;

import java.util.List;
import java.util.function.Function;
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

  /** The items, as they are shown. */
  public <R> List<R> shown(Function<? super T, R> view) {
    return items.stream().<R>map(view).toList();
  }
}
