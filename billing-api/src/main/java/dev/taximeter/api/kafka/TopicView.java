package dev.taximeter.api.kafka;

import dev.taximeter.contract.topic.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all partitions of one topic, committed records only, in a thread of its own, for as long as
 * it is open. When Kafka is away it tries again for ever and goes on where it was.
 */
final class TopicView implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(TopicView.class);

  /** Where a view begins. */
  enum Start {
    /** With everything the topic holds. */
    BEGINNING,
    /** With what comes from now on. */
    END
  }

  /** Takes records in; called by one thread, in the order of each partition. */
  interface Sink {
    void accept(List<ConsumerRecord<String, byte[]>> records);
  }

  private final Topics topic;
  private final Start start;
  private final Supplier<Consumer<String, byte[]>> consumers;
  private final Sink sink;
  private final Map<Integer, Long> positions = new ConcurrentSkipListMap<>();
  private final Thread thread;

  /** Ends when it connected; used by the thread only. */
  private Map<TopicPartition, Long> ends = Map.of();

  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean caughtUp;
  private volatile boolean connected;
  private volatile @Nullable Consumer<String, byte[]> current;

  TopicView(Topics topic, Start start, Supplier<Consumer<String, byte[]>> consumers, Sink sink) {
    this.topic = topic;
    this.start = start;
    this.consumers = consumers;
    this.sink = sink;
    this.thread = new Thread(this::run, "view-" + topic.topicName());
    this.thread.setDaemon(true);
  }

  TopicView start() {
    thread.start();
    return this;
  }

  Topics topic() {
    return topic;
  }

  /** Whether it has seen, at least once, all there was when it connected. */
  boolean caughtUp() {
    return caughtUp;
  }

  /** Whether Kafka is answering. */
  boolean connected() {
    return connected;
  }

  /** Next offset of each partition. All records before have been taken in. */
  Map<Integer, Long> positions() {
    return new TreeMap<>(positions);
  }

  /** Tells the thread to end and does not wait for it. */
  @Override
  public void close() {
    closed.countDown();
    Consumer<String, byte[]> consumer = current;
    if (consumer != null) {
      consumer.wakeup();
    }
  }

  /** Waits a moment until the thread has ended and with it the consumer. */
  void awaitEnd() {
    try {
      thread.join(FAREWELL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isOpen() {
    return closed.getCount() > 0;
  }

  private void run() {
    Duration pause = SHORTEST_PAUSE;
    while (isOpen()) {
      try (Consumer<String, byte[]> consumer = consumers.get()) {
        current = consumer;
        connect(consumer);
        while (isOpen()) {
          take(consumer);
          pause = SHORTEST_PAUSE;
        }
      } catch (WakeupException e) {
        LOG.debug("view of {} closes", topic.topicName());
      } catch (RuntimeException e) {
        if (isOpen()) {
          report(e, pause);
          rest(pause);
          pause = longer(pause);
        }
      } finally {
        connected = false;
        current = null;
      }
    }
  }

  private void connect(Consumer<String, byte[]> consumer) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic.topicName(), ANSWER).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    if (partitions.isEmpty()) {
      throw new KafkaException("the topic does not exist yet");
    }
    consumer.assign(partitions);
    for (TopicPartition partition : partitions) {
      Long position = positions.get(partition.partition());
      if (position != null) {
        consumer.seek(partition, position);
      } else if (start == Start.BEGINNING) {
        consumer.seekToBeginning(List.of(partition));
      } else {
        consumer.seekToEnd(List.of(partition));
      }
    }
    ends = consumer.endOffsets(partitions, ANSWER);
    for (TopicPartition partition : partitions) {
      // Settles the seek now: from here on nothing is missed.
      positions.put(partition.partition(), consumer.position(partition, ANSWER));
    }
    connected = true;
    checkCaughtUp();
  }

  private void take(Consumer<String, byte[]> consumer) {
    ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
    for (TopicPartition partition : records.partitions()) {
      sink.accept(records.records(partition));
    }
    for (TopicPartition partition : ends.keySet()) {
      positions.put(partition.partition(), consumer.position(partition, ANSWER));
    }
    checkCaughtUp();
  }

  private void checkCaughtUp() {
    caughtUp =
        caughtUp
            || ends.entrySet().stream()
                .allMatch(
                    end -> positions.getOrDefault(end.getKey().partition(), -1L) >= end.getValue());
  }

  /** The first failure in a row is worth a line; the rest would only repeat it. */
  private void report(RuntimeException e, Duration pause) {
    if (pause.equals(SHORTEST_PAUSE)) {
      LOG.warn("Kafka does not give {}: {}; trying again", topic.topicName(), e.getMessage());
    } else {
      LOG.debug("Kafka still does not give {}: {}", topic.topicName(), e.getMessage());
    }
    if (!(e instanceof KafkaException)) {
      LOG.error("view of {} failed", topic.topicName(), e);
    }
  }

  private void rest(Duration pause) {
    try {
      if (closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.debug("view of {} closes", topic.topicName());
      }
    } catch (InterruptedException e) {
      closed.countDown();
    }
  }

  private static Duration longer(Duration pause) {
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
  }
}
