package dev.taximeter.streams.landing;

import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Where landing resumes in one partition, and by what it recognises that Kafka still holds what it
 * has landed. Rows carry {@code offsetBase + offset}, so that rows of a topic that was lost and
 * filled again are newer than those of before.
 *
 * @param generation how often an operator has decided where to resume; the highest is in force
 * @param topicId Kafka's id of the topic; empty if an earlier version stored the position
 * @param offsetBase what is added to Kafka's offsets to get those of rows; grows with generations
 * @param nextOffset Kafka's offset of the next record to land
 * @param lastOffset Kafka's offset of the last record that has landed; {@link #NONE} if unknown
 * @param lastChecksum of that record's value
 */
record Position(
    int generation,
    String topicId,
    long offsetBase,
    long nextOffset,
    long lastOffset,
    long lastChecksum) {

  /** There is no record to recognise the partition by. */
  static final long NONE = -1;

  /** The beginning of a topic that has never been landed. */
  static Position start(String topicId, long nextOffset) {
    return new Position(0, topicId, 0, nextOffset, NONE, 0);
  }

  /** The same position, now that the topic's id is known. */
  Position of(String knownTopicId) {
    return new Position(generation, knownTopicId, offsetBase, nextOffset, lastOffset, lastChecksum);
  }

  /**
   * Resuming elsewhere: what lands from now on is newer than all that has landed, with one row
   * offset left free in between for the report of it.
   */
  Position resumedAt(String knownTopicId, long offset) {
    return new Position(generation + 1, knownTopicId, rowOffset(nextOffset) + 1, offset, NONE, 0);
  }

  /**
   * @param progress in offsets of rows
   */
  Position advancedTo(Buffer.Progress progress) {
    boolean anyRecord = progress.lastOffset() != NONE;
    return new Position(
        generation,
        topicId,
        offsetBase,
        progress.position() - offsetBase,
        anyRecord ? progress.lastOffset() - offsetBase : lastOffset,
        anyRecord ? progress.lastChecksum() : lastChecksum);
  }

  long rowOffset(long kafkaOffset) {
    return offsetBase + kafkaOffset;
  }

  /** Whether less has landed by this position than by the other. */
  boolean isBehind(Position other) {
    return generation != other.generation
        ? generation < other.generation
        : nextOffset < other.nextOffset;
  }

  static long checksum(byte @Nullable [] value) {
    CRC32C checksum = new CRC32C();
    if (value != null) {
      checksum.update(value);
    }
    return checksum.getValue();
  }
}
