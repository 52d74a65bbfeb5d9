package dev.taximeter.api.catalog;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every version of every catalogue resource. */
public interface CatalogHistory {
  /**
   * Finds versions of a resource.
   *
   * @param recordId such as {@code account/acme}
   * @param descending newest first; else oldest first
   * @param after only versions behind this one in the order; null for the first page
   * @param most versions at most
   */
  List<Revision> of(String recordId, boolean descending, @Nullable Long after, int most);

  /**
   * One version of a resource.
   *
   * @param id such as {@code account/acme}
   * @param version catalogue version that brought it
   * @param at when it took effect
   * @param resource as JSON
   */
  record Revision(
      String id,
      long version,
      Instant at,
      String author,
      String reason,
      String commandId,
      String resource) {}
}
