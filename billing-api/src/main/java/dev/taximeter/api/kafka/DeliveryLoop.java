package dev.taximeter.api.kafka;

import dev.taximeter.api.alerts.AlertMessages;
import dev.taximeter.api.alerts.IncidentWatch;
import dev.taximeter.api.web.Waiting;
import dev.taximeter.api.webhooks.Deliveries.Held;
import dev.taximeter.api.webhooks.Dispatcher;
import dev.taximeter.contract.event.Alert;
import dev.taximeter.contract.event.AlertMessage;
import dev.taximeter.contract.event.Delivery;
import dev.taximeter.contract.event.DeliveryOrder;
import dev.taximeter.contract.event.Incident;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Owns partitions of alerts, as one of a group of all APIs, and delivers them. What follows from an
 * alert, what came of tries, which incidents begin and end, and how far alerts were read is written
 * in one transaction, which fails if the group has given the partition to somebody else: so each
 * alert makes each delivery once, and an incident begins once. Whoever owns the first partition
 * looks for incidents.
 */
public final class DeliveryLoop implements SmartLifecycle {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration FAREWELL = Duration.ofSeconds(3);
  private static final int FIRST_PARTITION = 0;

  private static final Logger LOG = LoggerFactory.getLogger(DeliveryLoop.class);

  private final Supplier<Consumer<String, byte[]>> consumers;
  private final Supplier<Producer<String, byte[]>> producers;
  private final LiveViews views;
  private final LiveDeliveries deliveries;
  private final LiveIncidents incidents;
  private final IncidentWatch watch;
  private final Dispatcher dispatcher;
  private final Clock clock;
  private final Records<Alert> alerts = new Records<>(Alert.class);
  private final Records<DeliveryOrder> orders = new Records<>(DeliveryOrder.class);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable Consumer<String, byte[]> current;
  private volatile boolean running;

  /** Used by the thread only. */
  private final Set<Integer> owned = new HashSet<>();

  private Instant looked = Instant.EPOCH;

  public DeliveryLoop(
      KafkaClients clients,
      LiveViews views,
      LiveDeliveries deliveries,
      LiveIncidents incidents,
      IncidentWatch watch,
      Dispatcher dispatcher,
      Clock clock) {
    this.consumers = clients::deliveryConsumer;
    this.producers = clients::deliveryProducer;
    this.views = views;
    this.deliveries = deliveries;
    this.incidents = incidents;
    this.watch = watch;
    this.dispatcher = dispatcher;
    this.clock = clock;
    this.thread = new Thread(this::run, "alert-delivery");
    this.thread.setDaemon(true);
  }

  /** What one round has decided. */
  private static final class Round {
    private final List<Held> changed = new ArrayList<>();
    private final List<Held> forgotten = new ArrayList<>();
    private final List<Incident> incidents = new ArrayList<>();
    private final List<String> forgottenIncidents = new ArrayList<>();
    private List<Dispatcher.Ended> ended = List.of();

    boolean isEmpty() {
      return changed.isEmpty()
          && forgotten.isEmpty()
          && incidents.isEmpty()
          && forgottenIncidents.isEmpty();
    }
  }

  @Override
  public void start() {
    running = true;
    thread.start();
  }

