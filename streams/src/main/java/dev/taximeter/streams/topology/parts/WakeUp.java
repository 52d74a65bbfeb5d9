package dev.taximeter.streams.topology.parts;

import java.time.Duration;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.jspecify.annotations.Nullable;

/**
 * Runs work once, some milliseconds after it was asked for, and commits it with all that led to it.
 * A standing punctuation would commit a transaction at every tick, also when there is nothing to
 * do; this one sleeps until there is.
 *
 * <p>A transaction costs the broker the same whether it holds one line or ten thousand, so the pace
 * follows the load by itself: fresh lines leave after {@link #SHORTEST}, and whoever is behind
 * waits half as long again as its lines have waited already, up to {@link #LONGEST}. Wake-ups
 * happen at common instants, so that tasks of one thread share a transaction.
 */
public final class WakeUp {
  /** How long fresh results wait for others at most. */
  public static final Duration SHORTEST = Duration.ofMillis(50);

  /** How long results wait at most, however far behind they are: 16 times the shortest. */
  static final Duration LONGEST = Duration.ofMillis(800);

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

  /** As soon as transactions happen for results that are fresh. */
  public void soon() {
    at(SHORTEST);
  }

  /**
   * As soon as it pays.
   *
   * @param arrival of what was processed, Unix milliseconds
   */
  public void after(long arrival) {
    if (scheduled == null) {
      at(pace(context.currentSystemTimeMs() - arrival));
    }
  }

  /** The largest of the paces that is at most half the age. */
  static Duration pace(long ageMillis) {
    long pace = SHORTEST.toMillis();
    while (pace * 4 <= ageMillis && pace < LONGEST.toMillis()) {
      pace *= 2;
    }
    return Duration.ofMillis(pace);
  }

  /** At the next instant that is a multiple of the pace. */
  private void at(Duration pace) {
    long millis = pace.toMillis();
    in(Duration.ofMillis(millis - Math.floorMod(context.currentSystemTimeMs(), millis)));
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
      context.commit();
    } catch (RuntimeException defect) {
      // What is pending must not wait for the next cause to wake up.
      in(AFTER_DEFECT);
      throw defect;
    }
  }
}
