package dev.taximeter.streams.sources;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.taximeter.contract.event.SourceInput.Heartbeat;
import dev.taximeter.contract.event.SourceInput.Shipped;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Shipments of one source that have an end and have not come to it. What a shipment has read is
 * reported at once, its end comes behind its lines: while intake lags, the end of an earlier
 * shipment arrives after the reports of a later one, whose lines still wait. Pure.
 *
 * @param shipments by name
 * @param endedAt when the last end was sent that has come through every partition, by the shipper's
 *     clock; null if none has
 */
record Outstanding(Map<String, Shipment> shipments, @Nullable Instant endedAt) {
  static final Outstanding NONE = new Outstanding(Map.of(), null);

  /**
   * Shipments of one path that are known at once. What the one that reported longest ago has
   * shipped lies before the ends of all others, so that it can be forgotten.
   */
  static final int MOST = 100;

  Outstanding {
    shipments = Map.copyOf(shipments);
  }

  /**
   * @param last when it last reported something, by the shipper's clock
   * @param heard when that came here
   * @param ended partitions of the raw topic through which its end has come
   */
  record Shipment(Instant last, Instant heard, Set<Integer> ended) {
    Shipment {
      ended = Set.copyOf(ended);
    }
  }

  @JsonIgnore
  boolean isEmpty() {
    return shipments.isEmpty();
  }

  Outstanding with(Shipped range, Instant now) {
    String name = range.shipment();
    if (name == null) {
      return this;
    }
    Map<String, Shipment> changed = new HashMap<>(shipments);
    changed.put(name, new Shipment(range.at(), now, Set.of()));
    if (changed.size() > MOST) {
      changed.entrySet().stream()
          .min(Map.Entry.comparingByValue(Comparator.comparing(Shipment::last)))
          .ifPresent(oldest -> changed.remove(oldest.getKey()));
    }
    return new Outstanding(changed, endedAt);
  }

  Outstanding with(Heartbeat end) {
    String name = end.shipment();
    Shipment known = name == null ? null : shipments.get(name);
    if (name == null || known == null) {
      return this;
    }
    Set<Integer> ended = new HashSet<>(known.ended());
    ended.add(end.partition());
    Map<String, Shipment> changed = new HashMap<>(shipments);
    if (ended.size() < end.partitions()) {
      changed.put(name, new Shipment(known.last(), known.heard(), ended));
      return new Outstanding(changed, endedAt);
    }
    changed.remove(name);
    boolean later = endedAt == null || end.at().isAfter(endedAt);
    return new Outstanding(changed, later ? end.at() : endedAt);
  }

  /**
   * Whether lines of a shipment may still wait. One that broke off never ends: once it has been
   * silent, what it had shipped lies before the end of another that was sent later.
   */
  boolean isAnyUnderWay(Instant now) {
    return shipments.values().stream().anyMatch(one -> !isCovered(one, now));
  }

  private boolean isCovered(Shipment one, Instant now) {
    boolean silent = one.heard().plus(SourceStates.SILENCE).isBefore(now);
    return silent && endedAt != null && one.last().isBefore(endedAt);
  }
}
