package dev.taximeter.standalone.supervisor;

import java.util.Optional;

/** Asks a process whether it serves. */
interface Probe extends AutoCloseable {
  /** Returns within seconds; false as long as it does not serve. */
  boolean isHealthy() throws InterruptedException;

  /**
   * @return why it does not serve yet, a sentence in the process's own words; empty if it says none
   */
  default Optional<String> reason() {
    return Optional.empty();
  }

  @Override
  default void close() {}
}
