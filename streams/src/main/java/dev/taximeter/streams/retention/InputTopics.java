package dev.taximeter.streams.retention;

import dev.taximeter.contract.event.ReadGap;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * The topics that metering reads. Every method may throw a {@link
 * org.apache.kafka.common.KafkaException} if Kafka does not answer.
 */
interface InputTopics {
  /**
   * @return first offset of every partition
   */
  Map<TopicPartition, Long> first();

  /**
   * @return next offset that metering, or for late lines its late lane, will read; partitions never
   *     read are missing
   */
  Map<TopicPartition, Long> committed();

  /**
   * @return offset of the first record at or after the instant; the end if there is none
   */
  Map<TopicPartition, Long> firstSince(Collection<TopicPartition> partitions, Instant instant);

  /** Makes the given offsets the first ones. */
  void deleteBefore(Map<TopicPartition, Long> offsets);

  /** Records a gap so that it outlives this process. The same gap may be recorded twice. */
  void record(ReadGap gap);

  /**
   * @return gaps recorded in the last 30 days
   */
  Collection<ReadGap> recorded();
}
