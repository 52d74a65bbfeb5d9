package dev.taximeter.api.kafka;

import dev.taximeter.contract.topic.Topics;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.jspecify.annotations.Nullable;

/** How far metering has got with the topics that it reads. Not thread-safe. */
public final class KafkaStages implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final Duration LOOK = Duration.ofMillis(500);

  /** Looks at one stretch: a consumer that has just been made first has to find the broker. */
  private static final int MOST_LOOKS = 6;

  /** The end of a transaction is an offset too; so few could all be such ends. */
  private static final long FEW = 100;

  private final KafkaClients clients;
  private final int partitionCount;

  /** Where nothing but ends of transactions was found last: from what was committed to an end. */
  private final Map<TopicPartition, Stretch> empty = new HashMap<>();

  /**
   * Topics whose content is none of the API's business, so that what is between commit and end
   * stays unknown. That lasts a moment: metering commits the ends of transactions too.
   */
  private final Set<Topics> unreadable = EnumSet.noneOf(Topics.class);

  private @Nullable Admin admin;

  public KafkaStages(KafkaClients clients, int partitionCount) {
    this.clients = clients;
    this.partitionCount = partitionCount;
  }

  /** A topic in which lines wait, and the group that takes them from there. */
  record Stage(Topics topic, String group) {}

  private record Stretch(long from, long to) {}

  /** The present ends of a stage's topic, by partition. */
  Map<TopicPartition, Long> ends(Stage stage)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<TopicPartition, OffsetSpec> latest =
        partitions(stage)
            .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
    Map<TopicPartition, Long> ends = new HashMap<>();
    admin()
        .listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
        .all()
        .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .forEach((partition, info) -> ends.put(partition, info.offset()));
    return ends;
  }

  /**
   * @param ends of the stage's topic, now or earlier
   * @return whether the group has committed every record before them
   */
  boolean hasPassed(Stage stage, Map<TopicPartition, Long> ends)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<TopicPartition, Long> committed = committed(stage);
    for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
      long next = committed.getOrDefault(end.getKey(), 0L);
      if (end.getValue() > next && hasRecords(stage, end.getKey(), next, end.getValue())) {
        return false;
      }
    }
    return true;
  }

  private boolean hasRecords(Stage stage, TopicPartition partition, long from, long to) {
    Stretch stretch = new Stretch(from, to);
    if (to - from > FEW) {
      return true;
    }
    if (stretch.equals(empty.get(partition))) {
      return false;
    }
    if (unreadable.contains(stage.topic())) {
      return true;
    }
    try (Consumer<String, byte[]> consumer = clients.consumers(stage.topic()).get()) {
      if (mayHoldRecords(consumer, partition, from, to)) {
        return true;
      }
    } catch (TopicAuthorizationException e) {
      unreadable.add(stage.topic());
      return true;
    }
    empty.put(partition, stretch);
    return false;
  }

  /**
   * An answer without records says nothing: the broker may have been slow. Only a position behind
   * the stretch proves that it has been read and was empty.
   *
   * @return false if there is certainly no record
   */
  static boolean mayHoldRecords(
      Consumer<String, byte[]> consumer, TopicPartition partition, long from, long to) {
    consumer.assign(List.of(partition));
    consumer.seek(partition, from);
    for (int look = 0; look < MOST_LOOKS; look++) {
      for (ConsumerRecord<String, byte[]> record : consumer.poll(LOOK)) {
        if (record.offset() < to) {
          return true;
        }
      }
      if (consumer.position(partition) >= to) {
        return false;
      }
    }
    return true;
  }

  private Stream<TopicPartition> partitions(Stage stage) {
    return IntStream.range(0, partitionCount)
        .mapToObj(number -> new TopicPartition(stage.topic().topicName(), number));
  }

  private Map<TopicPartition, Long> committed(Stage stage)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<TopicPartition, Long> committed = new HashMap<>();
    admin()
        .listConsumerGroupOffsets(
            Map.of(
                stage.group(),
                new ListConsumerGroupOffsetsSpec().topicPartitions(partitions(stage).toList())))
        .partitionsToOffsetAndMetadata(stage.group())
        .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .forEach(
            (partition, offset) -> {
              if (offset != null) {
                committed.put(partition, offset.offset());
              }
            });
    return committed;
  }

  private Admin admin() {
    Admin made = admin;
    if (made == null) {
      made = clients.admin();
      admin = made;
    }
    return made;
  }

  @Override
  public void close() {
    if (admin != null) {
      admin.close(Duration.ZERO);
    }
  }
}
