package dev.taximeter.streams.replay;

import dev.taximeter.streams.worker.NotYetException;
import java.util.Optional;

/** The dead-letter topic, read at single places. */
public interface Letters extends AutoCloseable {
  /**
   * @return the record's value; empty if the topic no longer has it
   * @throws NotYetException if Kafka does not answer
   */
  Optional<byte[]> read(LetterIndex.Place place) throws NotYetException;

  @Override
  void close();
}
