package dev.taximeter.streams.topology.parts;

import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * An encoded record on its way to a sink.
 *
 * @param outlet name of the sink node
 */
public record Outgoing(String outlet, byte[] key, byte[] value, Headers headers) {
  /**
   * @param timestamp of the record, Unix milliseconds
   */
  public void forward(ProcessorContext<byte[], byte[]> context, long timestamp) {
    context.forward(new Record<>(key, value, timestamp, headers), outlet);
  }
}
