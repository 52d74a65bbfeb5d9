package dev.taximeter.streams.late;

import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.worker.NotYetException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** Asks the broker where the topics that carry identities end. */
public final class KafkaTopicEnds implements TopicEnds, AutoCloseable {
  private static final List<Topics> CARRIERS = List.of(Topics.ACCOUNT_INPUTS, Topics.LINE_FATES);

  /** Every line that intake settles is counted, and both belong to one transaction. */
  private static final List<Topics> COUNTED = List.of(Topics.LINE_ACCOUNTING);

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Admin admin;
  private final int partitions;

  /**
   * @param kafka client settings
   * @param partitions of partitioned topics
   */
  public KafkaTopicEnds(Map<String, Object> kafka, int partitions) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "taximeter-topic-ends");
    this.admin = Admin.create(settings);
    this.partitions = partitions;
  }

  @Override
  public Map<TopicPartition, End> read() throws NotYetException {
    Map<String, String> ids = ids();
    Map<TopicPartition, ListOffsetsResultInfo> begins = offsets(CARRIERS, OffsetSpec.earliest());
    // Open transactions included: what they hold may be committed the next moment.
    Map<TopicPartition, ListOffsetsResultInfo> ends = offsets(CARRIERS, OffsetSpec.latest());
    if (!ids.equals(ids())) {
      throw new NotYetException("late lines wait: a topic has just been created anew");
    }
    Map<TopicPartition, End> found = new HashMap<>();
    ends.forEach(
        (partition, end) -> {
          ListOffsetsResultInfo begin = begins.get(partition);
          if (begin == null || end.offset() > begin.offset()) {
            found.put(partition, new End(ids.getOrDefault(partition.topic(), ""), end.offset()));
          }
        });
    return found;
  }

  /**
   * @return whether no line has ever been given a fate in this Kafka, or been shipped by us
   * @throws NotYetException if the broker does not answer
   */
  public boolean nothingWasMetered() throws NotYetException {
    return offsets(COUNTED, OffsetSpec.latest()).values().stream()
        .allMatch(end -> end.offset() == 0);
  }

  /** Ids of topics by name. */
  private Map<String, String> ids() throws NotYetException {
    List<String> topics = CARRIERS.stream().map(Topics::topicName).toList();
    Map<String, String> ids = new HashMap<>();
    answer(admin.describeTopics(topics).allTopicNames())
        .forEach((topic, description) -> ids.put(topic, description.topicId().toString()));
    return ids;
  }

  private Map<TopicPartition, ListOffsetsResultInfo> offsets(List<Topics> topics, OffsetSpec which)
      throws NotYetException {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    for (Topics topic : topics) {
      for (int partition = 0; partition < topic.partitionCount(partitions); partition++) {
        asked.put(new TopicPartition(topic.topicName(), partition), which);
      }
    }
    return answer(admin.listOffsets(asked).all());
  }

  private static <T> T answer(KafkaFuture<T> asked) throws NotYetException {
    try {
      return asked.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new NotYetException("late lines wait: Kafka did not tell where topics end", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NotYetException("late lines wait: metering is stopping", e);
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }
}
