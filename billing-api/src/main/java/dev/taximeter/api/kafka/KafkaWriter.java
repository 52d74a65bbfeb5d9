package dev.taximeter.api.kafka;

import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** Writes what this process itself has to say. Its producer is made when there is something. */
public final class KafkaWriter implements AutoCloseable {
  private static final Duration FAREWELL = Duration.ofSeconds(2);

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
