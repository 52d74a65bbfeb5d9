package dev.taximeter.contract.event;

import dev.taximeter.contract.catalog.Catalog;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a person asks for. Changes of the catalogue are decided by its one writer; orders are
 * checked there and passed on to the single writer concerned. Asking twice with the same id changes
 * nothing.
 *
 * @param id chosen by the sender, unique
 * @param author who asked
 * @param reason why; may be empty
 * @param at when it was asked
 * @param upsert what to create or replace; what it does not name stays as it is
 * @param orders what others than the catalogue's writer are to do; often empty
 * @param expected catalogue versions that resources must have been changed in last, by record id
 *     such as {@code account/acme}; 0 for one that must not be there. The command is refused
 *     otherwise
 */
public record Command(
    String id,
    String author,
    String reason,
    Instant at,
    Catalog upsert,
    List<Order> orders,
    Map<String, Long> expected) {
  public Command {
    // Absent in commands from before anything could be expected.
    expected = expected == null ? Map.of() : Map.copyOf(expected);
    // Absent in commands from before there were orders.
    orders = orders == null ? List.of() : List.copyOf(orders);
  }

  /** A command that takes resources as it finds them. */
  public Command(
      String id, String author, String reason, Instant at, Catalog upsert, List<Order> orders) {
    this(id, author, reason, at, upsert, orders, Map.of());
  }
}