  @Override
  public void stop() {
    closed.countDown();
    Consumer<String, byte[]> consumer = current;
    if (consumer != null) {
      consumer.wakeup();
    }
    try {
      thread.join(FAREWELL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** After the views, and until before they end. */
  @Override
  public int getPhase() {
    return views.getPhase() + 1;
  }

  private boolean isOpen() {
    return closed.getCount() > 0;
  }

  private void run() {
    Duration pause = SHORTEST_PAUSE;
    while (isOpen()) {
      try {
        if (!views.waiting().isEmpty()) {
          rest(SHORTEST_PAUSE);
          continue;
        }
        deliver();
      } catch (WakeupException e) {
        LOG.debug("delivery ends");
      } catch (RuntimeException e) {
        if (isOpen()) {
          report(e, pause);
          rest(pause);
          Duration doubled = pause.multipliedBy(2);
          pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
        }
      } finally {
        current = null;
      }
    }
  }

  private static void report(RuntimeException e, Duration pause) {
    if (e instanceof KafkaException && !pause.equals(SHORTEST_PAUSE)) {
      LOG.debug("alerts are still not delivered: {}", e.getMessage());
    } else if (e instanceof KafkaException) {
      LOG.warn("alerts are not delivered: {}; beginning again", e.getMessage());
    } else {
      LOG.error("alerts are not delivered; beginning again", e);
    }
  }

  private void rest(Duration pause) {
    try {
      if (closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.debug("delivery ends");
      }
    } catch (InterruptedException e) {
      closed.countDown();
    }
  }

  /** Everything begins anew from what the topics hold. */
  private void deliver() {
    dispatcher.reset();
    owned.clear();
    try (Consumer<String, byte[]> consumer = consumers.get();
        Producer<String, byte[]> producer = producers.get()) {
      current = consumer;
      producer.initTransactions();
      consumer.subscribe(
          List.of(Topics.ALERTS.topicName(), Topics.DELIVERY_ORDERS.topicName()),
          new Ownership(consumer));
      while (isOpen()) {
        round(consumer, producer);
      }
    }
  }

  /** Partitions come and go within polls, so never in the middle of a round. */
  private final class Ownership implements ConsumerRebalanceListener {
    private final Consumer<String, byte[]> consumer;

    Ownership(Consumer<String, byte[]> consumer) {
      this.consumer = consumer;
    }

    /** What the owner before has written must be seen before anything is decided. */
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      Map<TopicPartition, Long> needed = new HashMap<>();
      for (TopicPartition partition : partitions) {
        if (partition.topic().equals(Topics.ALERTS.topicName())) {
          // Waits for what a dead owner has left open.
          consumer.position(partition, ANSWER.plus(ANSWER));
          owned.add(partition.partition());
          TopicPartition same =
              new TopicPartition(Topics.DELIVERIES.topicName(), partition.partition());
          needed.putAll(consumer.endOffsets(List.of(same), ANSWER));
        }
      }
      if (owned.contains(FIRST_PARTITION)) {
        TopicPartition all = new TopicPartition(Topics.INCIDENTS.topicName(), FIRST_PARTITION);
        needed.putAll(consumer.endOffsets(List.of(all), ANSWER));
      }
      Waiting.until(() -> isSeen(needed), ANSWER);
      if (!isSeen(needed)) {
        throw new KafkaException("what the owner before has written cannot be read");
      }
      LOG.info("delivers alerts of the partitions {}", owned);
    }

    private boolean isSeen(Map<TopicPartition, Long> needed) {
      Map<String, Map<Integer, Long>> seen = views.positions();
      return needed.entrySet().stream()
          .allMatch(
              end ->
                  seen.getOrDefault(end.getKey().topic(), Map.of())
                          .getOrDefault(end.getKey().partition(), -1L)
                      >= end.getValue());
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      for (TopicPartition partition : partitions) {
        if (partition.topic().equals(Topics.ALERTS.topicName())) {
          owned.remove(partition.partition());
        }
      }
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      onPartitionsRevoked(partitions);
    }
  }

  private void round(Consumer<String, byte[]> consumer, Producer<String, byte[]> producer) {
    ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
    Round round = new Round();
    for (ConsumerRecord<String, byte[]> record : records) {
      take(record, round);
    }
    round.ended = dispatcher.ended();
    for (Dispatcher.Ended ended : round.ended) {
      if (owned.contains(ended.partition())) {
        round.changed.add(new Held(ended.after(), ended.partition()));
        for (Delivery old : dispatcher.forgotten(ended.recipient(), ended.partition())) {
          round.forgotten.add(new Held(old, ended.partition()));
        }
      }
    }
    look(round);
    if (!records.isEmpty() || !round.isEmpty()) {
      commit(consumer, producer, round);
    }
    dispatcher.settled(round.ended);
    dispatcher.start(owned::contains);
  }

  private void take(ConsumerRecord<String, byte[]> record, Round round) {
    if (record.topic().equals(Topics.ALERTS.topicName())) {
      Alert alert = alerts.read(record);
      if (alert != null) {
        create(AlertMessages.of(alert), alert.decidedAt(), record.partition(), round);
      }
      return;
    }
    DeliveryOrder order = orders.read(record);
    if (order != null) {
      Held held = dispatcher.ordered(order, record.partition());
      if (held != null) {
        round.changed.add(held);
      }
    }
  }

  private void create(AlertMessage message, Instant decided, int partition, Round round) {
    for (Delivery created : dispatcher.created(message, decided)) {
      round.changed.add(new Held(created, partition));
    }
  }

  private void look(Round round) {
    Instant now = clock.instant();
    if (!owned.contains(FIRST_PARTITION) || now.isBefore(looked.plus(BETWEEN_LOOKS))) {
      return;
    }
    looked = now;
    for (Incident incident : watch.changes(now)) {
      round.incidents.add(incident);
      create(AlertMessages.of(incident), now, FIRST_PARTITION, round);
    }
    round.forgottenIncidents.addAll(watch.forgotten());
  }

  private void commit(
      Consumer<String, byte[]> consumer, Producer<String, byte[]> producer, Round round) {
    producer.beginTransaction();
    for (Held held : round.changed) {
      send(
          producer,
          Topics.DELIVERIES,
          held.partition(),
          held.delivery().recordKey(),
          held.delivery());
    }
    for (Held held : round.forgotten) {
      send(producer, Topics.DELIVERIES, held.partition(), held.delivery().recordKey(), null);
    }
    for (Incident incident : round.incidents) {
      send(producer, Topics.INCIDENTS, FIRST_PARTITION, incident.id(), incident);
    }
    for (String id : round.forgottenIncidents) {
      send(producer, Topics.INCIDENTS, FIRST_PARTITION, id, null);
    }
    // With the offsets goes the generation of the group: of who owns nothing any more it fails.
    producer.sendOffsetsToTransaction(offsets(consumer), consumer.groupMetadata());
    producer.commitTransaction();
    round.changed.forEach(deliveries::put);
    round.forgotten.forEach(held -> deliveries.remove(held.delivery().recordKey()));
    round.incidents.forEach(incidents::put);
  }

  private static void send(
      Producer<String, byte[]> producer,
      Topics topic,
      int partition,
      String key,
      @Nullable Object value) {
    // What fails here fails the commit.
    var unused =
        producer.send(
            new ProducerRecord<>(
                topic.topicName(),
                partition,
                key,
                value == null ? null : Json.MAPPER.writeValueAsBytes(value)));
  }

  private static Map<TopicPartition, OffsetAndMetadata> offsets(Consumer<String, byte[]> consumer) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (TopicPartition partition : consumer.assignment()) {
      offsets.put(partition, new OffsetAndMetadata(consumer.position(partition, ANSWER)));
    }
    return offsets;
  }
}
