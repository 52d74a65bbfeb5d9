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
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The windows that usage was added to lately: those of each key, and those of all keys of an
 * account together. A window that rests is closed; usage that comes later opens a new segment of
 * it.
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

  /** Some hundred at most: there are no more zones. */
  private final Map<ZoneId, Starts> starts = new HashMap<>();

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

  /**
   * @param key null for all
   */
  private record SeriesName(String account, @Nullable String key, String model, String currency) {
    static SeriesName of(UsageEvent event) {
      return new SeriesName(
          event.account(), event.usage().key(), event.usage().model(), event.currency());
    }

    SeriesName ofAllKeys() {
      return new SeriesName(account, null, model, currency);
    }

    /** Compared for every line; what a record makes itself goes through method handles. */
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof SeriesName that
          && account.equals(that.account)
          && Objects.equals(key, that.key)
          && model.equals(that.model)
          && currency.equals(that.currency);
    }

    @Override
    public int hashCode() {
      int hash = account.hashCode();
      hash = 31 * hash + Objects.hashCode(key);
      hash = 31 * hash + model.hashCode();
      hash = 31 * hash + currency.hashCode();
      return hash;
    }
  }

  private record Place(Granularity granularity, Instant start) {
    /** Compared for every line; what a record makes itself goes through method handles. */
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Place that
          && granularity == that.granularity
          && start.equals(that.start);
    }

    @Override
    public int hashCode() {
      return 31 * granularity.hashCode() + start.hashCode();
    }
  }

  /** Where the windows of a zone begin that usage was in last: most usage is in the same ones. */
  private static final class Starts {
    private final ZoneId zone;
    private final Instant[] start = new Instant[GRANULARITIES.length];
    private final Instant[] end = new Instant[GRANULARITIES.length];

    Starts(ZoneId zone) {
      this.zone = zone;
      Arrays.fill(start, Instant.MAX);
      Arrays.fill(end, Instant.MIN);
    }

    Instant of(Granularity granularity, Instant instant) {
      int index = granularity.ordinal();
      if (instant.isBefore(start[index]) || !instant.isBefore(end[index])) {
        start[index] = granularity.startOf(instant, zone);
        end[index] = granularity.endOf(instant, zone);
      }
      return start[index];
    }
  }

  private static final class Open {
    /** As it was published last; null if it never was. */
    private @Nullable UsageWindow published;

    /** What came since; null if nothing did. */
    private @Nullable UsageWindow added;

    private long touchedAt;

    UsageWindow take() {
      UsageWindow window = Windows.together(published, Objects.requireNonNull(added));
      published = window;
      added = null;
      return window;
    }
  }

  /** The windows of one account and model, and of one key or of all. */
  private static final class Series {
    private final SeriesName name;

    /** The one that rests for longest comes first. */
    private final Map<Place, Open> windows = new LinkedHashMap<>(16, 0.75f, true);

    private final List<Open> changed = new ArrayList<>(GRANULARITIES.length);
    private long touchedAt;

    /** Series that have something for this one, if it is of all keys. */
    private int awaited;

    Series(SeriesName name) {
      this.name = name;
    }

    UsageWindows takeChanged(List<UsageWindows.Part> ofAllKeys) {
      return new UsageWindows(
          name.account,
          Objects.requireNonNull(name.key),
          name.model,
          name.currency,
          takeChanged(),
          ofAllKeys);
    }

    List<UsageWindows.Part> takeChanged() {
      List<UsageWindows.Part> parts = new ArrayList<>(changed.size());
      for (Open open : changed) {
        parts.add(UsageWindows.Part.of(open.take()));
      }
      changed.clear();
      return parts;
    }
  }

  /**
   * @param zone decides which day and month the event completed in
   */
  void add(UsageEvent event, ZoneId zone) {
    long now = clock.getAsLong();
    Series one = touched(SeriesName.of(event), now);
    if (one.changed.isEmpty()) {
      changed.add(one);
    }
    Starts inZone = starts.computeIfAbsent(zone, Starts::new);
    for (Granularity granularity : GRANULARITIES) {
      Instant start = inZone.of(granularity, event.usage().completion());
      Open window = touched(one, new Place(granularity, start), now);
      if (window.added == null) {
        one.changed.add(window);
        changedWindows++;
      }
      window.added = Windows.after(window.added, event, granularity, start);
    }
  }

  private Series touched(SeriesName name, long now) {
    Series one = series.computeIfAbsent(name, Series::new);
    one.touchedAt = now;
    return one;
  }

  private Open touched(Series one, Place place, long now) {
    Open window = one.windows.get(place);
    if (window == null || (window.added == null && hasRested(window.touchedAt, now))) {
      open += window == null ? 1 : 0;
      window = new Open();
      one.windows.put(place, window);
    }
    window.touchedAt = now;
    return window;
  }

  private boolean hasRested(long touchedAt, long now) {
    return touchedAt < now - retention.toMillis();
  }

  /** Whether so many wait to be published that it should happen before the commit. */
  boolean isFull() {
    return changedWindows >= MOST_OPEN;
  }

  /**
   * Publishes the windows that changed and closes those that rest. Those of all keys go with the
   * last of the keys that changed them.
   */
  void drain(Consumer<UsageWindows> publish) {
    long now = clock.getAsLong();
    for (Series one : changed) {
      touched(one.name.ofAllKeys(), now).awaited++;
    }
    for (Series one : changed) {
      Series all = touched(one.name.ofAllKeys(), now);
      addTo(all, one, now);
      all.awaited--;
      List<UsageWindows.Part> ofAll = all.awaited == 0 ? all.takeChanged() : List.of();
      publish.accept(one.takeChanged(ofAll));
      closeRested(one, now);
      closeRested(all, now);
    }
    changed.clear();
    changedWindows = 0;
    closeRested(now);
  }

  private void addTo(Series all, Series one, long now) {
    for (Open ofKey : one.changed) {
      UsageWindow added = Objects.requireNonNull(ofKey.added);
      Open window = touched(all, new Place(added.granularity(), added.start()), now);
      if (window.added == null) {
        all.changed.add(window);
      }
      window.added = Windows.together(window.added, Windows.ofAllKeys(added));
    }
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
