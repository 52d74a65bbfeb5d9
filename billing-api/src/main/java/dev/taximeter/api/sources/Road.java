package dev.taximeter.api.sources;

/** What lines go through between their shipper and their accounts' states. */
public interface Road {
  /**
   * Waits until all lines that had been shipped when this was called have reached the writers of
   * their accounts.
   *
   * @return false if that cannot be found out at present
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  boolean awaitPassed() throws InterruptedException;
}
