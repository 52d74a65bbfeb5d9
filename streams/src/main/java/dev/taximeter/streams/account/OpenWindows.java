package dev.taximeter.streams.account;

import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageWindow;
import dev.taximeter.contract.event.UsageWindow.Granularity;
import dev.taximeter.streams.account.policy.Windows;
import dev.taximeter.streams.topology.parts.PendingEmissions;
import dev.taximeter.streams.topology.parts.StoreKeys;
import dev.taximeter.streams.topology.parts.Sweep;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The windows that usage was added to lately. A window that rests is closed; usage that comes later
 * opens a new segment of it.
 */
final class OpenWindows {
  /** 1,000 windows per second and partition, in steps of {@link #SWEEP_INTERVAL}. */
  private static final int SWEEP_ENTRIES = 10_000;

  static final Duration SWEEP_INTERVAL = Duration.ofSeconds(10);

  private final KeyValueStore<String, OpenWindow> windows;
  private final PendingEmissions pending;
  private final LongSupplier clock;
  private final Sweep<String, OpenWindow> sweep;

  /**
   * @param retention how long a window stays open after the last usage in it
   * @param clock Unix milliseconds
   */
  OpenWindows(
      KeyValueStore<String, OpenWindow> windows,
      PendingEmissions pending,
      Duration retention,
      LongSupplier clock) {
    this.windows = windows;
    this.pending = pending;
    this.clock = clock;
    this.sweep =
        new Sweep<>(
            windows,
            SWEEP_ENTRIES,
            (key, open) ->
                open.touchedAt() < clock.getAsLong() - retention.toMillis()
                    && !pending.contains(key));
  }

  /**
   * @param touchedAt when usage was last added, by the clock on the wall; Unix milliseconds
   */
  record OpenWindow(UsageWindow window, long touchedAt) {}

  void add(UsageEvent event) {
    for (Granularity granularity : Granularity.values()) {
      String key =
          StoreKeys.of(
              event.account(),
              event.usage().key(),
              event.usage().model(),
              granularity.name(),
              Long.toString(granularity.startOf(event.usage().completion()).toEpochMilli()));
      OpenWindow open = windows.get(key);
      UsageWindow after = Windows.after(open == null ? null : open.window(), event, granularity);
      windows.put(key, new OpenWindow(after, clock.getAsLong()));
      pending.mark(key);
    }
  }

  /**
   * Publishes the windows that changed.
   *
   * @return how many
   */
  int drain(Consumer<UsageWindow> publish) {
    return pending.drain(
        key -> {
          OpenWindow open = windows.get(key);
          if (open != null) {
            publish.accept(open.window());
          }
          return 1;
        });
  }

  void closeRested() {
    sweep.step();
  }
}
