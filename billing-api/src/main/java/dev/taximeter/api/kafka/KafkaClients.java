package dev.taximeter.api.kafka;

import dev.taximeter.contract.topic.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Makes Kafka clients that are small: this process has little memory and many of them. */
public final class KafkaClients {
  private static final int FETCH_BYTES = 2 * 1024 * 1024;
  private static final int FETCH_BYTES_PER_PARTITION = 512 * 1024;
  private static final int POLLED_RECORDS = 1_000;
  private static final int SEND_BUFFER_BYTES = 16 * 1024 * 1024;
  private static final Duration LONGEST_RECONNECT_PAUSE = Duration.ofSeconds(2);
  private static final Duration DELIVERY = Duration.ofSeconds(20);

  /** An owner that dies keeps readers of its partitions waiting for so long. */
  private static final Duration TRANSACTION = Duration.ofSeconds(15);

  /** Each alert may become a message for each of 70 recipients. */
  private static final int DELIVERED_RECORDS = 100;

  /** Who delivers and says nothing for so long has died: others take over. */
  private static final Duration DEAD_AFTER = Duration.ofSeconds(10);

  private static final Duration REQUEST = Duration.ofSeconds(10);

  private final Map<String, Object> settings;

  /**
   * @param settings where Kafka is and how to sign in
   */
  public KafkaClients(Map<String, Object> settings) {
    this.settings = Map.copyOf(settings);
  }

  Supplier<Consumer<String, byte[]>> consumers(Topics topic) {
    Map<String, Object> config = common("billing-api-" + topic.topicName());
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
    config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES_PER_PARTITION);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLLED_RECORDS);
    return () -> new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
  }

  /** Reads what is to be delivered, with the others of its group. */
  Consumer<String, byte[]> deliveryConsumer() {
    Map<String, Object> config = common("billing-api-delivery");
    config.put(ConsumerConfig.GROUP_ID_CONFIG, Topics.DELIVERY_GROUP);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    // Same numbers of partitions of different topics have the same owner.
    config.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, RangeAssignor.class.getName());
    config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
    config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES_PER_PARTITION);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, DELIVERED_RECORDS);
    config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int) DEAD_AFTER.toMillis());
    return new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Writes deliveries and how far they were decided, both or neither. Who owns what is the group's
   * business, so that its name need not be known to a successor.
   */
  Producer<String, byte[]> deliveryProducer() {
    Map<String, Object> config = settingsOfProducer("billing-api-delivery");
    config.put(
        ProducerConfig.TRANSACTIONAL_ID_CONFIG, Topics.DELIVERY_GROUP + '-' + UUID.randomUUID());
    config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, (int) TRANSACTION.toMillis());
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) TRANSACTION.toMillis());
    return new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
  }

  Producer<String, byte[]> commandProducer() {
    return producer("billing-api-commands");
  }

  /** For what this process itself has to say: the audit log, uses of tokens. */
  Producer<String, byte[]> recordProducer() {
    return producer("billing-api-records");
  }

  private Producer<String, byte[]> producer(String clientId) {
    return new KafkaProducer<>(
        settingsOfProducer(clientId), new StringSerializer(), new ByteArraySerializer());
  }

  private Map<String, Object> settingsOfProducer(String clientId) {
    Map<String, Object> config = common(clientId);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAX_RECORD_BYTES);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, SEND_BUFFER_BYTES);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) REQUEST.toMillis());
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) REQUEST.toMillis());
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) DELIVERY.toMillis());
    return config;
  }

  Admin admin() {
    Map<String, Object> config = common("billing-api-admin");
    config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) REQUEST.toMillis());
    config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) REQUEST.toMillis());
    return Admin.create(config);
  }

  private Map<String, Object> common(String clientId) {
    Map<String, Object> config = new HashMap<>(settings);
    config.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
    config.put(
        CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, LONGEST_RECONNECT_PAUSE.toMillis());
    return config;
  }
}
