package dev.taximeter.streams.replay;

import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.worker.NotYetException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Reads one record after the other, each at its offset. Not thread-safe. */
public final class KafkaLetters implements Letters {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofMillis(500);

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private @Nullable Consumer<byte[], byte[]> consumer;

  /**
   * @param consumers make a consumer that reads committed records, in no group
   */
  public KafkaLetters(Supplier<Consumer<byte[], byte[]>> consumers) {
    this.consumers = consumers;
  }

  @Override
  public Optional<byte[]> read(LetterIndex.Place place) throws NotYetException {
    TopicPartition partition =
        new TopicPartition(Topics.ACCESS_LOG_DEAD_LETTERS.topicName(), place.partition());
    try {
      Consumer<byte[], byte[]> reading = consumer();
      long begin =
          reading.beginningOffsets(List.of(partition), PATIENCE).getOrDefault(partition, 0L);
      Map<TopicPartition, Long> ends = reading.endOffsets(List.of(partition), PATIENCE);
      if (place.offset() < begin || place.offset() >= ends.getOrDefault(partition, 0L)) {
        return Optional.empty();
      }
      reading.assign(List.of(partition));
      reading.seek(partition, place.offset());
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (System.nanoTime() < deadline) {
        for (ConsumerRecord<byte[], byte[]> record : reading.poll(LOOK)) {
          // The first record that is still there; another one if this one has been removed.
          return record.offset() == place.offset()
              ? Optional.ofNullable(record.value())
              : Optional.empty();
        }
      }
      throw new NotYetException("the replay waits: Kafka did not return a dead letter");
    } catch (OffsetOutOfRangeException e) {
      return Optional.empty();
    } catch (KafkaException e) {
      close();
      throw new NotYetException("the replay waits: Kafka did not return a dead letter", e);
    }
  }

  private Consumer<byte[], byte[]> consumer() {
    Consumer<byte[], byte[]> open = consumer;
    if (open == null) {
      open = consumers.get();
      consumer = open;
    }
    return open;
  }

  @Override
  public void close() {
    Consumer<byte[], byte[]> open = consumer;
    consumer = null;
    if (open != null) {
      open.close();
    }
  }
}
