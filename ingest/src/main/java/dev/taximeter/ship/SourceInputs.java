package dev.taximeter.ship;

import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Records of what becomes known about sources. */
final class SourceInputs {
  private SourceInputs() {}

  static ProducerRecord<byte[], byte[]> record(SourceInput input) {
    String key = input.source().host() + '\t' + input.source().path();
    return new ProducerRecord<>(
        Topics.SOURCE_INPUTS.topicName(),
        key.getBytes(StandardCharsets.UTF_8),
        Json.MAPPER.writerFor(SourceInput.class).writeValueAsBytes(input));
  }
}
