package dev.taximeter.api.limits;

import java.util.HashMap;
import java.util.Map;

/** A limit on the requests of one asker that are worked on at the same time. Thread-safe. */
public final class AtOnce {
  private final int most;

  /** By asker; nobody who has none. Guarded by itself. */
  private final Map<String, Integer> running = new HashMap<>();

  /**
   * @param most of one asker, above 0
   */
  public AtOnce(int most) {
    this.most = most;
  }

  /** {@return whether one more may begin; if so, it must {@link #end}} */
  public boolean begin(String asker) {
    synchronized (running) {
      int now = running.getOrDefault(asker, 0);
      if (now >= most) {
        return false;
      }
      running.put(asker, now + 1);
      return true;
    }
  }

  /** One that began has ended. */
  public void end(String asker) {
    synchronized (running) {
      running.computeIfPresent(asker, (same, now) -> now > 1 ? now - 1 : null);
    }
  }
}
