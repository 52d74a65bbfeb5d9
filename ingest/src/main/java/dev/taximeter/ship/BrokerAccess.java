package dev.taximeter.ship;

import dev.taximeter.contract.event.ShipperPosition;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A real Kafka. */
final class BrokerAccess implements KafkaAccess {
  /** Several of the largest records, and enough to keep the network busy. */
  private static final long BUFFER_BYTES = 64L * 1024 * 1024;

  private static final int BATCH_BYTES = 512 * 1024;

  /** How long one call may wait for the broker before the shipper reports that it waits. */
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(15);

  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

  /**
   * A transaction that follows another at once is put off until the broker has finished the other:
   * a matter of milliseconds, which the default of 100 ms would waste.
   */
  private static final Duration RETRY_BACKOFF = Duration.ofMillis(5);

  /** How long a shipper that was killed can hold back those who read committed records. */
  private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(20);

  private static final Duration POLL = Duration.ofMillis(200);

  /** How long reading positions may take; another host's open transaction can delay it. */
  private static final Duration POSITIONS_TIMEOUT = Duration.ofSeconds(60);

  private final Map<String, Object> kafka;

  /**
   * @param kafka client settings
   */
  BrokerAccess(Map<String, Object> kafka) {
    this.kafka = Map.copyOf(kafka);
  }

  @Override
  public Producer<byte[], byte[]> producer(String transactionalId) {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ProducerConfig.CLIENT_ID_CONFIG, transactionalId);
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, (int) TRANSACTION_TIMEOUT.toMillis());
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAX_RECORD_BYTES);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, CALL_TIMEOUT.toMillis());
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) CALL_TIMEOUT.toMillis());
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) REQUEST_TIMEOUT.toMillis());
    config.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, RETRY_BACKOFF.toMillis());
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Override
  public Map<String, ShipperPosition> positions() {
    TopicPartition partition = new TopicPartition(Topics.SHIPPER_POSITIONS.topicName(), 0);
    long end = endOffset(partition);
    var deserializer = Json.deserializer(ShipperPosition.class);
    Map<String, ShipperPosition> positions = new HashMap<>();
    long deadline = System.nanoTime() + POSITIONS_TIMEOUT.toNanos();
    try (Consumer<byte[], byte[]> consumer = consumer()) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      // Positions behind another shipper's open transaction become visible once that has ended.
      while (consumer.position(partition) < end) {
        if (System.nanoTime() - deadline > 0) {
          throw new TimeoutException("positions could not be read within " + POSITIONS_TIMEOUT);
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          String key = new String(record.key(), StandardCharsets.UTF_8);
          ShipperPosition position = deserializer.deserialize(record.topic(), record.value());
          if (position == null) {
            positions.remove(key);
          } else {
            positions.put(key, position);
          }
        }
      }
    }
    return positions;
  }

  Consumer<byte[], byte[]> consumer() {
    Map<String, Object> config = timeLimited();
    config.put(
        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
        IsolationLevel.READ_COMMITTED.toString().toLowerCase(Locale.ROOT));
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  Admin admin() {
    return Admin.create(timeLimited());
  }

  private Map<String, Object> timeLimited() {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) CALL_TIMEOUT.toMillis());
    config.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, (int) REQUEST_TIMEOUT.toMillis());
    return config;
  }

  /** The end of everything written, committed or not. */
  private long endOffset(TopicPartition partition) {
    try (Admin admin = admin()) {
      return admin
          .listOffsets(Map.of(partition, OffsetSpec.latest()))
          .partitionResult(partition)
          .get()
          .offset();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }
}
