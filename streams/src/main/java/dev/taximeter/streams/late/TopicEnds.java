package dev.taximeter.streams.late;

import dev.taximeter.streams.worker.NotYetException;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** Where the topics that carry identities end. */
@FunctionalInterface
public interface TopicEnds {
  /**
   * @return for each partition where it ends; partitions that hold no record are left out
   * @throws NotYetException if Kafka does not answer
   */
  Map<TopicPartition, End> read() throws NotYetException;

  /**
   * Where one partition ends.
   *
   * @param topicId Kafka's id of the topic: one that was deleted and created anew has another
   * @param offset after the last record, committed or not
   */
  record End(String topicId, long offset) {}
}
