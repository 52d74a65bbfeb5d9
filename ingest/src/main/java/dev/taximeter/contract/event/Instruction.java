package dev.taximeter.contract.event;

import dev.taximeter.contract.catalog.ApiKey;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An order that the catalogue's writer has checked, on its way to the single writer that carries it
 * out and answers its command. The same command id may come again; it changes nothing then.
 *
 * @param commandId the command's
 * @param author who asked
 * @param reason why; may be empty
 * @param at when the catalogue's writer passed it on
 * @param catalogVersion the catalogue's version after the command
 * @param changed ids of the catalogue's records that the command changed
 * @param order what to do
 * @param key the key of the catalogue that the usage counts under; null if the order names none
 */
public record Instruction(
    String commandId,
    String author,
    String reason,
    Instant at,
    long catalogVersion,
    List<String> changed,
    Order order,
    @Nullable ApiKey key) {
  public Instruction {
    changed = List.copyOf(changed);
  }
}
