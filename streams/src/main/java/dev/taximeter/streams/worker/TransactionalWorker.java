package dev.taximeter.streams.worker;

import dev.taximeter.streams.topology.parts.Defects;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a topic and writes what follows from its records, on a thread of its own. What it sends and
 * how far it has read are one transaction, bound to its membership of the group: a process that was
 * suspended and has lost its partitions cannot commit.
 *
 * <p>Work that must wait holds its records and keeps its membership; work that fails starts over
 * from what was committed.
 */
public final class TransactionalWorker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TransactionalWorker.class);

  private static final Duration IDLE_WAIT = Duration.ofMillis(500);

  /** Between two attempts of work that must wait. */
  private static final Duration RETRY_WAIT = Duration.ofMillis(100);

  private static final Duration LONGEST_RETRY_WAIT = Duration.ofSeconds(2);
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  /** Failures in a row that are still taken for a hiccup. */
  private static final int TOLERATED_FAILURES = 2;

  private static final int MOST_DOUBLINGS = 10;

  /** Waiting that long takes readiness away. */
  private static final Duration TOLERATED_WAIT = Duration.ofMinutes(1);

  /** Waiting that long is worth an operator's look; shorter waits are part of the work. */
  private static final Duration SHORT_WAIT = Duration.ofSeconds(10);

  /** The log repeats so often what work still waits for. */
  private static final Duration REMINDER = Duration.ofMinutes(5);

  /** Another cause is logged at once, but causes that alternate no more often than this. */
  private static final Duration NEWS = Duration.ofSeconds(30);

  private final String name;
  private final String topic;
  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final Supplier<Producer<byte[], byte[]>> producers;
  private final Step step;
  private final LongSupplier nanoTime;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable Consumer<byte[], byte[]> running;
  private volatile Optional<String> problem = Optional.empty();
  private volatile Optional<String> waitingFor = Optional.empty();
  private int failures;

  /**
   * @param name in logs and sentences, such as {@code the late lane}
   * @param topic to read
   * @param consumers make a consumer that reads committed records in a group
   * @param producers make a producer with a transactional id
   */
  public TransactionalWorker(
      String name,
      String topic,
      Supplier<Consumer<byte[], byte[]>> consumers,
      Supplier<Producer<byte[], byte[]>> producers,
      Step step) {
    this(name, topic, consumers, producers, step, System::nanoTime);
  }

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  TransactionalWorker(
      String name,
      String topic,
      Supplier<Consumer<byte[], byte[]>> consumers,
      Supplier<Producer<byte[], byte[]>> producers,
      Step step,
      LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.name = name;
    this.topic = topic;
    this.consumers = consumers;
    this.producers = producers;
    this.step = step;
    this.thread = new Thread(this::run, name.replace(' ', '-'));
  }

  /** Starts to work and returns at once. May be called once. */
  public void start() {
    thread.start();
  }

  /**
   * @return a sentence for the operator: why work has waited for long; empty if it has not
   */
  public Optional<String> problem() {
    return problem;
  }

  /**
   * @return a sentence for the operator: what work fails at or waits for at present, and why; empty
   *     if it goes on, or has only begun to wait
   */
  public Optional<String> waitingFor() {
    return waitingFor.or(() -> problem);
  }

  @Override
  public void close() {
    stop.countDown();
    Consumer<byte[], byte[]> reading = running;
    if (reading != null) {
      reading.wakeup();
    }
    try {
      thread.join(STOP_TIMEOUT.toMillis());
      if (thread.isAlive()) {
        LOG.warn("{} did not stop within {}; interrupting it", name, STOP_TIMEOUT);
        thread.interrupt();
        thread.join(STOP_TIMEOUT.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!isStopping()) {
      try (Consumer<byte[], byte[]> consumer = consumers.get();
          Producer<byte[], byte[]> producer = producers.get()) {
        running = consumer;
        producer.initTransactions();
        new Session(consumer, producer).run();
      } catch (WakeupException | InterruptException e) {
        LOG.debug("{} was woken up", name);
      } catch (RuntimeException e) {
        failed(e);
      }
    }
  }

  private void failed(RuntimeException defect) {
    failures++;
    if (failures > TOLERATED_FAILURES) {
      problem = Optional.of(name + " fails: " + defect.getClass().getSimpleName());
    }
    LOG.warn("{} failed and starts over: {}", name, Defects.describe(defect));
    long pause = SHORTEST_PAUSE.toMillis() << Math.min(failures, MOST_DOUBLINGS);
    rest(Duration.ofMillis(Math.min(pause, LONGEST_PAUSE.toMillis())));
  }

  private void rest(Duration duration) {
    try {
      if (stop.await(duration.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.debug("{} is stopping", name);
      }
    } catch (InterruptedException e) {
      stop.countDown();
    }
  }

  private boolean isStopping() {
    return stop.getCount() == 0;
  }

  /** The life of one consumer and one producer. */
  private final class Session {
    private final Consumer<byte[], byte[]> consumer;
    private final Producer<byte[], byte[]> producer;
    private final List<ConsumerRecord<byte[], byte[]>> held = new ArrayList<>();
    private int waits;
    private long waitingSince;
    private String lastSaid = "";
    private long saidAt;

    Session(Consumer<byte[], byte[]> consumer, Producer<byte[], byte[]> producer) {
      this.consumer = consumer;
      this.producer = producer;
    }

    void run() {
      consumer.subscribe(List.of(topic), new Revocations());
      while (!isStopping()) {
        // Also while work waits, or the group would take the partitions away.
        consumer.poll(held.isEmpty() ? IDLE_WAIT : retryWait()).forEach(held::add);
        if (!held.isEmpty()) {
          attempt();
        } else if (waits > 0) {
          // What waited is another's now.
          goOn();
        }
      }
    }

    private void attempt() {
      producer.beginTransaction();
      try {
        step.process(held, record -> send(record));
      } catch (NotYetException e) {
        producer.abortTransaction();
        hold(e);
        return;
      }
      producer.sendOffsetsToTransaction(next(held), consumer.groupMetadata());
      producer.commitTransaction();
      held.clear();
      failures = 0;
      goOn();
    }

    private void goOn() {
      consumer.resume(consumer.paused());
      waits = 0;
      problem = Optional.empty();
      waitingFor = Optional.empty();
    }

    /** A send that fails makes the commit fail. */
    private void send(ProducerRecord<byte[], byte[]> record) {
      var unused = producer.send(record);
    }

    private void hold(NotYetException reason) {
      consumer.pause(consumer.assignment());
      waits++;
      long now = nanoTime.getAsLong();
      if (waits == 1) {
        waitingSince = now;
        lastSaid = "";
        return;
      }
      Duration waited = Duration.ofNanos(now - waitingSince);
      if (waited.compareTo(SHORT_WAIT) < 0) {
        return;
      }
      String sentence = reason.description();
      waitingFor = Optional.of(sentence);
      if (waited.compareTo(TOLERATED_WAIT) > 0) {
        problem = waitingFor;
      }
      Duration silence = Duration.ofNanos(now - saidAt);
      Duration least = sentence.equals(lastSaid) ? REMINDER : NEWS;
      if (lastSaid.isEmpty() || silence.compareTo(least) >= 0) {
        LOG.warn("{} has waited for {} s: {}", name, waited.toSeconds(), sentence);
        lastSaid = sentence;
        saidAt = now;
      }
    }

    private Duration retryWait() {
      long wait = RETRY_WAIT.toMillis() << Math.min(waits / 10, MOST_DOUBLINGS);
      return Duration.ofMillis(Math.min(wait, LONGEST_RETRY_WAIT.toMillis()));
    }

    /** What is held of partitions that are taken away, is another's to do. */
    private final class Revocations implements ConsumerRebalanceListener {
      @Override
      public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        held.removeIf(
            record -> partitions.contains(new TopicPartition(record.topic(), record.partition())));
      }

      @Override
      public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        if (!held.isEmpty()) {
          consumer.pause(partitions);
        }
      }
    }
  }

  private static Map<TopicPartition, OffsetAndMetadata> next(
      List<ConsumerRecord<byte[], byte[]>> records) {
    Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      next.put(
          new TopicPartition(record.topic(), record.partition()),
          new OffsetAndMetadata(record.offset() + 1));
    }
    return next;
  }
}
