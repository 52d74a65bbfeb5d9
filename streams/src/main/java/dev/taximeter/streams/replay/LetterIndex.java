package dev.taximeter.streams.replay;

import dev.taximeter.streams.worker.NotYetException;
import java.util.Collection;
import java.util.Map;

/** Where dead letters stand in their topic. */
public interface LetterIndex extends AutoCloseable {
  /**
   * A record of the dead-letter topic.
   *
   * @param partition of the topic
   * @param offset in the partition
   */
  record Place(int partition, long offset) {}

  /**
   * @param ids identities of lines, 32 hex digits
   * @return the latest letter of each line that has one
   * @throws NotYetException if the index does not answer
   */
  Map<String, Place> find(Collection<String> ids) throws NotYetException;

  @Override
  void close();
}
