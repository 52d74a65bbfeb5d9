package dev.taximeter.api.kafka;

import dev.taximeter.api.webhooks.Deliveries;
import dev.taximeter.contract.event.Delivery;
import dev.taximeter.contract.event.Delivery.Status;
import dev.taximeter.contract.event.DeliveryOrder;
import dev.taximeter.contract.topic.Topics;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * The latest record of each delivery in {@code deliveries.v1}. Owners bound how many of a recipient
 * wait and are kept, the catalogue bounds recipients.
 */
public final class LiveDeliveries implements Deliveries, TopicView.Sink {
  private static final Comparator<Held> LONGEST_WAITING =
      Comparator.<Held, Instant>comparing(LiveDeliveries::nextTry)
          .thenComparing(held -> held.delivery().createdAt());

  private final Records<Delivery> records = new Records<>(Delivery.class);
  private final KafkaWriter writer;
  private final int partitions;

  // Guarded by this.
  private final Map<String, Map<String, Held>> byRecipient = new HashMap<>();
  private final Map<String, Map<String, Held>> pending = new LinkedHashMap<>();

  /**
   * @param partitions of the topic
   */
  public LiveDeliveries(KafkaWriter writer, int partitions) {
    this.writer = writer;
    this.partitions = partitions;
  }

  @Override
  public void accept(List<ConsumerRecord<String, byte[]>> batch) {
    for (ConsumerRecord<String, byte[]> record : batch) {
      if (record.value() == null && record.key() != null) {
        remove(record.key());
        continue;
      }
      Delivery delivery = records.read(record);
      if (delivery != null) {
        put(new Held(delivery, record.partition()));
      }
    }
  }

  /** Takes in what was committed a moment ago: it comes by the topic, too, but later. */
  synchronized void put(Held held) {
    Delivery delivery = held.delivery();
    Map<String, Held> ofRecipient =
        byRecipient.computeIfAbsent(delivery.recipient(), it -> new HashMap<>());
    Held before = ofRecipient.get(delivery.id());
    if (before != null && before.delivery().revision() > delivery.revision()) {
      return;
    }
    ofRecipient.put(delivery.id(), held);
    setPending(delivery.recordKey(), delivery.recipient(), held);
  }

  private static Instant nextTry(Held held) {
    Instant next = held.delivery().nextTry();
    return next == null ? Instant.MIN : next;
  }

  private void setPending(String key, String recipient, @Nullable Held held) {
    if (held != null && held.delivery().status() == Status.PENDING) {
      pending.computeIfAbsent(recipient, it -> new LinkedHashMap<>()).put(key, held);
      return;
    }
    Map<String, Held> ofRecipient = pending.get(recipient);
    if (ofRecipient != null) {
      ofRecipient.remove(key);
      if (ofRecipient.isEmpty()) {
        pending.remove(recipient);
      }
    }
  }

  synchronized void remove(String key) {
    int tab = key.indexOf('\t');
    if (tab < 0) {
      return;
    }
    String recipient = key.substring(0, tab);
    Map<String, Held> ofRecipient = byRecipient.get(recipient);
    if (ofRecipient != null) {
      ofRecipient.remove(key.substring(tab + 1));
      if (ofRecipient.isEmpty()) {
        byRecipient.remove(recipient);
      }
    }
    setPending(key, recipient, null);
  }

  @Override
  public synchronized @Nullable Held find(String recipient, String id) {
    Map<String, Held> ofRecipient = byRecipient.get(recipient);
    return ofRecipient == null ? null : ofRecipient.get(id);
  }

  @Override
  public synchronized List<Held> of(String recipient) {
    Map<String, Held> ofRecipient = byRecipient.get(recipient);
    return ofRecipient == null ? List.of() : List.copyOf(ofRecipient.values());
  }

  @Override
  public synchronized Set<String> recipients() {
    return Set.copyOf(byRecipient.keySet());
  }

  @Override
  public synchronized Set<String> waiting() {
    return Set.copyOf(pending.keySet());
  }

  /** {@return messages that wait, of all recipients} */
  synchronized long allPending() {
    return pending.values().stream().mapToLong(Map::size).sum();
  }

  @Override
  public synchronized int pending(String recipient) {
    return pending.getOrDefault(recipient, Map.of()).size();
  }

  @Override
  public synchronized int pending(String recipient, IntPredicate owned) {
    return (int)
        pending.getOrDefault(recipient, Map.of()).values().stream()
            .filter(held -> owned.test(held.partition()))
            .count();
  }

  @Override
  public synchronized List<Held> due(String recipient, Instant now, IntPredicate owned, int most) {
    return pending.getOrDefault(recipient, Map.of()).values().stream()
        .filter(held -> owned.test(held.partition()) && !nextTry(held).isAfter(now))
        .sorted(LONGEST_WAITING)
        .limit(most)
        .toList();
  }

  @Override
  public boolean order(DeliveryOrder order) {
    String id = order.delivery();
    Held held = id == null ? null : find(order.recipient(), id);
    int partition =
        held == null ? Math.floorMod(order.recipient().hashCode(), partitions) : held.partition();
    return writer.wrote(writer.write(Topics.DELIVERY_ORDERS, partition, order.recipient(), order));
  }
}
