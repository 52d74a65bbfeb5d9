package dev.taximeter.ship;

import dev.taximeter.contract.event.ShipperPosition;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Records of positions. */
final class Positions {
  private Positions() {}

  /**
   * @param position null to delete it
   */
  static ProducerRecord<byte[], byte[]> record(
      String host, String fileKey, @Nullable ShipperPosition position) {
    return new ProducerRecord<>(
        Topics.SHIPPER_POSITIONS.topicName(),
        recordKey(host, fileKey).getBytes(StandardCharsets.UTF_8),
        position == null ? null : Json.MAPPER.writeValueAsBytes(position));
  }

  /** The record key of a position, whether there is one or not. */
  static String recordKey(String host, String fileKey) {
    return new ShipperPosition(host, "", fileKey, "", 0, "", 0).recordKey();
  }
}
