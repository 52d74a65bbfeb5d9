package dev.taximeter.api.webhooks;

import dev.taximeter.contract.event.Delivery;
import dev.taximeter.contract.event.DeliveryOrder;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** Deliveries and orders, of one partition. */
public final class InMemoryDeliveries implements Deliveries {
  public static final int PARTITION = 3;

  private final Map<String, Delivery> all = new ConcurrentSkipListMap<>();
  public final List<DeliveryOrder> orders = new CopyOnWriteArrayList<>();
  public volatile boolean broken;

  public void clear() {
    all.clear();
    orders.clear();
    broken = false;
  }

  public void put(Delivery delivery) {
    all.put(delivery.recordKey(), delivery);
  }

  public void remove(Delivery delivery) {
    all.remove(delivery.recordKey());
  }

  @Override
  public Held find(String recipient, String id) {
    Delivery found = all.get(recipient + '\t' + id);
    return found == null ? null : new Held(found, PARTITION);
  }

  @Override
  public List<Held> of(String recipient) {
    return all.values().stream()
        .filter(delivery -> delivery.recipient().equals(recipient))
        .map(delivery -> new Held(delivery, PARTITION))
        .toList();
  }

  @Override
  public int pending(String recipient) {
    return (int)
        of(recipient).stream()
            .filter(held -> held.delivery().status() == Delivery.Status.PENDING)
            .count();
  }

  @Override
  public Set<String> recipients() {
    return all.values().stream().map(Delivery::recipient).collect(Collectors.toSet());
  }

  @Override
  public Set<String> waiting() {
    return all.values().stream()
        .filter(delivery -> delivery.status() == Delivery.Status.PENDING)
        .map(Delivery::recipient)
        .collect(Collectors.toSet());
  }

  @Override
  public int pending(String recipient, IntPredicate partitions) {
    return partitions.test(PARTITION) ? pending(recipient) : 0;
  }

  @Override
  public List<Held> due(String recipient, Instant now, IntPredicate partitions, int most) {
    return all.values().stream()
        .filter(delivery -> delivery.recipient().equals(recipient))
        .filter(delivery -> delivery.status() == Delivery.Status.PENDING)
        .filter(delivery -> !delivery.nextTry().isAfter(now) && partitions.test(PARTITION))
        .sorted(Comparator.comparing(Delivery::nextTry).thenComparing(Delivery::createdAt))
        .limit(most)
        .map(delivery -> new Held(delivery, PARTITION))
        .toList();
  }

  @Override
  public boolean order(DeliveryOrder order) {
    return !broken && orders.add(order);
  }
}
