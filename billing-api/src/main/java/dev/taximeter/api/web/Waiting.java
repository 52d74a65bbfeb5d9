package dev.taximeter.api.web;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what a live view will show in a moment. */
public final class Waiting {
  private static final long LOOK_AGAIN_MILLIS = 10;

  private Waiting() {}

  /** Returns when the condition holds, when patience ends, or when the thread is interrupted. */
  public static void until(BooleanSupplier condition, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
        Thread.sleep(LOOK_AGAIN_MILLIS);
      }
    } catch (InterruptedException e) {
      // Whoever waits tells what it sees by now.
      Thread.currentThread().interrupt();
    }
  }
}
