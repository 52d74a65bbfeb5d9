package dev.taximeter.ship;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.RawLine;
import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * When a source says that it is alive, and how far it has been shipped: at regular intervals, and
 * once all of what has just come is shipped. Heartbeats travel behind the lines, through every
 * partition of the raw topic.
 */
final class Heartbeats {
  /** Regular interval. A source is taken for silent after twelve of them. */
  static final Duration INTERVAL = Duration.ofSeconds(5);

  /** Least time between two heartbeats of a source that has caught up again and again. */
  static final Duration LEAST_INTERVAL = Duration.ofMillis(500);

  /** Heartbeats of all sources together are no more than so many records a second. */
  private static final long MOST_RECORDS_PER_SECOND = 1_000;

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final LineSource source;
  private final String shipment;
  private boolean begun;
  private long lastNanos;
  private boolean shippedSince;
  private boolean endSaid;
  private boolean sent;
  private boolean sentEnd;
  private long sentNanos;

  Heartbeats(LineSource source, String shipment) {
    this.source = source;
    this.shipment = shipment;
  }

  /** Lines have been sent. */
  void shipped() {
    shippedSince = true;
    // More than ended before: its end is another.
    endSaid = false;
  }

  /**
   * An end is said at once, in the transaction in which the file's position is deleted: whoever
   * starts anew does not know of it any more.
   *
   * @param ended whether the file is gone with its writer
   * @param caughtUp whether there is nothing more to read at once
   * @param records heartbeat records that all sources send at once
   */
  boolean isDue(long nowNanos, boolean ended, boolean caughtUp, long records) {
    long pace = Duration.ofSeconds(1).toNanos() / MOST_RECORDS_PER_SECOND * records;
    long elapsed = nowNanos - lastNanos;
    return !begun
        || (ended && !endSaid)
        || elapsed >= Math.max(INTERVAL.toNanos(), pace)
        || (shippedSince && caughtUp && elapsed >= Math.max(LEAST_INTERVAL.toNanos(), pace));
  }

  /**
   * @param complete how far the source has been passed on
   * @param nowMillis the time, in milliseconds of the epoch, when it is {@code nowNanos}
   * @return one record for each partition of the raw topic
   */
  List<ProducerRecord<byte[], byte[]>> records(
      FileFollower.Completeness complete, long nowNanos, long nowMillis, int partitions) {
    Long completeNanos = complete.completeNanos();
    // One more for what the two clocks round off.
    long through =
        completeNanos == null ? 0 : nowMillis - (nowNanos - completeNanos) / NANOS_PER_MILLI - 1;
    sent = true;
    sentEnd = complete.ended();
    sentNanos = nowNanos;
    return records(
        source,
        shipment,
        complete.ended() ? SourceInput.Heartbeat.FOLLOWED_END.toEpochMilli() : Math.max(0, through),
        nowMillis,
        partitions);
  }

  /**
   * The last word of a source that has been shipped to its end, to be sent behind its lines.
   *
   * @return one record for each partition of the raw topic
   */
  static List<ProducerRecord<byte[], byte[]>> end(
      LineSource source, String shipment, long nowMillis, int partitions) {
    long end = SourceInput.Heartbeat.END.toEpochMilli();
    return records(source, shipment, end, nowMillis, partitions);
  }

  private static List<ProducerRecord<byte[], byte[]>> records(
      LineSource source, String shipment, long through, long nowMillis, int partitions) {
    List<Header> headers =
        List.of(
            header(RawLine.SHIPMENT_HEADER, shipment),
            header(RawLine.HEARTBEAT_HEADER, through + "/" + partitions));
    byte[] frame = new RawLine(source.host(), source.path(), -1, new byte[0]).toBytes();
    byte[] key = RawLine.checksum(new byte[0]);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int partition = 0; partition < partitions; partition++) {
      records.add(
          new ProducerRecord<>(
              Topics.ACCESS_LOG.topicName(), partition, nowMillis, key, frame, headers));
    }
    return records;
  }

  private static Header header(String name, String value) {
    return new RecordHeader(name, value.getBytes(StandardCharsets.US_ASCII));
  }

  void committed() {
    if (sent) {
      begun = true;
      endSaid = sentEnd;
      lastNanos = sentNanos;
      shippedSince = false;
      sent = false;
    }
  }

  void rolledBack() {
    sent = false;
  }
}
