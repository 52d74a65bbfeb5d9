package dev.taximeter.streams.landing;

import dev.taximeter.contract.topic.Topics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads from the positions that the sink holds and lands what it reads. One attempt at a time: a
 * failed step leaves everything in place, and repeating it goes on from there. Not thread-safe.
 */
final class LandingSession {
  private static final Logger LOG = LoggerFactory.getLogger(LandingSession.class);

  /** How the reason of a gap begins, where rejects are kept. */
  static final String GAP = "records from offset";

  /** What the reason of an ordered jump holds. */
  static final String RESUMED = "landing resumed at offset";

  /** Offsets of a block: an insert of one topic holds at most as many records. */
  static final int BLOCK_OFFSETS = 10_000;

  /** Rows after which nothing waits for its block to fill up. */
  private static final long MAX_BUFFERED_ROWS = 150_000;

  /** Bytes of rows after which nothing waits any more. */
  private static final long MAX_BUFFERED_BYTES = 48L * 1024 * 1024;

  /** A landing that took long is followed by a pause this many times as long, up to a bound. */
  private static final int PAUSE_PER_EFFORT = 3;

  private static final Duration MAX_PAUSE = Duration.ofSeconds(2);
  private static final Duration IDLE_WAIT = Duration.ofMillis(500);

  /** Silence after which Kafka is asked whether it is still there. */
  private static final Duration SILENCE = Duration.ofSeconds(10);

  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

  /**
   * While rows land, positions are compared with ClickHouse's this often. ClickHouse cannot be
   * replaced in less time, and a failed call makes the comparison due at once.
   */
  private static final Duration COMPARISON = Duration.ofSeconds(1);

  /** The same while there is nothing to land. */
  private static final Duration IDLE_COMPARISON = Duration.ofSeconds(10);

  /** Topics whose records carry the instant at which their line arrived. */
  private static final Set<String> LINES =
      Set.of(Topics.USAGE_EVENTS.topicName(), Topics.LINE_FATES.topicName());

  private static final long NONE = -1;

  private final Consumer<byte[], byte[]> consumer;
  private final RowSink sink;
  private final TopicIds topicIds;
  private final ResumeOrders orders;
  private final Map<String, RecordMapper> mappers;
  private final Duration flushInterval;
  private final LongSupplier nanoTime;

  /** Offsets in it are those of rows: Kafka's plus the partition's base. */
  private final Buffer buffer;

  /** Where the partitions that are landed stand. */
  private final Map<TopicPartition, Position> positions = new HashMap<>();

  /** Partitions whose position ClickHouse holds. */
  private final Set<TopicPartition> stored = new HashSet<>();

  /** Partitions whose last landed record has yet to be compared with Kafka's. */
  private final Set<TopicPartition> unrecognised = new HashSet<>();

  private Map<String, String> ids = Map.of();

  /** What is wrong with the partitions that are not landed. */
  private final Map<TopicPartition, String> blocked = new LinkedHashMap<>();

  /** Ranges of records that are missing in ClickHouse. */
  private final List<String> gaps = new ArrayList<>();

  private boolean comparisonDue;
  private long comparedAt;

  /** Arrival of the newest line that was read, is being landed, has landed. */
  private long newestRead = NONE;

  private long newestTaken = NONE;
  private long newestLanded = NONE;

  private boolean waiting;
  private long waitingSince;
  private long lastEffort;
  private long lastSign;

  /** What has been taken from the buffer and not yet landed. */
  private final Deque<Batch> toInsert = new ArrayDeque<>();

  private final List<Batch> toCount = new ArrayList<>();
  private Map<TopicPartition, Position> toAdvance = Map.of();

