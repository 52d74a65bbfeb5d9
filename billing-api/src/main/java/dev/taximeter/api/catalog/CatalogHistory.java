package dev.taximeter.api.catalog;

import java.time.Instant;
import java.util.List;

/** Every version of every catalogue resource. */
public interface CatalogHistory {
  /**
   * Finds the versions of a resource, newest first.
   *
   * @param recordId such as {@code account/acme}
   * @param before only versions below
   * @param most versions at most
   */
  List<Revision> of(String recordId, long before, int most);

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
