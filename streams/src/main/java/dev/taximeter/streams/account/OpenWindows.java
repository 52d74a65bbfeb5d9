package dev.taximeter.streams.account;

import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageWindow;
import dev.taximeter.contract.event.UsageWindow.Granularity;
import dev.taximeter.contract.event.UsageWindows;
import dev.taximeter.streams.account.policy.Windows;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
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

  private static final Granularity[] GRANULARITIES = Granularity.values();

  /** The one that rests for longest comes first. */
  private final Map<SeriesName, Series> series = new LinkedHashMap<>(16, 0.75f, true);

  private final List<Series> changed = new ArrayList<>();
  private final Duration retention;
  private final LongSupplier clock;
  private int open;
  private int changedWindows;

  /**
   * @param retention how long a window stays open after the last usage in it
   * @param clock Unix milliseconds
   */
  OpenWindows(Duration retention, LongSupplier clock) {
    this.retention = retention;
    this.clock = clock;
  }

  private record SeriesName(String account, String key, String model, String currency) {
    static SeriesName of(UsageEvent event) {
      return new SeriesName(
          event.account(), event.usage().key(), event.usage().model(), event.currency());
    }
  }

  private record Place(Granularity granularity, Instant start) {}

  private static final class Open {
    private UsageWindow window;
    private long touchedAt;
    private boolean changed;

    Open(UsageWindow window) {
      this.window = window;
    }
  }

  /** The windows of one account, key and model. */
  private static final class Series {
    private final SeriesName name;

    /** The one that rests for longest comes first. */
    private final Map<Place, Open> windows = new LinkedHashMap<>(16, 0.75f, true);

    private final List<Open> changed = new ArrayList<>(GRANULARITIES.length);
    private long touchedAt;

    Series(SeriesName name) {
      this.name = name;
    }

    UsageWindows takeChanged() {
      List<UsageWindows.Part> parts = new ArrayList<>(changed.size());
      for (Open open : changed) {
        UsageWindow window = open.window;
        parts.add(
            new UsageWindows.Part(
                window.granularity(),
                window.start(),
                window.segment(),
                window.sequence(),
                window.requests(),
                window.tokens(),
                window.cost()));
        open.changed = false;
      }
      changed.clear();
      return new UsageWindows(name.account, name.key, name.model, name.currency, parts);
    }
  }

  /**
   * @param zone decides which day and month the event completed in
   */
  void add(UsageEvent event, ZoneId zone) {
    long now = clock.getAsLong();
    Series one = series.computeIfAbsent(SeriesName.of(event), Series::new);
    one.touchedAt = now;
    if (one.changed.isEmpty()) {
      changed.add(one);
    }
    for (Granularity granularity : GRANULARITIES) {
      add(one, event, granularity, granularity.startOf(event.usage().completion(), zone), now);
    }
  }

  private void add(Series one, UsageEvent event, Granularity granularity, Instant start, long now) {
    Place place = new Place(granularity, start);
    Open window = one.windows.get(place);
    if (window == null || (!window.changed && hasRested(window.touchedAt, now))) {
      open += window == null ? 1 : 0;
      window = new Open(Windows.after(null, event, granularity, start));
      one.windows.put(place, window);
    } else {
      window.window = Windows.after(window.window, event, granularity, start);
    }
    window.touchedAt = now;
    if (!window.changed) {
      window.changed = true;
      one.changed.add(window);
      changedWindows++;
    }
  }

  private boolean hasRested(long touchedAt, long now) {
    return touchedAt < now - retention.toMillis();
  }

  /** Whether so many wait to be published that it should happen before the commit. */
  boolean isFull() {
    return changedWindows >= MOST_OPEN;
  }

  /** Publishes the windows that changed and closes those that rest. */
  void drain(Consumer<UsageWindows> publish) {
    long now = clock.getAsLong();
    for (Series one : changed) {
      publish.accept(one.takeChanged());
      closeRested(one, now);
    }
    changed.clear();
    changedWindows = 0;
    closeRested(now);
  }

  private void closeRested(Series one, long now) {
    Iterator<Open> eldest = one.windows.values().iterator();
    while (eldest.hasNext() && hasRested(eldest.next().touchedAt, now)) {
      eldest.remove();
      open--;
    }
  }

  private void closeRested(long now) {
    Iterator<Series> eldest = series.values().iterator();
    while (eldest.hasNext()) {
      Series one = eldest.next();
      if (!hasRested(one.touchedAt, now) && open <= MOST_OPEN) {
        return;
      }
      open -= one.windows.size();
      eldest.remove();
    }
  }
}
