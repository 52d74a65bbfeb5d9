package dev.taximeter.streams.landing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** Keeps rows and positions as ClickHouse would, and fails or forgets when told to. */
final class InMemorySink implements RowSink {
  /** What happened, in order: {@code insert TOKEN}, {@code again TOKEN}, {@code advance}. */
  final List<String> log = new ArrayList<>();

  final Map<TopicPartition, Position> positions = new HashMap<>();

  /** The latest row of each table and key. */
  private final Map<List<Object>, Row> rows = new LinkedHashMap<>();

  /** Calls that succeed before one fails; none fails if negative. */
  int callsUntilFailure = -1;

  /** Runs at each insert, as if it took its time. */
  Runnable onInsert = () -> {};

  /** Inserts that are acknowledged without being written, unless they come again. */
  int forgotten;

  @Override
  public Map<TopicPartition, Position> positions() throws SinkException {
    mayFail();
    return Map.copyOf(positions);
  }

  @Override
  public void insert(Batch batch, boolean again) throws SinkException {
    mayFail();
    onInsert.run();
    log.add((again ? "again " : "insert ") + batch.token());
    if (!again && forgotten > 0) {
      forgotten--;
      return;
    }
    for (Row row : batch.rows()) {
      rows.merge(
          List.of(row.table().name(), row.key()),
          row,
          (old, fresh) -> fresh.recordOffset() >= old.recordOffset() ? fresh : old);
    }
  }

  @Override
  public List<Long> landedRecords(List<Batch> batches) throws SinkException {
    mayFail();
    return batches.stream()
        .map(
            batch ->
                batch.rows().stream()
                    .filter(row -> rows.containsKey(List.of(row.table().name(), row.key())))
                    .map(row -> List.of(row.recordPartition(), row.recordOffset()))
                    .distinct()
                    .count())
        .toList();
  }

  @Override
  public void advance(Map<TopicPartition, Position> to) throws SinkException {
    mayFail();
    log.add("advance");
    to.forEach(
        (partition, position) ->
            positions.merge(
                partition, position, (old, fresh) -> fresh.isBehind(old) ? old : fresh));
  }

  @Override
  public void close() {}

  /** As if the server had been replaced by an empty one. */
  void wipe() {
    rows.clear();
    positions.clear();
  }

  List<Map<String, Object>> table(String name) {
    return rows.values().stream()
        .filter(row -> row.table().name().equals(name))
        .map(RowReader::read)
        .toList();
  }

  private void mayFail() throws SinkException {
    if (callsUntilFailure-- == 0) {
      throw new SinkException("ClickHouse did not answer");
    }
  }
}
