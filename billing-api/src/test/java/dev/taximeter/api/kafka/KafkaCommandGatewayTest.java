package dev.taximeter.api.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class KafkaCommandGatewayTest {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Command COMMAND =
      new Command("command-1", "admin", "", Instant.EPOCH, Catalog.EMPTY, List.of());

  private final Writer writer = new Writer();
  private final KafkaCommandGateway gateway = new KafkaCommandGateway(() -> writer);

  /** Answers each command, first one that nobody here asked for. */
  private final class Writer extends MockProducer<String, byte[]> {
    private int failures;
    private boolean answers = true;

    Writer() {
      super(true, null, new StringSerializer(), new ByteArraySerializer());
    }

    @Override
    public synchronized Future<RecordMetadata> send(
        ProducerRecord<String, byte[]> record, Callback callback) {
      if (failures > 0) {
        failures--;
        throw new KafkaException("no broker");
      }
      Future<RecordMetadata> sent = super.send(record, callback);
      if (answers) {
        gateway.accept(List.of(answer("someone-elses"), answer(record.key())));
      }
      return sent;
    }
  }

  private static ConsumerRecord<String, byte[]> answer(String id) {
    return new ConsumerRecord<>(
        "results",
        0,
        0,
        id,
        Json.MAPPER.writeValueAsBytes(new CommandResult(id, true, 7, List.of(), List.of())));
  }

  @Test
  void sendsTheCommandUnderItsIdAndReturnsItsAnswer() throws Exception {
    gateway.feed(() -> true);

    CommandResult result = gateway.decide(COMMAND, LONG);

    assertThat(result.id()).isEqualTo("command-1");
    assertThat(result.catalogVersion()).isEqualTo(7);
    assertThat(writer.history()).hasSize(1);
    assertThat(writer.history().get(0).topic()).isEqualTo(Topics.COMMANDS.topicName());
    assertThat(writer.history().get(0).key()).isEqualTo("command-1");
    assertThat(Json.MAPPER.readValue(writer.history().get(0).value(), Command.class))
        .isEqualTo(COMMAND);
  }

  @Test
  void triesAgainUntilKafkaTakesIt() throws Exception {
    gateway.feed(() -> true);
    writer.failures = 3;

    assertThat(gateway.decide(COMMAND, LONG).accepted()).isTrue();
  }

  @Test
  void sendsNothingWhileAnswersWouldBeMissed() {
    gateway.feed(() -> false);

    assertThatThrownBy(() -> gateway.decide(COMMAND, SHORT)).isInstanceOf(TimeoutException.class);
    assertThat(writer.history()).isEmpty();
  }

  @Test
  void givesUpWaiting() {
    gateway.feed(() -> true);
    writer.answers = false;

    assertThatThrownBy(() -> gateway.decide(COMMAND, SHORT)).isInstanceOf(TimeoutException.class);
    writer.failures = Integer.MAX_VALUE;
    assertThatThrownBy(() -> gateway.decide(COMMAND, SHORT)).isInstanceOf(TimeoutException.class);
  }
}
