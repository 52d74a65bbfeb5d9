package dev.taximeter.standalone.supervisor;

/** Asks a process whether it serves. */
interface Probe extends AutoCloseable {
  /** Returns within seconds; false as long as it does not serve. */
  boolean isHealthy() throws InterruptedException;

  @Override
  default void close() {}
}
