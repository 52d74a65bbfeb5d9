package dev.taximeter.streams.landing;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads from the positions that the sink holds and lands what it reads. One attempt at a time: a
 * failed step leaves everything in place, and repeating it goes on from there. Not thread-safe.
 */
final class LandingSession {
  private static final Logger LOG = LoggerFactory.getLogger(LandingSession.class);

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

  private final Consumer<byte[], byte[]> consumer;
  private final RowSink sink;
  private final Map<String, RecordMapper> mappers;
  private final Duration flushInterval;
  private final LongSupplier nanoTime;
  private final Buffer buffer;

  private boolean waiting;
  private long waitingSince;
  private long lastEffort;
  private long lastSign;

  /** What has been taken from the buffer and not yet landed. */
  private final Deque<Batch> toInsert = new ArrayDeque<>();

  private final List<Batch> toCount = new ArrayList<>();
  private Map<TopicPartition, Long> toAdvance = Map.of();

  /**
   * @param mappers by topic name
   * @param flushInterval longest wait of a record before it is landed, as long as landing keeps up
   * @param nanoTime as {@link System#nanoTime}
   */
  LandingSession(
      Consumer<byte[], byte[]> consumer,
      RowSink sink,
      Map<String, RecordMapper> mappers,
      Duration flushInterval,
      int blockOffsets,
      LongSupplier nanoTime) {
    this.consumer = consumer;
    this.sink = sink;
    this.mappers = mappers;
    this.flushInterval = flushInterval;
    this.nanoTime = nanoTime;
    this.buffer = new Buffer(blockOffsets);
  }

  /**
   * Takes all partitions of all topics at the positions that the sink holds.
   *
   * @throws SinkException if the sink does not tell them
   * @throws IllegalStateException if a topic is missing, or ends before its position
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
    Map<TopicPartition, Long> stored = sink.positions();
    Map<TopicPartition, Long> earliest = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
    consumer.assign(partitions);
    for (TopicPartition partition : partitions) {
      long first = earliest.getOrDefault(partition, 0L);
      long position = stored.getOrDefault(partition, first);
      if (position > end.getOrDefault(partition, 0L)) {
        throw new IllegalStateException(
            "%s ends at offset %d, but records before %d have been landed: Kafka has lost records"
                .formatted(partition, end.getOrDefault(partition, 0L), position));
      }
      buffer.start(partition, position);
      if (position < first) {
        reportGap(partition, position, first);
      }
      consumer.seek(partition, Math.max(position, first));
    }
    lastSign = nanoTime.getAsLong();
  }

  /**
   * Reads what has arrived. Waits at most until something is due.
   *
   * @throws org.apache.kafka.common.KafkaException if Kafka refuses or does not answer
   */
  void read() {
    ConsumerRecords<byte[], byte[]> records = consumer.poll(patience());
    Set<TopicPartition> moved = new HashSet<>(records.partitions());
    for (ConsumerRecord<byte[], byte[]> record : records) {
      TopicPartition partition = new TopicPartition(record.topic(), record.partition());
      buffer.add(partition, record.offset(), rows(record));
    }
    // Positions pass transaction markers too, which are no records.
    for (TopicPartition partition : consumer.assignment()) {
      buffer.position(partition, consumer.position(partition));
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

  /**
   * @return whether it is time to {@link #land}
   */
  boolean isDue() {
    return isLanding()
        || buffer.hasWholeBlock()
        || isFull()
        || (waiting && nanoTime.getAsLong() - waitingSince >= interval());
  }

  /**
   * Lands what is due: rows, then a count of what has arrived, then positions. After a failure the
   * same batches are tried again, and nothing else is landed before them.
   */
  void land() throws SinkException {
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
      toAdvance = Map.of();
    }
    lastEffort = nanoTime.getAsLong() - begun;
  }

  private boolean isLanding() {
    return !toInsert.isEmpty() || !toCount.isEmpty() || !toAdvance.isEmpty();
  }

  private void take() {
    boolean full = isFull();
    Buffer.Load load = buffer.take(partition -> !full && isBehind(partition));
    toInsert.addAll(load.batches());
    toAdvance = load.positions();
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

  private List<Row> rows(ConsumerRecord<byte[], byte[]> record) {
    RecordMapper mapper = mappers.get(record.topic());
    if (mapper == null) {
      throw new IllegalStateException("topic " + record.topic() + " is not landed");
    }
    try {
      if (record.value() == null) {
        throw new UnlandableException("it has no value");
      }
      return mapper.rows(record.partition(), record.offset(), record.value());
    } catch (UnlandableException e) {
      return List.of(reject(record.topic(), record.partition(), record.offset(), e.reason()));
    } catch (RuntimeException e) {
      // Most likely a field that must not be absent. The message might quote the record.
      String reason = "it cannot be turned into rows: " + e.getClass().getSimpleName();
      return List.of(reject(record.topic(), record.partition(), record.offset(), reason));
    }
  }

  private void reportGap(TopicPartition partition, long position, long first) {
    String reason =
        "records up to offset %d were deleted before they were landed".formatted(first - 1);
    Row row = reject(partition.topic(), partition.partition(), position, reason);
    buffer.add(partition, position, List.of(row));
  }

  private static Row reject(String topic, int partition, long offset, String reason) {
    LOG.error("Cannot land the record at {}-{} offset {}: {}", topic, partition, offset, reason);
    Tables.Reject reject = new Tables.Reject(topic, partition, offset, reason);
    return Tables.REJECTS.row(partition, offset, reject);
  }
}
