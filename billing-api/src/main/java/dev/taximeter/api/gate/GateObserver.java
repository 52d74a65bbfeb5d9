package dev.taximeter.api.gate;

import java.time.Duration;

/** Hears of every request to the gate's port. Thread-safe, and quick: a gateway waits for it. */
public interface GateObserver {
  /**
   * What became of it.
   *
   * @param took until the answer was there, without the server's own work
   */
  void answered(GateOutcome outcome, Duration took);
}
