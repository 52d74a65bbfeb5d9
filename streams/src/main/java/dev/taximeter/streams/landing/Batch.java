package dev.taximeter.streams.landing;

import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Rows inserted by one statement: of one table, in one of its partitions, at most one for each key.
 *
 * @param month the table's partition, 0 if it has none
 * @param ranges the records that the rows were made from
 * @param rows at least one
 */
record Batch(Table<?> table, int month, List<Range> ranges, List<Row> rows) {
  Batch {
    ranges = List.copyOf(ranges);
    rows = List.copyOf(rows);
  }

  /**
   * Records of one partition without a gap.
   *
   * @param first offset of the first record
   * @param last offset of the last record
   */
  record Range(TopicPartition partition, long first, long last) {
    String label() {
      return partition + "-" + first + "-" + last;
    }
  }

  /**
   * The batch's name in logs and errors, and the token by which ClickHouse recognises it when it
   * comes again: topic, partition, first and last offset of each range, then table and month.
   */
  String token() {
    return ranges.stream().map(Range::label).collect(Collectors.joining("+"))
        + "/"
        + table.name()
        + (month == 0 ? "" : "/" + month);
  }

  /** Records that have at least one row in the batch. */
  long recordCount() {
    return rows.stream()
        .map(row -> new RecordPosition(row.recordPartition(), row.recordOffset()))
        .distinct()
        .count();
  }

  private record RecordPosition(int partition, long offset) {
    /** Compared for every line; what a record makes itself goes through method handles. */
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof RecordPosition that
          && partition == that.partition
          && offset == that.offset;
    }

    @Override
    public int hashCode() {
      return 31 * partition + Long.hashCode(offset);
    }
  }
}
