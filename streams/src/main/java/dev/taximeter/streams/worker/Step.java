package dev.taximeter.streams.worker;

import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** What follows from records. Its outcome must depend on nothing that an earlier attempt left. */
@FunctionalInterface
public interface Step {
  /**
   * @param records at least one; in order within a partition
   * @param out takes what is to be sent; it reaches readers only if the step returns
   * @throws NotYetException if it must wait; nothing is sent, and the same records come again
   */
  void process(
      List<ConsumerRecord<byte[], byte[]>> records, Consumer<ProducerRecord<byte[], byte[]>> out)
      throws NotYetException;
}
