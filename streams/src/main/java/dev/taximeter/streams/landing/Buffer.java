package dev.taximeter.streams.landing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;

/**
 * Rows that have been read but not landed. Records are kept in blocks that end at fixed multiples
 * of offsets: whatever the reads in between were, a block that is taken whole holds the same
 * records, so a repetition after a crash is recognised as one.
 */
final class Buffer {
  /** Offsets of a block; transaction markers count. */
  private final int blockOffsets;

  private final Map<TopicPartition, Partition> partitions = new LinkedHashMap<>();
  private long rows;
  private long bytes;

  Buffer(int blockOffsets) {
    this.blockOffsets = blockOffsets;
  }

  /** Records of one partition between two multiples, or as much of them as has been read. */
  private static final class Block {
    final TopicPartition partition;
    final long index;
    final Map<List<Object>, Row> rows = new LinkedHashMap<>();
    final long first;
    long last;
    long bytes;
    long lastRecord = Position.NONE;
    long lastChecksum;

    Block(TopicPartition partition, long index, long first) {
      this.partition = partition;
      this.index = index;
      this.first = first;
    }
  }

  private static final class Partition {
    final Deque<Block> blocks = new ArrayDeque<>();
    long position;
    long taken;

    Partition(long position) {
      this.position = position;
      this.taken = position;
    }
  }

  /** Something to land: the batches in order, then how far they reach. */
  record Load(List<Batch> batches, Map<TopicPartition, Progress> progress) {}

  /**
   * How far a partition has been taken.
   *
   * @param position all records before it have been taken
   * @param lastOffset of the last record among what was taken; {@link Position#NONE}: there was
   *     none
   * @param lastChecksum of that record's value
   */
  record Progress(long position, long lastOffset, long lastChecksum) {}

  /** Starts or restarts a partition at a position; drops what was buffered of it. */
  void start(TopicPartition partition, long position) {
    drop(partition);
    partitions.put(partition, new Partition(position));
  }

  /** Forgets a partition and what was buffered of it. */
  void drop(TopicPartition partition) {
    Partition dropped = partitions.remove(partition);
    if (dropped != null) {
      dropped.blocks.forEach(this::forget);
    }
  }

  /**
   * @param checksum of the record's value
   * @param rows the record's rows; of two with the same key in a block, the later stays
   */
  void add(TopicPartition partition, long offset, long checksum, List<Row> rows) {
    Block block = addRows(partition, offset, rows);
    block.lastRecord = offset;
    block.lastChecksum = checksum;
  }

  /** Adds rows that stand for no record, such as the report of a gap. */
  void note(TopicPartition partition, long offset, List<Row> rows) {
    addRows(partition, offset, rows);
  }

  private Block addRows(TopicPartition partition, long offset, List<Row> rows) {
    Partition of = partition(partition);
    long index = offset / blockOffsets;
    Block block = of.blocks.peekLast();
    if (block == null || block.index != index) {
      block = new Block(partition, index, offset);
      of.blocks.addLast(block);
    }
    block.last = offset;
    for (Row row : rows) {
      Row replaced = block.rows.put(List.of(row.table().name(), row.key()), row);
      count(block, row, 1);
      if (replaced != null) {
        count(block, replaced, -1);
      }
    }
    return block;
  }

  /** All records before the position have been added. */
  void position(TopicPartition partition, long position) {
    Partition of = partition(partition);
    of.position = Math.max(of.position, position);
  }

  int blockOffsets() {
    return blockOffsets;
  }

  long rows() {
    return rows;
  }

  long bytes() {
    return bytes;
  }

  /**
   * @return whether any position has moved since it was last taken
   */
  boolean isEmpty() {
    return partitions.values().stream().allMatch(p -> p.position == p.taken);
  }

  /**
   * @return whether {@link #take} would take at least one whole block
   */
  boolean hasWholeBlock() {
    return partitions.values().stream()
        .anyMatch(p -> !p.blocks.isEmpty() && p.blocks.peekFirst().index < wholeBlocks(p));
  }

  /**
   * Removes and returns what is to be landed.
   *
   * @param wholeBlocksOnly partitions whose last, incomplete block stays
   */
  Load take(Predicate<TopicPartition> wholeBlocksOnly) {
    List<Batch> batches = new ArrayList<>();
    BatchCollector remainders = new BatchCollector();
    Map<TopicPartition, Progress> progress = new LinkedHashMap<>();
    partitions.forEach(
        (partition, buffered) -> {
          boolean whole = wholeBlocksOnly.test(partition);
          long until = whole ? wholeBlocks(buffered) * blockOffsets : buffered.position;
          if (until <= buffered.taken) {
            return;
          }
          long lastRecord = Position.NONE;
          long lastChecksum = 0;
          Block block = buffered.blocks.peekFirst();
          while (block != null && block.last < until) {
            buffered.blocks.removeFirst();
            forget(block);
            if (block.lastRecord != Position.NONE) {
              lastRecord = block.lastRecord;
              lastChecksum = block.lastChecksum;
            }
            if (block.index < wholeBlocks(buffered)) {
              batches.addAll(alone(block));
            } else {
              addTo(remainders, block);
            }
            block = buffered.blocks.peekFirst();
          }
          buffered.taken = until;
          progress.put(partition, new Progress(until, lastRecord, lastChecksum));
        });
    batches.addAll(remainders.batches());
    // A reader that sees a state then sees the bill lines it stands for.
    batches.sort(Comparator.comparingInt(batch -> Tables.ALL.indexOf(batch.table())));
    return new Load(batches, progress);
  }

  private long wholeBlocks(Partition partition) {
    return partition.position / blockOffsets;
  }

  private static List<Batch> alone(Block block) {
    BatchCollector collector = new BatchCollector();
    addTo(collector, block);
    return collector.batches();
  }

  private static void addTo(BatchCollector collector, Block block) {
    collector.add(new Batch.Range(block.partition, block.first, block.last), block.rows.values());
  }

  private Partition partition(TopicPartition partition) {
    Partition found = partitions.get(partition);
    if (found == null) {
      throw new IllegalStateException(partition + " was not started");
    }
    return found;
  }

  private void count(Block block, Row row, int sign) {
    rows += sign;
    bytes += sign * (long) row.bytes().length;
    block.bytes += sign * (long) row.bytes().length;
  }

  private void forget(Block block) {
    rows -= block.rows.size();
    bytes -= block.bytes;
  }
}
