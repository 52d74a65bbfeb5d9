package dev.taximeter.streams.landing;

import java.util.List;

/** Turns the records of one topic into rows. */
interface RecordMapper {
  /**
   * @return the record's rows; empty if it changes nothing
   * @throws RuntimeException if it is no record of the topic, or a value does not fit its column
   */
  List<Row> rows(int partition, long offset, byte[] value);

  /** Forgets what it remembers of earlier records: landing goes back to an earlier position. */
  default void reset() {}
}
