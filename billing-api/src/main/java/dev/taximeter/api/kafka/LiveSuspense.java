package dev.taximeter.api.kafka;

import dev.taximeter.api.suspense.SuspenseItems;
import dev.taximeter.contract.event.SuspenseItem;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * The latest record of each line in {@code suspense.items.v1}. When there are too many, what was
 * decided longest ago gives way first; of open lines the earliest stay, because they come first on
 * the desk.
 */
public final class LiveSuspense implements SuspenseItems, TopicView.Sink {
  /** Lines held: some 2 kB each. */
  static final int MOST_ITEMS = 20_000;

  private final Records<SuspenseItem> records = new Records<>(SuspenseItem.class);
  private final int mostItems;

  // Guarded by this.
  private final Map<String, SuspenseItem> items = new HashMap<>();
  private final TreeSet<Place> decided = new TreeSet<>();
  private final TreeSet<Place> open = new TreeSet<>();
  private boolean complete = true;

  private record Place(Instant at, String id) implements Comparable<Place> {
    private static final Comparator<Place> ORDER =
        Comparator.comparing(Place::at).thenComparing(Place::id);

    @Override
    public int compareTo(Place other) {
      return ORDER.compare(this, other);
    }
  }

  public LiveSuspense() {
    this(MOST_ITEMS);
  }

  LiveSuspense(int mostItems) {
    this.mostItems = mostItems;
  }

  @Override
  public synchronized void accept(List<ConsumerRecord<String, byte[]>> batch) {
    for (ConsumerRecord<String, byte[]> record : batch) {
      SuspenseItem item = records.read(record);
      if (item != null) {
        put(item);
      }
    }
  }

  private void put(SuspenseItem item) {
    SuspenseItem before = items.put(item.lineId(), item);
    if (before != null) {
      places(before).remove(place(before));
    }
    places(item).add(place(item));
    if (items.size() > mostItems) {
      complete = false;
      // Never the line that was decided just now: whoever decided it waits to see it here.
      Place leaving = decided.size() > 1 || open.isEmpty() ? decided.pollFirst() : open.pollLast();
      if (leaving != null) {
        items.remove(leaving.id());
      }
    }
  }

  private TreeSet<Place> places(SuspenseItem item) {
    return item.decision() == null ? open : decided;
  }

  private static Place place(SuspenseItem item) {
    SuspenseItem.Decision decision = item.decision();
    return new Place(
        decision == null ? item.suspended().usage().arrival() : decision.at(), item.lineId());
  }

  @Override
  public synchronized @Nullable SuspenseItem find(String id) {
    return items.get(id);
  }

  @Override
  public synchronized List<SuspenseItem> all() {
    return List.copyOf(items.values());
  }

  @Override
  public synchronized boolean complete() {
    return complete;
  }
}