  /**
   * @param orders what an operator has decided for partitions that had stopped
   * @param mappers by topic name
   * @param flushInterval longest wait of a record before it is landed, as long as landing keeps up
   * @param nanoTime as {@link System#nanoTime}
   */
  LandingSession(
      Consumer<byte[], byte[]> consumer,
      RowSink sink,
      TopicIds topicIds,
      ResumeOrders orders,
      Map<String, RecordMapper> mappers,
      Duration flushInterval,
      int blockOffsets,
      LongSupplier nanoTime) {
    this.consumer = consumer;
    this.sink = sink;
    this.topicIds = topicIds;
    this.orders = orders;
    this.mappers = mappers;
    this.flushInterval = flushInterval;
    this.nanoTime = nanoTime;
    this.buffer = new Buffer(blockOffsets);
  }

  /**
   * Takes all partitions of all topics at the positions that the sink holds. A partition that is
   * not what it was when it was landed stays out, see {@link #problem()}.
   *
   * @throws SinkException if the sink does not tell them
   * @throws IllegalStateException if a topic is missing
   */
  void begin() throws SinkException {
    mappers.values().forEach(RecordMapper::reset);
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : new TreeSet<>(mappers.keySet())) {
      List<PartitionInfo> found = consumer.partitionsFor(topic);
      if (found == null || found.isEmpty()) {
        throw new IllegalStateException("topic " + topic + " does not exist yet");
      }
      found.forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
    }
    ids = topicIds.of(mappers.keySet());
    Map<TopicPartition, Position> resume = sink.positions();
    Map<TopicPartition, Long> earliest = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    positions.clear();
    stored.clear();
    unrecognised.clear();
    blocked.clear();
    gaps.clear();
    for (TopicPartition partition : partitions) {
      long first = earliest.getOrDefault(partition, 0L);
      begin(partition, resume.get(partition), first, ends.getOrDefault(partition, 0L));
    }
    consumer.assign(positions.keySet());
    for (TopicPartition partition : positions.keySet()) {
      seek(partition, earliest.getOrDefault(partition, 0L));
    }
    lastSign = nanoTime.getAsLong();
    comparedAt = lastSign;
  }

  private void begin(TopicPartition partition, @Nullable Position resume, long first, long end) {
    String id = ids.getOrDefault(partition.topic(), "");
    if (resume == null) {
      start(partition, Position.start(id, 0), first);
      return;
    }
    stored.add(partition);
    if (!resume.topicId().isEmpty() && !resume.topicId().equals(id)) {
      String what = "the topic was deleted and created anew, its id was %s and now is %s";
      resumeOrBlock(partition, resume, what.formatted(resume.topicId(), id), first, end);
    } else if (resume.nextOffset() > end) {
      String what = "Kafka has lost records, it ends at offset %d";
      resumeOrBlock(partition, resume, what.formatted(end), first, end);
    } else {
      start(partition, resume.of(id), first);
      if (resume.lastOffset() >= first) {
        unrecognised.add(partition);
      }
    }
  }

  /** Begins to buffer a partition; what Kafka no longer has of it is reported. */
  private void start(TopicPartition partition, Position position, long first) {
    positions.put(partition, position);
    buffer.start(partition, position.rowOffset(position.nextOffset()));
    if (position.nextOffset() < first) {
      reportGap(
          partition,
          position.rowOffset(position.nextOffset()),
          GAP
              + " %d to %d were deleted before they were landed"
                  .formatted(position.nextOffset(), first - 1));
    }
  }

  /** The record before the position is read again, to see whether it still is the same one. */
  private void seek(TopicPartition partition, long first) {
    Position position = landed(partition);
    boolean fromLast = unrecognised.contains(partition);
    long next = Math.max(position.nextOffset(), first);
    consumer.seek(partition, fromLast ? position.lastOffset() : next);
  }

  /** What had landed is no longer in Kafka: goes on where an operator said, or not at all. */
  private void resumeOrBlock(
      TopicPartition partition, Position position, String what, long first, long end) {
    OptionalLong offset = orders.offset(partition.topic(), position, first, end);
    if (offset.isEmpty()) {
      String sentence =
          "landing of %s has stopped: %s, while records before offset %d have been landed; to land what Kafka holds now, start metering with %s"
              .formatted(
                  partition,
                  what,
                  position.nextOffset(),
                  ResumeOrders.example(partition.topic(), position));
      LOG.error("{}", sentence);
      blocked.put(partition, sentence);
      return;
    }
    Position resumed =
        position.resumedAt(ids.getOrDefault(partition.topic(), ""), offset.getAsLong());
    positions.put(partition, resumed);
    stored.remove(partition);
    // The report lands at once, and with it the new generation.
    long report = resumed.rowOffset(resumed.nextOffset()) - 1;
    buffer.start(partition, report);
    buffer.position(partition, report + 1);
    reportGap(
        partition,
        report,
        what
            + "; as ordered, "
            + RESUMED
            + " %d instead of %d".formatted(resumed.nextOffset(), position.nextOffset()));
  }

  /**
   * @return why some partitions are not landed, and what to do; empty if all are
   */
  Optional<String> problem() {
    return blocked.values().stream()
        .findFirst()
        .map(
            first ->
                blocked.size() == 1
                    ? first
                    : first + " (and %d more partitions)".formatted(blocked.size() - 1));
  }

  /**
   * @return what is missing in ClickHouse because Kafka no longer had it, a sentence for each range
   */
  List<String> gaps() {
    return List.copyOf(gaps);
  }

  /**
   * Reads what has arrived. Waits at most until something is due.
   *
   * @throws org.apache.kafka.common.KafkaException if Kafka refuses or does not answer
   */
  void read() {
    if (positions.isEmpty()) {
      LockSupport.parkNanos(IDLE_WAIT.toNanos());
      return;
    }
    ConsumerRecords<byte[], byte[]> records = consumer.poll(patience());
    Set<TopicPartition> moved = new HashSet<>(records.partitions());
    for (TopicPartition partition : moved) {
      List<ConsumerRecord<byte[], byte[]>> found = records.records(partition);
      if (unrecognised.remove(partition) && !isRecognised(found.get(0))) {
        giveUp(partition);
        continue;
      }
      Position position = landed(partition);
      for (ConsumerRecord<byte[], byte[]> record : found) {
        if (record.offset() >= position.nextOffset()) {
          long offset = position.rowOffset(record.offset());
          buffer.add(partition, offset, Position.checksum(record.value()), rows(record, offset));
          if (LINES.contains(record.topic())) {
            newestRead = Math.max(newestRead, record.timestamp());
          }
        }
      }
    }
    // Positions pass transaction markers too, which are no records.
    for (TopicPartition partition : consumer.assignment()) {
      buffer.position(partition, landed(partition).rowOffset(consumer.position(partition)));
    }
    long now = nanoTime.getAsLong();
    if (!moved.isEmpty()) {
      lastSign = now;
    } else if (now - lastSign >= SILENCE.toNanos()) {
      // A consumer whose broker is gone just stays silent; this throws.
      consumer.listTopics(ANSWER_TIMEOUT);
      lastSign = now;
    }
    if (!waiting && !buffer.isEmpty()) {
      waiting = true;
      waitingSince = now;
    }
  }

  /** Whether the first record at or after the last landed one can be that one. */
  private boolean isRecognised(ConsumerRecord<byte[], byte[]> record) {
    Position position = landed(new TopicPartition(record.topic(), record.partition()));
    if (record.offset() == position.lastOffset()) {
      return Position.checksum(record.value()) == position.lastChecksum();
    }
    // It may have been compacted away, but then there was no other before the position.
    return record.offset() >= position.nextOffset();
  }

  /** Another history of the partition than the one that has landed. */
  private void giveUp(TopicPartition partition) {
    Position position = landed(partition);
    long first = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
    long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
    buffer.drop(partition);
    positions.remove(partition);
    String what = "Kafka has lost records, another record now has offset %d";
    resumeOrBlock(partition, position, what.formatted(position.lastOffset()), first, end);
    consumer.assign(positions.keySet());
    if (positions.containsKey(partition)) {
      seek(partition, first);
    }
  }

  /**
   * @return Kafka's offset of the next record to land, by partition
   */
  Map<TopicPartition, Long> landed() {
    Map<TopicPartition, Long> landed = new HashMap<>();
    positions.forEach((partition, position) -> landed.put(partition, position.nextOffset()));
    return Map.copyOf(landed);
  }

  private Position landed(TopicPartition partition) {
    Position position = positions.get(partition);
    if (position == null) {
      throw new IllegalStateException(partition + " is not landed");
    }
    return position;
  }

  /**
   * @return whether it is time to {@link #land}
   */
  boolean isDue() {
    return isLanding()
        || buffer.hasWholeBlock()
        || isFull()
        || isComparisonDue(IDLE_COMPARISON)
        || (waiting && nanoTime.getAsLong() - waitingSince >= interval());
  }

  /**
   * Lands what is due: rows, then a count of what has arrived, then positions. After a failure the
   * same batches are tried again, and nothing else is landed before them.
   *
   * @throws SinkException if ClickHouse fails, or no longer holds what it had
   * @throws IllegalStateException if a topic is not the one that was read; landing must begin anew
   */
  void land() throws SinkException {
    try {
      landWhatIsDue();
    } catch (SinkException e) {
      comparisonDue = true;
      throw e;
    }
  }

  /**
   * @return once after everything that was read has landed: when the newest of its lines arrived,
   *     in milliseconds since 1970
   */
  OptionalLong takeNewestLanded() {
    long newest = newestLanded;
    newestLanded = NONE;
    return newest == NONE ? OptionalLong.empty() : OptionalLong.of(newest);
  }

  private void landWhatIsDue() throws SinkException {
    if (isComparisonDue(isLanding() || !buffer.isEmpty() ? COMPARISON : IDLE_COMPARISON)) {
      compare();
    }
    if (!isLanding()) {
      take();
    }
    if (!isLanding()) {
      return;
    }
    long begun = nanoTime.getAsLong();
    while (!toInsert.isEmpty()) {
      sink.insert(toInsert.getFirst(), false);
      toCount.add(toInsert.removeFirst());
    }
    countBack();
    if (!toAdvance.isEmpty()) {
      sink.advance(toAdvance);
      stored.addAll(toAdvance.keySet());
      toAdvance.forEach((partition, position) -> positions.replace(partition, position));
      toAdvance = Map.of();
    }
    newestLanded = Math.max(newestLanded, newestTaken);
    newestTaken = NONE;
    lastEffort = nanoTime.getAsLong() - begun;
  }

  private boolean isComparisonDue(Duration interval) {
    return comparisonDue || nanoTime.getAsLong() - comparedAt >= interval.toNanos();
  }

  /** Whether ClickHouse still holds what it has acknowledged; it may have been replaced. */
  private void compare() throws SinkException {
    Map<TopicPartition, Position> held = sink.positions();
    for (TopicPartition partition : stored) {
      Position own = positions.get(partition);
      Position theirs = held.get(partition);
      if (own != null && (theirs == null || theirs.isBehind(own))) {
        throw SinkException.dataLost(
            "ClickHouse no longer knows that %s was landed up to offset %d: it was wiped or restored"
                .formatted(partition, own.nextOffset() - 1),
            null);
      }
    }
    comparisonDue = false;
    comparedAt = nanoTime.getAsLong();
  }

  private boolean isLanding() {
    return !toInsert.isEmpty() || !toCount.isEmpty() || !toAdvance.isEmpty();
  }

  private void take() {
    boolean full = isFull();
    if (!buffer.isEmpty() && !ids.equals(topicIds.of(mappers.keySet()))) {
      // An id never comes back, so what was read before this question is what it seemed to be.
      throw new IllegalStateException("a topic was deleted or created anew; landing begins again");
    }
    Buffer.Load load = buffer.take(partition -> !full && isBehind(partition));
    toInsert.addAll(load.batches());
    Map<TopicPartition, Position> advanced = new HashMap<>();
    load.progress()
        .forEach(
            (partition, progress) ->
                advanced.put(partition, landed(partition).advancedTo(progress)));
    toAdvance = advanced;
    if (buffer.isEmpty()) {
      newestTaken = newestRead;
      newestRead = NONE;
    }
    // What stays behind waits for its block to fill up; new records start a new wait.
    waiting = !buffer.isEmpty();
    waitingSince = nanoTime.getAsLong();
  }

  /** Whether the partition's current block is sure to fill up soon. */
  private boolean isBehind(TopicPartition partition) {
    return consumer.currentLag(partition).orElse(0) >= buffer.blockOffsets();
  }

  private boolean isFull() {
    return buffer.rows() >= MAX_BUFFERED_ROWS || buffer.bytes() >= MAX_BUFFERED_BYTES;
  }

  /**
   * An acknowledged insert can still be missing, if ClickHouse took it for a repetition of one that
   * it does not hold any more.
   */
  private void countBack() throws SinkException {
    if (toCount.isEmpty()) {
      return;
    }
    List<Batch> missing = missing(toCount);
    for (Batch batch : missing) {
      LOG.warn("Batch {} was acknowledged but is not there; inserting it again", batch.token());
      sink.insert(batch, true);
    }
    List<Batch> lost = missing(missing);
    if (!lost.isEmpty()) {
      throw new SinkException(
          "ClickHouse acknowledged batch " + lost.get(0).token() + " twice but does not hold it");
    }
    toCount.clear();
  }

  private List<Batch> missing(List<Batch> batches) throws SinkException {
    List<Batch> missing = new ArrayList<>();
    List<Long> landed = batches.isEmpty() ? List.of() : sink.landedRecords(batches);
    for (int i = 0; i < batches.size(); i++) {
      if (landed.get(i) < batches.get(i).recordCount()) {
        missing.add(batches.get(i));
      }
    }
    return missing;
  }

  private Duration patience() {
    if (!waiting) {
      return IDLE_WAIT;
    }
    long rest = waitingSince + interval() - nanoTime.getAsLong();
    return Duration.ofNanos(Math.max(0, Math.min(rest, IDLE_WAIT.toNanos())));
  }

  /** Landing small batches without a break would keep ClickHouse busy with merging them. */
  private long interval() {
    long pause = Math.min(PAUSE_PER_EFFORT * lastEffort, MAX_PAUSE.toNanos());
    return Math.max(flushInterval.toNanos(), pause);
  }

  private List<Row> rows(ConsumerRecord<byte[], byte[]> record, long offset) {
    RecordMapper mapper = mappers.get(record.topic());
    if (mapper == null) {
      throw new IllegalStateException("topic " + record.topic() + " is not landed");
    }
    try {
      if (record.value() == null && record.topic().equals(Topics.SOURCES.topicName())) {
        return List.of(); // A source that gave way; history keeps what was known of it.
      }
      if (record.value() == null) {
        throw new UnlandableException("it has no value");
      }
      return mapper.rows(record.partition(), offset, record.value());
    } catch (UnlandableException e) {
      return List.of(reject(record.topic(), record.partition(), offset, e.reason()));
    } catch (RuntimeException e) {
      // Most likely a field that must not be absent. The message might quote the record.
      String reason = "it cannot be turned into rows: " + e.getClass().getSimpleName();
      return List.of(reject(record.topic(), record.partition(), offset, reason));
    }
  }

  private void reportGap(TopicPartition partition, long rowOffset, String reason) {
    gaps.add(partition + ": " + reason);
    Row row = reject(partition.topic(), partition.partition(), rowOffset, reason);
    buffer.note(partition, rowOffset, List.of(row));
  }

  static Row reject(Topics topic, int partition, long offset, String reason) {
    return reject(topic.topicName(), partition, offset, reason);
  }

  private static Row reject(String topic, int partition, long offset, String reason) {
    LOG.error("Cannot land the record at {}-{} offset {}: {}", topic, partition, offset, reason);
    Tables.Reject reject = new Tables.Reject(topic, partition, offset, reason);
    return Tables.REJECTS.row(partition, offset, reject);
  }
}
