package dev.taximeter.streams.sources;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.taximeter.contract.event.SourceInput.Heartbeat;
import dev.taximeter.contract.event.SourceInput.Shipped;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Shipments of one source that have an end and have not come to it. What a shipment has read is
 * reported at once, its end comes behind its lines: while intake lags, the end of an earlier
 * shipment arrives after the reports of a later one, whose lines still wait. Told apart by the
 * order in which reports came here, since the clock of a shipper may be wrong. Pure.
 *
 * @param shipments by name
 * @param ended number of the last report of those whose end has come through every partition; 0 if
 *     there is none
 * @param reports how many have come
 */
record Outstanding(Map<String, Shipment> shipments, Long ended, Long reports) {
  static final Outstanding NONE = new Outstanding(Map.of(), 0L, 0L);

  /**
   * Shipments of one path that are known at once. What the one that reported longest ago has
   * shipped lies before the ends of all others, so that it can be forgotten.
   */
  static final int MOST = 100;

  Outstanding {
    shipments = Map.copyOf(shipments);
    // Null in what an earlier version stored.
    ended = Objects.requireNonNullElse(ended, 0L);
    reports = Objects.requireNonNullElse(reports, 0L);
  }

  /**
   * @param number of its last report
   * @param heard when that came here
   * @param ended partitions of the raw topic through which its end has come
   */
  record Shipment(Long number, Instant heard, Set<Integer> ended) {
    Shipment {
      number = Objects.requireNonNullElse(number, 0L);
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
    long number = reports + 1;
    Map<String, Shipment> changed = new HashMap<>(shipments);
    changed.put(name, new Shipment(number, now, Set.of()));
    if (changed.size() > MOST) {
      changed.entrySet().stream()
          .min(Map.Entry.comparingByValue(Comparator.comparing(Shipment::number)))
          .ifPresent(oldest -> changed.remove(oldest.getKey()));
    }
    return new Outstanding(changed, ended, number);
  }

  Outstanding with(Heartbeat end) {
    String name = end.shipment();
    Shipment known = name == null ? null : shipments.get(name);
    if (name == null || known == null) {
      return this;
    }
    Set<Integer> partitions = new HashSet<>(known.ended());
    partitions.add(end.partition());
    Map<String, Shipment> changed = new HashMap<>(shipments);
    if (partitions.size() < end.partitions()) {
      changed.put(name, new Shipment(known.number(), known.heard(), partitions));
      return new Outstanding(changed, ended, reports);
    }
    changed.remove(name);
    return new Outstanding(changed, Math.max(ended, known.number()), reports);
  }

  /**
   * Whether lines of a shipment may still wait. One that broke off never ends: once it has been
   * silent, what it had shipped lies before the end of another that reported later.
   */
  boolean isAnyUnderWay(Instant now) {
    return shipments.values().stream().anyMatch(one -> !isCovered(one, now));
  }

  private boolean isCovered(Shipment one, Instant now) {
    boolean silent = one.heard().plus(SourceStates.SILENCE).isBefore(now);
    return silent && one.number() < ended;
  }
}
