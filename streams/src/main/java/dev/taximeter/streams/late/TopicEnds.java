package dev.taximeter.streams.late;

import dev.taximeter.streams.worker.NotYetException;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** Where the topics that carry identities end. */
@FunctionalInterface
public interface TopicEnds {
  /**
   * @return for each partition the offset after the last record, committed or not; partitions that
   *     hold no record are left out
   * @throws NotYetException if Kafka does not answer
   */
  Map<TopicPartition, Long> read() throws NotYetException;
}
