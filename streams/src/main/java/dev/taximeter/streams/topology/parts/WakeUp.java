package dev.taximeter.streams.topology.parts;

import java.time.Duration;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.jspecify.annotations.Nullable;

/**
 * Runs work once, some milliseconds after it was asked for. A standing punctuation would commit a
 * transaction at every tick, also when there is nothing to do; this one sleeps until there is.
 */
public final class WakeUp {
  private static final Duration AFTER_DEFECT = Duration.ofSeconds(1);

  private final ProcessorContext<?, ?> context;
  private final Runnable work;
  private @Nullable Cancellable scheduled;

  /**
   * @param work may ask for the next wake-up
   */
  public WakeUp(ProcessorContext<?, ?> context, Runnable work) {
    this.context = context;
    this.work = work;
  }

  /** Has no effect while a wake-up is due. */
  public void in(Duration delay) {
    if (scheduled == null) {
      scheduled = context.schedule(delay, PunctuationType.WALL_CLOCK_TIME, now -> run());
    }
  }

  private void run() {
    if (scheduled != null) {
      scheduled.cancel();
      scheduled = null;
    }
    try {
      work.run();
    } catch (RuntimeException defect) {
      // What is pending must not wait for the next cause to wake up.
      in(AFTER_DEFECT);
      throw defect;
    }
  }
}
