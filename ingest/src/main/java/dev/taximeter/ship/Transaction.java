package dev.taximeter.ship;

import dev.taximeter.contract.topic.Topics;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.jspecify.annotations.Nullable;

/**
 * One transaction after another on one producer. Nothing is committed before the broker has
 * acknowledged every single record of it. Not thread-safe.
 */
final class Transaction implements AutoCloseable {
  /** What a person has to do about {@link #isCausedByClock}. */
  static final String CLOCK_AHEAD =
      "Kafka takes no lines stamped by this machine's clock, which is more than an hour ahead;"
          + " set it, for example with NTP";

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private final Producer<byte[], byte[]> producer;
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private boolean open;
  private long sent;
  private long bytes;
  private long beganNanos;

  /** Ends whatever an earlier producer with the same transactional id left open. */
  Transaction(Producer<byte[], byte[]> producer) {
    this.producer = producer;
    try {
      producer.initTransactions();
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  void send(ProducerRecord<byte[], byte[]> record) {
    if (!open) {
      sent = 0;
      bytes = 0;
      acknowledged.set(0);
      failure.set(null);
      producer.beginTransaction();
      open = true;
      beganNanos = System.nanoTime();
    }
    producer.send(record, this::completed);
    sent++;
    bytes += record.value() == null ? 0 : record.value().length;
  }

  /**
   * @return whether records were refused because of the instant that they are stamped with
   */
  static boolean isCausedByClock(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidTimestampException) {
        return true;
      }
    }
    return false;
  }

  /**
   * @throws KafkaException if Kafka does not say
   */
  int partitions(Topics topic) {
    return producer.partitionsFor(topic.topicName()).size();
  }

  private void completed(@Nullable RecordMetadata metadata, @Nullable Exception exception) {
    if (exception == null) {
      acknowledged.incrementAndGet();
    } else {
      failure.compareAndSet(null, exception);
    }
  }

  boolean isOpen() {
    return open;
  }

  long records() {
    return open ? sent : 0;
  }

  long bytes() {
    return open ? bytes : 0;
  }

  long ageNanos() {
    return open ? System.nanoTime() - beganNanos : 0;
  }

  /**
   * Waits until the broker has all records.
   *
   * @throws KafkaException if it has not acknowledged each of them
   */
  void complete() {
    producer.flush();
    Exception first = failure.get();
    if (first != null) {
      throw new KafkaException("a record was not written", first);
    }
    if (acknowledged.get() != sent) {
      throw new KafkaException(
          "only %d of %d records were acknowledged".formatted(acknowledged.get(), sent));
    }
  }

  /**
   * @throws KafkaException if it is not known whether it was committed; the producer is of no use
   *     any more
   */
  void commit() {
    if (open) {
      producer.commitTransaction();
      open = false;
    }
  }

  /**
   * @throws KafkaException if the producer is of no use any more
   */
  void abort() {
    if (open) {
      producer.abortTransaction();
      open = false;
    }
  }

  @Override
  public void close() {
    producer.close(CLOSE_TIMEOUT);
  }
}
