package dev.taximeter.streams.topology.parts;

import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;

/**
 * A typed way out of a processor: one sink node, one topic.
 *
 * <p>Values are encoded by the processor and not by the sink. A value that cannot be encoded then
 * fails where the record is decided, before anything of the decision has left, and not in the
 * middle of it.
 *
 * @param name of the sink node, unique in the topology
 * @param topic it writes
 * @param encoder makes the bytes of a record's value
 * @param <V> what its records hold
 */
public record Outlet<V>(String name, Topics topic, Function<V, byte[]> encoder) {
  /** What headers and the frame of a batch may take of a topic's limit. */
  private static final int HEADROOM_BYTES = 16 * 1024;

  /** A way out for records in JSON. */
  Outlet(String name, Topics topic) {
    this(name, topic, Json.MAPPER::writeValueAsBytes);
  }

  /** A record ready to leave through this outlet. */
  public Outgoing encode(String key, V value) {
    return encode(key, value, new RecordHeaders());
  }

  /**
   * @throws OversizedRecordException if the record is larger than its topic takes. Under
   *     exactly-once a producer that was given such a record can only abort, again and again: it
   *     must not get that far.
   */
  public Outgoing encode(String key, V value, Headers headers) {
    return encode(key.getBytes(StandardCharsets.UTF_8), value, headers);
  }

  /** As above, under a key that is no text. */
  public Outgoing encode(byte[] key, V value, Headers headers) {
    byte[] bytes = encoder.apply(value);
    requireRoom((long) key.length + bytes.length);
    return new Outgoing(name, key, bytes, headers);
  }

  /**
   * @param size of a record's key and value, bytes
   * @throws OversizedRecordException if it is larger than its topic takes
   */
  public void requireRoom(long size) {
    long limit = topic.maxRecordBytes() - HEADROOM_BYTES;
    if (size > limit) {
      throw new OversizedRecordException(topic.topicName(), size, limit);
    }
  }

  /** Adds the sink node behind the processor. */
  public void drain(KStream<byte[], byte[]> processor) {
    processor.to(topic.topicName(), sink());
  }

  /** The same, with all records of an account in one partition: {@link ByAccount}. */
  public void drainByAccount(KStream<byte[], byte[]> processor) {
    processor.to(topic.topicName(), sink().withStreamPartitioner(new ByAccount()));
  }

  private Produced<byte[], byte[]> sink() {
    return Produced.<byte[], byte[]>as(name)
        .withKeySerde(Serdes.ByteArray())
        .withValueSerde(Serdes.ByteArray());
  }
}
