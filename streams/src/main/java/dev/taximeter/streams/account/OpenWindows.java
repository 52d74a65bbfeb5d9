package dev.taximeter.streams.account;

import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageWindow;
import dev.taximeter.contract.event.UsageWindow.Granularity;
import dev.taximeter.streams.account.policy.Windows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The windows that usage was added to lately. A window that rests is closed; usage that comes later
 * opens a new segment of it.
 *
 * <p>They are in memory only. That is enough because everything added is published in the
 * transaction of the usage itself: a segment that a stopped process leaves behind has been
 * published with all that was in it, and its successor opens the next one.
 */
final class OpenWindows {
  /** Windows kept open by a task; about 500 bytes each. */
  private static final int MOST_OPEN = 20_000;

  private final Map<WindowKey, Open> windows = new LinkedHashMap<>(16, 0.75f, true);
  private final List<Open> changed = new ArrayList<>();
  private final Duration retention;
  private final LongSupplier clock;

  /**
   * @param retention how long a window stays open after the last usage in it
   * @param clock Unix milliseconds
   */
  OpenWindows(Duration retention, LongSupplier clock) {
    this.retention = retention;
    this.clock = clock;
  }

  private record WindowKey(
      String account, String key, String model, Granularity granularity, long start) {}

  private static final class Open {
    private UsageWindow window;
    private long touchedAt;
    private boolean changed;

    Open(UsageWindow window, long touchedAt) {
      this.window = window;
      this.touchedAt = touchedAt;
    }
  }

  void add(UsageEvent event) {
    long now = clock.getAsLong();
    for (Granularity granularity : Granularity.values()) {
      WindowKey key =
          new WindowKey(
              event.account(),
              event.usage().key(),
              event.usage().model(),
              granularity,
              granularity.startOf(event.usage().completion()).toEpochMilli());
      Open open = windows.get(key);
      if (open == null || !open.changed && hasRested(open, now)) {
        open = new Open(Windows.after(null, event, granularity), now);
        windows.put(key, open);
      } else {
        open.window = Windows.after(open.window, event, granularity);
        open.touchedAt = now;
      }
      if (!open.changed) {
        open.changed = true;
        changed.add(open);
      }
    }
  }

  private boolean hasRested(Open open, long now) {
    return open.touchedAt < now - retention.toMillis();
  }

  /** Whether so many wait to be published that it should happen before the commit. */
  boolean isFull() {
    return changed.size() >= MOST_OPEN;
  }

  /**
   * Publishes the windows that changed and closes those that rest.
   *
   * @return how many were published
   */
  int drain(Consumer<UsageWindow> publish) {
    int published = changed.size();
    for (Open open : changed) {
      publish.accept(open.window);
      open.changed = false;
    }
    changed.clear();
    closeRested();
    return published;
  }

  /** The eldest come first. */
  private void closeRested() {
    long now = clock.getAsLong();
    Iterator<Open> eldest = windows.values().iterator();
    while (eldest.hasNext()) {
      if (!hasRested(eldest.next(), now) && windows.size() <= MOST_OPEN) {
        return;
      }
      eldest.remove();
    }
  }
}
