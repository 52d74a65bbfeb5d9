package dev.taximeter.standalone.backfill;

import dev.taximeter.contract.event.LineCount;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the conservation counters from the beginning, and how far topics reach. */
final class AccountingReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private final KafkaConsumer<byte[], LineCount> consumer;
  private boolean assigned;

  /**
   * @param kafka client settings
   */
  AccountingReader(Map<String, Object> kafka) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, IsolationLevel.READ_COMMITTED.toString());
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, "backfill");
    settings.remove(CommonClientConfigs.GROUP_ID_CONFIG);
    consumer =
        new KafkaConsumer<>(
            settings, new ByteArrayDeserializer(), Json.deserializer(LineCount.class));
  }

  /**
   * Hands on what has arrived since the last call.
   *
   * @throws org.apache.kafka.common.KafkaException if the broker cannot be asked; try again
   */
  void poll(ShipmentCounts counts) {
    if (!assigned) {
      List<TopicPartition> partitions = partitions(Topics.LINE_ACCOUNTING);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      assigned = true;
    }
    for (ConsumerRecord<byte[], LineCount> record : consumer.poll(POLL)) {
      if (record.value() != null) {
        counts.accept(record.value());
      }
    }
  }

  /**
   * The ends of what has been committed in some topics.
   *
   * @throws org.apache.kafka.common.KafkaException if the broker cannot be asked; try again
   */
  Map<TopicPartition, Long> committedEnds(List<Topics> topics) {
    List<TopicPartition> partitions = topics.stream().flatMap(t -> partitions(t).stream()).toList();
    return consumer.endOffsets(partitions, ANSWER);
  }

  private List<TopicPartition> partitions(Topics topic) {
    List<PartitionInfo> found = consumer.partitionsFor(topic.topicName(), ANSWER);
    return found.stream().map(p -> new TopicPartition(p.topic(), p.partition())).toList();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
