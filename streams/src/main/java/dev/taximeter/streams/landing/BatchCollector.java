package dev.taximeter.streams.landing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sorts rows into batches of one topic, table and month. Small remainders of several partitions
 * travel together: each insert makes a file in ClickHouse that has to be merged later.
 */
final class BatchCollector {
  /** Ranges of one batch: its token, which names them all, is part of a URL. */
  private static final int MAX_RANGES = 16;

  private record Target(String topic, Table<?> table, int month) {
    /** Compared for every line; what a record makes itself goes through method handles. */
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Target that
          && month == that.month
          && table == that.table
          && topic.equals(that.topic);
    }

    @Override
    public int hashCode() {
      int hash = month;
      hash = 31 * hash + table.hashCode();
      hash = 31 * hash + topic.hashCode();
      return hash;
    }
  }

  private static final class Open {
    final List<Batch.Range> ranges = new ArrayList<>();
    final List<Row> rows = new ArrayList<>();
  }

  private final Map<Target, Open> open = new LinkedHashMap<>();
  private final List<Batch> full = new ArrayList<>();

  /**
   * @param range the records that the rows were made from
   */
  void add(Batch.Range range, Collection<Row> rows) {
    for (Row row : rows) {
      Target target = new Target(range.partition().topic(), row.table(), row.month());
      Open batch = open.computeIfAbsent(target, t -> new Open());
      if (batch.ranges.isEmpty() || !batch.ranges.get(batch.ranges.size() - 1).equals(range)) {
        if (batch.ranges.size() == MAX_RANGES) {
          full.add(close(target, batch));
          batch = new Open();
          open.put(target, batch);
        }
        batch.ranges.add(range);
      }
      batch.rows.add(row);
    }
  }

  List<Batch> batches() {
    List<Batch> batches = new ArrayList<>(full);
    open.forEach((target, batch) -> batches.add(close(target, batch)));
    return batches;
  }

  private static Batch close(Target target, Open batch) {
    return new Batch(target.table(), target.month(), batch.ranges, batch.rows);
  }
}
