package dev.taximeter.streams.late;

import dev.taximeter.streams.worker.NotYetException;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/** What history knows of lines. Every method may be repeated. */
public interface Identities extends AutoCloseable {
  /** What is known of a line. */
  enum Known {
    /** It has had a fate other than quarantined. */
    SEEN,
    /** It was never anything but quarantined. */
    ONLY_QUARANTINED
  }

  /**
   * @param ids identities of lines, 32 hex digits
   * @return what is known of those that are known
   * @throws NotYetException if history does not answer
   */
  Map<String, Known> find(Collection<String> ids) throws NotYetException;

  /**
   * @return when the first of all known lines arrived; empty if none is known
   * @throws NotYetException if history does not answer
   */
  Optional<Instant> oldestArrival() throws NotYetException;

  /**
   * @return when the installation began to keep identities
   * @throws NotYetException if history does not answer
   */
  Instant since() throws NotYetException;

  /**
   * @return whether identities were lost: Kafka had deleted them before history knew them, as after
   *     a ClickHouse that was replaced by an empty one
   * @throws NotYetException if history does not answer
   */
  boolean isIncomplete() throws NotYetException;

  /**
   * @return for each partition of the topics that carry identities, up to where they are known;
   *     what is absent has not been read at all, or is not being read at present
   * @throws NotYetException if history does not answer
   */
  Map<TopicPartition, Reached> landed() throws NotYetException;

  /**
   * Up to where the records of a partition are known.
   *
   * @param topicId Kafka's id of the topic that was read; empty if an earlier version read it
   * @param nextOffset the first offset that is not known
   */
  record Reached(String topicId, long nextOffset) {}

  @Override
  void close();
}
