package dev.taximeter.api.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.AlertMark;
import dev.taximeter.contract.event.AlertMark.Type;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class LiveMarksTest {
  private static final Instant NOW = Instant.parse("2026-11-24T09:30:00Z");

  private final LiveMarks live =
      new LiveMarks(
          new KafkaWriter(
              () ->
                  new MockProducer<>(
                      true, null, new StringSerializer(), new ByteArraySerializer())),
          Clock.fixed(NOW, ZoneOffset.UTC));

  private void accept(Type type, String id, Instant until) {
    AlertMark mark = new AlertMark(type, id, null, null, null, NOW, until, "admin", "");
    live.accept(
        List.of(
            new ConsumerRecord<>(
                Topics.ALERT_MARKS.topicName(),
                0,
                0,
                mark.recordKey(),
                Json.MAPPER.writeValueAsBytes(mark))));
  }

  /** However much is acknowledged, what is muted stays muted. */
  @Test
  void mutesInForceAreNotForgotten() {
    accept(Type.MUTE, "over", NOW);
    accept(Type.MUTE, "in-force", NOW.plusSeconds(1));
    for (int i = 0; i < LiveMarks.MOST_MARKS; i++) {
      accept(Type.ACKNOWLEDGEMENT, "a" + i, null);
    }

    assertThat(live.mutes()).extracting(AlertMark::id).containsExactly("in-force");
    assertThat(live.acknowledgement("a0")).isNull();
    assertThat(live.acknowledgement("a1")).isNotNull();
  }
}
