package dev.taximeter.api.kafka;

import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what this process itself has to say. Its producer is made when there is something. */
public final class KafkaWriter implements AutoCloseable {
  private static final Duration FAREWELL = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Logger LOG = LoggerFactory.getLogger(KafkaWriter.class);

  private final Supplier<Producer<String, byte[]>> producers;
  private @Nullable Producer<String, byte[]> producer;

  public KafkaWriter(KafkaClients clients) {
    this(clients::recordProducer);
  }

  KafkaWriter(Supplier<Producer<String, byte[]>> producers) {
    this.producers = producers;
  }

  /** {@return ends when the record is where it cannot be lost} */
  Future<?> write(Topics topic, String key, Object value) {
    try {
      return producer()
          .send(new ProducerRecord<>(topic.topicName(), key, Json.MAPPER.writeValueAsBytes(value)));
    } catch (KafkaException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** The same, to one partition. */
  Future<?> write(Topics topic, int partition, String key, Object value) {
    try {
      return producer()
          .send(
              new ProducerRecord<>(
                  topic.topicName(), partition, key, Json.MAPPER.writeValueAsBytes(value)));
    } catch (KafkaException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Waits a while, and tells whether the record is where it cannot be lost. */
  boolean wrote(Future<?> record) {
    try {
      var unused = record.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("a record cannot be written: {}", e.toString());
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private synchronized Producer<String, byte[]> producer() {
    Producer<String, byte[]> made = producer;
    if (made == null) {
      made = producers.get();
      producer = made;
    }
    return made;
  }

  @Override
  public synchronized void close() {
    if (producer != null) {
      producer.close(FAREWELL);
    }
  }
}
