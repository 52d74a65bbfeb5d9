package dev.taximeter.api.catalog;

import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.CommandResult;

/** Is told of every command that a request causes, in the request's thread. */
public interface CommandObserver {
  /** A command is about to be sent. */
  void sending(Command command);

  /**
   * A command was decided.
   *
   * @param before the catalogue as this process saw it when the command was sent
   * @param after the catalogue as this process sees it now
   */
  void decided(CommandResult result, CatalogSnapshot before, CatalogSnapshot after);
}
