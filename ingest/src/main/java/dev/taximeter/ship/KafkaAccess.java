package dev.taximeter.ship;

import dev.taximeter.contract.event.ShipperPosition;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;

/** What shippers need of Kafka. */
interface KafkaAccess {
  /**
   * @param transactionalId a later producer with the same id ends what an earlier one left open
   * @return a producer whose transactions are not initialised yet
   * @throws org.apache.kafka.common.KafkaException if the settings are wrong
   */
  Producer<byte[], byte[]> producer(String transactionalId);

  /**
   * @return all committed positions by record key, read after the caller's transactions were
   *     initialised
   * @throws org.apache.kafka.common.KafkaException if they cannot be read now
   */
  Map<String, ShipperPosition> positions();
}
