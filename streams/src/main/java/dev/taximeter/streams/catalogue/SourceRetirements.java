package dev.taximeter.streams.catalogue;

import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.streams.topology.parts.Outgoing;
import dev.taximeter.streams.topology.parts.Outlets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Passes retirements on to the writer of sources, who knows them and answers the command. */
final class SourceRetirements {
  private SourceRetirements() {}

  /**
   * @param at when the command was made
   * @return null if the command retires nothing, or was refused
   */
  static @Nullable Outgoing of(Command command, CommandResult result, Instant at) {
    if (result.accepted()) {
      for (Order order : command.orders()) {
        if (order instanceof Order.RetireSource retire) {
          return of(retire, command.id(), result.catalogVersion(), at);
        }
      }
    }
    return null;
  }

  private static Outgoing of(
      Order.RetireSource retire, String commandId, long catalogVersion, Instant at) {
    LineSource source = retire.source();
    return Outlets.RETIREMENTS.encode(
        source.host() + '\t' + source.path(),
        new SourceInput.Retirement(source, commandId, catalogVersion, at));
  }
}
