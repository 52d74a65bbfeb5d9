package dev.taximeter.api.kafka;

import dev.taximeter.api.accounting.RawBacklog;
import dev.taximeter.contract.topic.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compares the ends of the topics that hold lines without a fate with what has been committed. */
public final class KafkaRawBacklog implements RawBacklog, AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final Duration LOOK = Duration.ofMillis(500);

  /** The end of a transaction is an offset too; so few could all be such ends. */
  private static final long FEW = 100;

  private static final Logger LOG = LoggerFactory.getLogger(KafkaRawBacklog.class);

  /** A topic in which lines wait, and the group that takes them from there. */
  private record Stage(Topics topic, String group) {}

  /** In the order of the flow: a line that moves on meanwhile is met further down. */
  private static final List<Stage> STAGES =
      List.of(
          new Stage(Topics.ACCESS_LOG, Topics.METERING_GROUP),
          new Stage(Topics.LATE_LINES, Topics.LATE_LANE_GROUP),
          new Stage(Topics.LATE_LINES_DECIDED, Topics.METERING_GROUP));

  private final KafkaClients clients;
  private final int partitionCount;
  private @Nullable Admin admin;

  public KafkaRawBacklog(KafkaClients clients, int partitionCount) {
    this.clients = clients;
    this.partitionCount = partitionCount;
  }

  @Override
  public synchronized boolean pending() {
    try {
      for (Stage stage : STAGES) {
        if (pending(stage)) {
          return true;
        }
      }
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      LOG.warn("cannot compare metering with the topics it reads: {}", e.getMessage());
      return true;
    }
  }

  private boolean pending(Stage stage)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<TopicPartition, Long> committed = committed(stage);
    Map<TopicPartition, Long> behind = new HashMap<>();
    for (Map.Entry<TopicPartition, Long> end : ends(stage).entrySet()) {
      long next = committed.getOrDefault(end.getKey(), 0L);
      if (end.getValue() - next > FEW) {
        return true;
      }
      if (end.getValue() > next) {
        behind.put(end.getKey(), next);
      }
    }
    return !behind.isEmpty() && holdsLines(stage, behind);
  }

  private List<TopicPartition> partitions(Stage stage) {
    return IntStream.range(0, partitionCount)
        .mapToObj(number -> new TopicPartition(stage.topic().topicName(), number))
        .toList();
  }

  private Map<TopicPartition, Long> committed(Stage stage)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<TopicPartition, OffsetAndMetadata> offsets =
        admin()
            .listConsumerGroupOffsets(
                Map.of(
                    stage.group(),
                    new ListConsumerGroupOffsetsSpec().topicPartitions(partitions(stage))))
            .partitionsToOffsetAndMetadata(stage.group())
            .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    Map<TopicPartition, Long> committed = new HashMap<>();
    offsets.forEach(
        (partition, offset) -> {
          if (offset != null) {
            committed.put(partition, offset.offset());
          }
        });
    return committed;
  }

  private Map<TopicPartition, Long> ends(Stage stage)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    partitions(stage).forEach(partition -> latest.put(partition, OffsetSpec.latest()));
    Map<TopicPartition, ListOffsetsResultInfo> infos =
        admin()
            .listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
            .all()
            .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    Map<TopicPartition, Long> ends = new HashMap<>();
    infos.forEach((partition, info) -> ends.put(partition, info.offset()));
    return ends;
  }

  /**
   * Whether there is any line between what is committed and the end, or only ends of transactions.
   */
  private boolean holdsLines(Stage stage, Map<TopicPartition, Long> behind) {
    try (Consumer<String, byte[]> consumer = clients.consumers(stage.topic()).get()) {
      consumer.assign(behind.keySet());
      behind.forEach(consumer::seek);
      return !consumer.poll(LOOK).isEmpty();
    }
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
  public synchronized void close() {
    if (admin != null) {
      admin.close(Duration.ZERO);
    }
  }
}
