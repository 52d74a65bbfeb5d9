package dev.taximeter.streams.retention;

import dev.taximeter.contract.event.ReadGap;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.topic.ReadGaps;
import dev.taximeter.contract.topic.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The real ones. */
final class KafkaInputTopics implements InputTopics, AutoCloseable {
  /** Who reads what. The late lane commits for itself, in a group of its own. */
  private static final Map<String, List<Topics>> INPUTS =
      Map.of(
          Topics.METERING_GROUP,
          List.of(
              Topics.ACCESS_LOG, Topics.ACCOUNT_INPUTS, Topics.COMMANDS, Topics.LATE_LINES_DECIDED),
          Topics.LATE_LANE_GROUP,
          List.of(Topics.LATE_LINES));

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Map<String, Object> kafka;
  private final Admin admin;

  KafkaInputTopics(Map<String, Object> kafka) {
    this.kafka = Map.copyOf(kafka);
    this.admin = Admin.create(this.kafka);
  }

  @Override
  public Map<TopicPartition, Long> first() {
    return offsets(partitions(), OffsetSpec.earliest());
  }

  private List<TopicPartition> partitions() {
    List<String> names =
        INPUTS.values().stream().flatMap(List::stream).map(Topics::topicName).toList();
    List<TopicPartition> partitions = new ArrayList<>();
    answer(admin.describeTopics(names).allTopicNames().toCompletionStage().toCompletableFuture())
        .forEach(
            (name, topic) ->
                topic
                    .partitions()
                    .forEach(
                        partition ->
                            partitions.add(new TopicPartition(name, partition.partition()))));
    return partitions;
  }

  private Map<TopicPartition, Long> offsets(
      Collection<TopicPartition> partitions, OffsetSpec wanted) {
    Map<TopicPartition, OffsetSpec> specs = new HashMap<>();
    partitions.forEach(partition -> specs.put(partition, wanted));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    answer(admin.listOffsets(specs).all().toCompletionStage().toCompletableFuture())
        .forEach((partition, found) -> offsets.put(partition, found.offset()));
    return offsets;
  }

  @Override
  public Map<TopicPartition, Long> committed() {
    Map<TopicPartition, Long> committed = new HashMap<>();
    INPUTS.forEach(
        (group, topics) -> {
          Set<String> names = topics.stream().map(Topics::topicName).collect(Collectors.toSet());
          answer(
                  admin
                      .listConsumerGroupOffsets(group)
                      .partitionsToOffsetAndMetadata()
                      .toCompletionStage()
                      .toCompletableFuture())
              .forEach(
                  (partition, offset) -> {
                    if (offset != null && names.contains(partition.topic())) {
                      committed.put(partition, offset.offset());
                    }
                  });
        });
    return committed;
  }

  @Override
  public Map<TopicPartition, Long> firstSince(
      Collection<TopicPartition> partitions, Instant instant) {
    Map<TopicPartition, Long> since =
        offsets(partitions, OffsetSpec.forTimestamp(instant.toEpochMilli()));
    List<TopicPartition> onlyOlder = new ArrayList<>();
    since.forEach(
        (partition, offset) -> {
          if (offset < 0) {
            onlyOlder.add(partition);
          }
        });
    since.putAll(offsets(onlyOlder, OffsetSpec.latest()));
    return since;
  }

  @Override
  public void deleteBefore(Map<TopicPartition, Long> offsets) {
    Map<TopicPartition, RecordsToDelete> deletions = new HashMap<>();
    offsets.forEach(
        (partition, offset) -> deletions.put(partition, RecordsToDelete.beforeOffset(offset)));
    answer(admin.deleteRecords(deletions).all().toCompletionStage().toCompletableFuture());
  }

  @Override
  public void record(ReadGap gap) {
    try (Producer<String, byte[]> producer =
        new KafkaProducer<>(kafka, new StringSerializer(), new ByteArraySerializer())) {
      answer(
          producer.send(
              new ProducerRecord<>(
                  Topics.METERING_GAPS.topicName(),
                  gap.recordKey(),
                  Json.MAPPER.writeValueAsBytes(gap))));
    }
  }

  @Override
  public Collection<ReadGap> recorded() {
    return ReadGaps.read(kafka, PATIENCE);
  }

  private static <T> T answer(Future<T> future) {
    try {
      return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new KafkaException("Kafka refused: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new KafkaException("Kafka did not answer within " + PATIENCE, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while waiting for Kafka", e);
    }
  }

  @Override
  public void close() {
    admin.close(PATIENCE);
  }
}
