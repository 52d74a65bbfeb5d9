package dev.taximeter.streams.landing;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * Where rows land. Rows and positions are upserts, so every method may be repeated, also after it
 * failed halfway.
 */
interface RowSink extends AutoCloseable {
  /**
   * @return where to resume, for each partition that has landed anything
   */
  Map<TopicPartition, Position> positions() throws SinkException;

  /**
   * @param again whether the batch was found missing after an insert that had been acknowledged: it
   *     must be written even if it was seen before
   */
  void insert(Batch batch, boolean again) throws SinkException;

  /**
   * @return for each batch, how many of its {@link Batch#recordCount} records have rows
   */
  List<Long> landedRecords(List<Batch> batches) throws SinkException;

  /** Moves the positions forward; earlier ones than before have no effect. */
  void advance(Map<TopicPartition, Position> positions) throws SinkException;

  @Override
  void close();
}
