package dev.taximeter.api.catalog;

import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.CommandResult;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** The way to the catalogue's one writer. */
public interface CommandGateway {
  /**
   * Sends a command and waits for the writer's decision.
   *
   * @throws TimeoutException if there is none in time; it may still come
   * @throws InterruptedException if this process ends
   */
  CommandResult decide(Command command, Duration patience)
      throws TimeoutException, InterruptedException;
}
