package dev.taximeter.api.webhooks;

import dev.taximeter.api.webhooks.Deliveries.Held;
import dev.taximeter.contract.event.Delivery;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What is to be written together, on top of what has been written: so that two decisions about one
 * delivery follow each other. Used by one thread.
 */
public final class Draft {
  private final Deliveries deliveries;
  private final IntPredicate owned;
  private final Map<String, Held> changed = new LinkedHashMap<>();

  /**
   * @param owned partitions whose deliveries may be changed
   */
  public Draft(Deliveries deliveries, IntPredicate owned) {
    this.deliveries = deliveries;
    this.owned = owned;
  }

  /** {@return what has changed, each delivery once} */
  public List<Held> changed() {
    return new ArrayList<>(changed.values());
  }

  boolean isChanged(Delivery delivery) {
    return changed.containsKey(delivery.recordKey());
  }

  boolean isOwned(int partition) {
    return owned.test(partition);
  }

  @Nullable Held find(String recipient, String id) {
    Held drafted = changed.get(recipient + '\t' + id);
    return drafted == null ? deliveries.find(recipient, id) : drafted;
  }

  /** How many of a recipient wait here. */
  int pending(String recipient) {
    return deliveries.pending(recipient, owned);
  }

  void put(Delivery delivery, int partition) {
    changed.put(delivery.recordKey(), new Held(delivery, partition));
  }
}
