package dev.taximeter.streams.topology;

import dev.taximeter.contract.topic.Topics;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.StreamsConfig;

/** The one place where Kafka Streams is configured: production and tests use the same. */
public final class StreamsSettings {
  /**
   * The longest that anything waits for its commit. Results ask for theirs when they leave, as
   * {@link dev.taximeter.streams.topology.parts.WakeUp} says; this is for what has none.
   */
  private static final int COMMIT_INTERVAL_MILLIS = 1_000;

  /** Wake-ups happen between polls: a thread without records must not sleep through one. */
  private static final int POLL_MILLIS = 20;

  /**
   * No task waits for one of its topics to catch up with another: raw lines and decided late lines
   * are independent. The default would not wait either, but looks, and formats a sentence, per
   * record.
   */
  private static final long NO_IDLING = -1;

  /** Small writes of one key within a commit become one write to its changelog. */
  private static final long RECORD_CACHE_BYTES = 32L << 20;

  /**
   * Nobody sees a record before its commit, which sends what still waits: a batch may fill up until
   * then. Shorter than the longest wait for a commit, so that not everything is sent at its end.
   */
  private static final int LINGER_MILLIS = 200;

  private static final int BATCH_BYTES = 128 << 10;
  private static final int SEND_BUFFER_BYTES = 64 << 20;

  /** A dead letter is base64 of a frame of the largest size, and a little around it. */
  private static final int MOST_REQUEST_BYTES = Topics.MAX_DEAD_LETTER_BYTES;

  private static final int FETCH_BYTES_PER_PARTITION = 1 << 20;
  private static final int MOST_FETCH_BYTES = 16 << 20;

  /** Lines waiting per partition; lines can be megabytes long. */
  private static final int BUFFERED_RECORDS = 500;

  /** After a crash, the successor waits this long for the dead member of the group. */
  private static final int SESSION_TIMEOUT_MILLIS = 10_000;

  private static final int HEARTBEAT_MILLIS = 2_000;

  private StreamsSettings() {}

  public static Properties of(MeteringSettings settings) {
    Properties properties = new Properties();
    properties.putAll(settings.kafka());
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, Topics.METERING_GROUP);
    properties.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateDirectory().toString());
    properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, (int) settings.replication());
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_INTERVAL_MILLIS);
    properties.put(StreamsConfig.POLL_MS_CONFIG, POLL_MILLIS);
    properties.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, NO_IDLING);
    properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, RECORD_CACHE_BYTES);
    properties.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, BUFFERED_RECORDS);
    properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class);
    // Read when the topology is built: names given by chance would move with every change of it.
    properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    properties.put(StreamsConfig.DEFAULT_TIMESTAMP_EXTRACTOR_CLASS_CONFIG, ArrivalTimestamps.class);
    properties.put(
        StreamsConfig.topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG), Topics.MAX_RECORD_BYTES);
    handlers(properties, settings);
    clients(properties);
    return properties;
  }

  private static void handlers(Properties properties, MeteringSettings settings) {
    properties.put(
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, DeadLetterHandler.class);
    properties.put(
        StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, DeadLetterHandler.class);
    properties.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_GLOBAL_ENABLED_CONFIG, true);
    properties.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, RefusedRecords.class);
    properties.put(DeadLetterHandler.ROOT_SECRET_CONFIG, settings.rootSecret());
  }

  private static void clients(Properties properties) {
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
    properties.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), MOST_REQUEST_BYTES);
    properties.put(
        StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), SEND_BUFFER_BYTES);
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), LINGER_MILLIS);
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), BATCH_BYTES);
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG),
        FETCH_BYTES_PER_PARTITION);
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), MOST_FETCH_BYTES);
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG),
        SESSION_TIMEOUT_MILLIS);
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG),
        HEARTBEAT_MILLIS);
  }
}
