package dev.taximeter.api.kafka;

import dev.taximeter.api.alerts.AlertMessages;
import dev.taximeter.api.alerts.IncidentWatch;
import dev.taximeter.api.web.Waiting;
import dev.taximeter.api.webhooks.Deliveries.Held;
import dev.taximeter.api.webhooks.DeliveryHealth;
import dev.taximeter.api.webhooks.Dispatcher;
import dev.taximeter.api.webhooks.Draft;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
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
public final class DeliveryLoop implements SmartLifecycle, DeliveryHealth {
  private static final Duration POLL = Duration.ofMillis(100);

  /** While something is tried: what came of it is written, and its recipient gets more. */
  private static final Duration POLL_WHILE_BUSY = Duration.ofMillis(20);

  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);
  private static final Duration BETWEEN_CHORES = Duration.ofMinutes(1);
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /** Transactions of a dead owner end after 15 s, and are looked for every 10 s. */
  private static final Duration UNTIL_SEEN = Duration.ofSeconds(30);

  /** Who has done no round for so long is not delivering. */
  private static final Duration LONGEST_ROUND = Duration.ofMinutes(1);

  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration FAREWELL = Duration.ofSeconds(3);
  private static final int FIRST_PARTITION = 0;

  private static final Logger LOG = LoggerFactory.getLogger(DeliveryLoop.class);

  private final Supplier<Consumer<String, byte[]>> consumers;
  private final Supplier<Producer<String, byte[]>> producers;
  private final Supplier<Admin> admins;
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
  private volatile Instant lastRound = Instant.EPOCH;
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong defects = new AtomicLong();

  /** Looks for incidents: history may take its time, and deliveries do not wait for it. */
  private final ExecutorService watcher =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread thread = new Thread(work, "incident-watch");
            thread.setDaemon(true);
            return thread;
          });

  // Used by the thread only.
  private final Set<Integer> owned = new HashSet<>();
  private Duration pause = SHORTEST_PAUSE;
  private Instant looked = Instant.EPOCH;
  private Instant tidied = Instant.EPOCH;

  /** The look under way; null if there is none. */
  private @Nullable Future<List<Incident>> look;

  /** Whether somebody else may have changed incidents since the look began. */
  private boolean lookIsStale;

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
    this.admins = clients::admin;
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
    private final Draft draft;
    private final List<Held> forgotten = new ArrayList<>();
    private final List<Incident> incidents = new ArrayList<>();
    private final List<String> forgottenIncidents = new ArrayList<>();

    Round(Draft draft) {
      this.draft = draft;
    }

    boolean isEmpty() {
      return draft.changed().isEmpty()
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
    watcher.shutdownNow();
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running && thread.isAlive();
  }

  @Override
  public boolean alive() {
    return isRunning() && clock.instant().isBefore(lastRound.plus(LONGEST_ROUND));
  }

  @Override
  public long waiting() {
    return deliveries.allPending();
  }

  @Override
  public long failed() {
    return failed.get();
  }

  @Override
  public long defects() {
    return defects.get() + watch.defects();
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
    while (isOpen()) {
      try {
        if (!views.waiting().isEmpty()) {
          rest(SHORTEST_PAUSE);
          continue;
        }
        deliver();
      } catch (WakeupException e) {
        LOG.debug("delivery ends");
      } catch (RuntimeException | Error e) {
        // Whatever it was: nobody else would deliver while this process lives.
        if (isOpen()) {
          report(e);
          rest(pause);
          Duration doubled = pause.multipliedBy(2);
          pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
        }
      } finally {
        current = null;
      }
    }
  }

  private void report(Throwable e) {
    if (e instanceof KafkaException && !pause.equals(SHORTEST_PAUSE)) {
      LOG.debug("alerts are still not delivered: {}", e.getMessage());
    } else if (e instanceof KafkaException) {
      LOG.warn("alerts are not delivered: {}; beginning again", e.getMessage());
    } else {
      LOG.error("alerts are not delivered; beginning again", e);
    }
  }

  private void rest(Duration time) {
    try {
      if (closed.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
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
    lookIsStale = true;
    try (Consumer<String, byte[]> consumer = consumers.get();
        Producer<String, byte[]> producer = producers.get()) {
      current = consumer;
      producer.initTransactions();
      consumer.subscribe(
          List.of(Topics.ALERTS.topicName(), Topics.DELIVERY_ORDERS.topicName()),
          new Ownership(consumer));
      while (isOpen()) {
        round(consumer, producer);
        pause = SHORTEST_PAUSE;
        lastRound = clock.instant();
      }
    }
  }

  /** Partitions come and go within polls, so never in the middle of a round. */
  private final class Ownership implements ConsumerRebalanceListener {
    private final Consumer<String, byte[]> consumer;

    Ownership(Consumer<String, byte[]> consumer) {
      this.consumer = consumer;
    }

    /**
     * What the owner before has written must be seen before anything is decided, and so must be how
     * transactions end that it has begun.
     */
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      List<TopicPartition> written = new ArrayList<>();
      for (TopicPartition partition : partitions) {
        if (partition.topic().equals(Topics.ALERTS.topicName())) {
          // Waits for what a dead owner has left open.
          consumer.position(partition, UNTIL_SEEN);
          owned.add(partition.partition());
          written.add(new TopicPartition(Topics.DELIVERIES.topicName(), partition.partition()));
        }
      }
      if (owned.contains(FIRST_PARTITION)) {
        lookIsStale = true;
        written.add(new TopicPartition(Topics.INCIDENTS.topicName(), FIRST_PARTITION));
      }
      Map<TopicPartition, Long> needed = ends(written);
      Waiting.until(() -> isSeen(needed), UNTIL_SEEN);
      if (!isSeen(needed)) {
        throw new KafkaException("what the owner before has written cannot be read");
      }
      LOG.info("delivers alerts of the partitions {}", owned);
    }

    /**
     * With what is not committed yet: a reader of committed records passes it when it is settled.
     */
    private Map<TopicPartition, Long> ends(List<TopicPartition> partitions) {
      try (Admin admin = admins.get()) {
        Map<TopicPartition, Long> ends = new HashMap<>();
        admin
            .listOffsets(
                partitions.stream().collect(Collectors.toMap(it -> it, it -> OffsetSpec.latest())),
                new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
            .all()
            .get(ANSWER.toMillis(), TimeUnit.MILLISECONDS)
            .forEach((partition, info) -> ends.put(partition, info.offset()));
        return ends;
      } catch (ExecutionException | TimeoutException e) {
        throw new KafkaException("the ends of what was written cannot be read", e);
      } catch (InterruptedException e) {
        throw new InterruptException(e);
      }
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
    // Alerts rest in their topic while those who get them cannot take more.
    boolean full = dispatcher.isFull(owned::contains);
    holdAlerts(consumer, full);
    ConsumerRecords<String, byte[]> records =
        consumer.poll(dispatcher.isBusy() ? POLL_WHILE_BUSY : POLL);
    Round round = new Round(new Draft(deliveries, owned::contains));
    dispatcher.settle(dispatcher.ended(), round.draft);
    for (ConsumerRecord<String, byte[]> record : records) {
      guarded("a record of " + record.topic(), () -> take(record, round.draft));
    }
    look(round, full);
    guarded("what is kept of deliveries", () -> tidy(round));
    if (!records.isEmpty() || !round.isEmpty()) {
      commit(consumer, producer, round);
    }
    dispatcher.settled();
    dispatcher.start(owned::contains);
  }

  private static void holdAlerts(Consumer<String, byte[]> consumer, boolean full) {
    List<TopicPartition> alerts =
        consumer.assignment().stream()
            .filter(partition -> partition.topic().equals(Topics.ALERTS.topicName()))
            .toList();
    if (full) {
      consumer.pause(alerts);
    } else {
      consumer.resume(alerts);
    }
  }

  /** One record that cannot be dealt with must not keep all others. */
  private void guarded(String what, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      defects.incrementAndGet();
      LOG.error("{} cannot be dealt with, and is passed over", what, e);
    }
  }

  private void take(ConsumerRecord<String, byte[]> record, Draft draft) {
    if (record.topic().equals(Topics.ALERTS.topicName())) {
      Alert alert = alerts.read(record);
      if (alert != null) {
        dispatcher.create(AlertMessages.of(alert), alert.decidedAt(), record.partition(), draft);
      }
      return;
    }
    DeliveryOrder order = orders.read(record);
    if (order != null) {
      dispatcher.order(order, record.partition(), draft);
    }
  }

  /** Takes in what was seen, and looks again a while after that was written. */
  private void look(Round round, boolean full) {
    Future<List<Incident>> seen = look;
    if (seen != null && seen.isDone()) {
      look = null;
      if (!lookIsStale && owned.contains(FIRST_PARTITION)) {
        changes(seen).forEach(incident -> guarded("an incident", () -> begin(incident, round)));
        round.forgottenIncidents.addAll(watch.forgotten());
      }
      return;
    }
    Instant now = clock.instant();
    if (seen == null
        && !full
        && owned.contains(FIRST_PARTITION)
        && !now.isBefore(looked.plus(BETWEEN_LOOKS))) {
      looked = now;
      lookIsStale = false;
      look = watcher.submit(() -> watch.changes(clock.instant()));
    }
  }

  private List<Incident> changes(Future<List<Incident>> seen) {
    try {
      return seen.get();
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    } catch (ExecutionException e) {
      defects.incrementAndGet();
      LOG.error("incidents cannot be looked for", e.getCause());
      return List.of();
    }
  }

  private void begin(Incident incident, Round round) {
    AlertMessage message = AlertMessages.of(incident);
    dispatcher.create(message, clock.instant(), FIRST_PARTITION, round.draft);
    round.incidents.add(incident);
  }

  private void tidy(Round round) {
    Instant now = clock.instant();
    if (!now.isBefore(tidied.plus(BETWEEN_CHORES))) {
      tidied = now;
      dispatcher.repeat(round.draft);
      round.forgotten.addAll(dispatcher.orphans(round.draft));
    }
    round.draft.changed().stream()
        .map(held -> new Place(held.delivery().recipient(), held.partition()))
        .distinct()
        .forEach(
            place ->
                dispatcher
                    .forgotten(place.recipient(), place.partition(), round.draft)
                    .forEach(old -> round.forgotten.add(new Held(old, place.partition()))));
  }

  /** A recipient's deliveries of one partition. */
  private record Place(String recipient, int partition) {}

  private void commit(
      Consumer<String, byte[]> consumer, Producer<String, byte[]> producer, Round round) {
    producer.beginTransaction();
    List<Held> changed = round.draft.changed();
    for (Held held : changed) {
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
    failed.addAndGet(
        changed.stream().filter(it -> it.delivery().status() == Delivery.Status.FAILED).count());
    changed.forEach(deliveries::put);
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
