package dev.taximeter.contract.topic;

import dev.taximeter.contract.event.ReadGap;
import dev.taximeter.contract.json.Json;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import tools.jackson.core.JacksonException;

/** Reads what {@code metering.gaps.v1} holds. */
public final class ReadGaps {
  private static final Duration POLL = Duration.ofMillis(200);

  private ReadGaps() {}

  /**
   * @param kafka client settings
   * @param patience how long Kafka may take to answer
   * @return the gaps found within the topic's retention, each once, oldest first
   * @throws KafkaException if Kafka does not answer in time
   */
  public static List<ReadGap> read(Map<String, Object> kafka, Duration patience) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) patience.toMillis());
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    try (Consumer<String, byte[]> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
      return read(consumer, System.nanoTime() + patience.toNanos());
    }
  }

  private static List<ReadGap> read(Consumer<String, byte[]> consumer, long deadline) {
    TopicPartition partition = new TopicPartition(Topics.METERING_GAPS.topicName(), 0);
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
    Map<String, ReadGap> gaps = new LinkedHashMap<>();
    while (consumer.position(partition) < end) {
      if (System.nanoTime() - deadline > 0) {
        throw new KafkaException("Kafka did not give " + partition + " in time");
      }
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        add(gaps, record);
      }
    }
    return List.copyOf(gaps.values());
  }

  private static void add(Map<String, ReadGap> gaps, ConsumerRecord<String, byte[]> record) {
    try {
      ReadGap gap = Json.MAPPER.readValue(record.value(), ReadGap.class);
      gaps.putIfAbsent(gap.recordKey(), gap);
    } catch (JacksonException e) {
      throw new KafkaException("a record of " + record.topic() + " is no gap");
    }
  }
}
