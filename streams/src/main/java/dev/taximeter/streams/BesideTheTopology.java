package dev.taximeter.streams;

import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.landing.ClickHouseDeadLetters;
import dev.taximeter.streams.landing.ClickHouseIdentities;
import dev.taximeter.streams.landing.ClickHouseSettings;
import dev.taximeter.streams.late.KafkaTopicEnds;
import dev.taximeter.streams.late.LateLane;
import dev.taximeter.streams.replay.KafkaLetters;
import dev.taximeter.streams.replay.Replayer;
import dev.taximeter.streams.topology.MeteringSettings;
import dev.taximeter.streams.worker.NotYetException;
import dev.taximeter.streams.worker.TransactionalWorker;
import dev.taximeter.streams.worker.WorkerClients;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The work that needs history, each kind on a thread of its own. */
final class BesideTheTopology implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BesideTheTopology.class);

  private static final int ORDERS_AT_ONCE = 1;

  private final ClickHouseIdentities identities;
  private final KafkaTopicEnds ends;
  private final ClickHouseDeadLetters index;
  private final KafkaLetters letters;
  private final TransactionalWorker lateLane;
  private final TransactionalWorker replays;

  /**
   * @param landing partitions that are landed at present
   */
  BesideTheTopology(
      MeteringSettings settings,
      ClickHouseSettings clickHouse,
      Supplier<Set<TopicPartition>> landing) {
    WorkerClients clients = new WorkerClients(settings.kafka(), settings.stateDirectory());
    identities = new ClickHouseIdentities(clickHouse, landing);
    ends = new KafkaTopicEnds(settings.kafka(), settings.partitions());
    index = new ClickHouseDeadLetters(clickHouse);
    letters = new KafkaLetters(() -> clients.reader("taximeter-dead-letters"));
    lateLane =
        new TransactionalWorker(
            "late lane",
            Topics.LATE_LINES.topicName(),
            () -> clients.consumer(Topics.LATE_LANE_GROUP, LateLane.MOST_LINES),
            () -> clients.producer(Topics.LATE_LANE_GROUP),
            new LateLane(
                identities,
                ends,
                settings.duplicateHorizon(),
                settings.identityRetention(),
                InstantSource.system()));
    replays =
        new TransactionalWorker(
            "replay of dead letters",
            Topics.REPLAY_ORDERS.topicName(),
            () -> clients.consumer(Topics.REPLAY_GROUP, ORDERS_AT_ONCE),
            () -> clients.producer(Topics.REPLAY_GROUP),
            new Replayer(index, letters, settings.rootSecret(), InstantSource.system()));
  }

  void start() {
    lateLane.start();
    replays.start();
  }

  /**
   * Whether no line has ever been metered. Then nothing can be a copy of what is not remembered,
   * and old lines need not wait for history. If it cannot be told, they do.
   */
  boolean nothingMeteredYet() {
    try {
      return ends.nothingWasMetered() && identities.isEmpty();
    } catch (NotYetException e) {
      LOG.info("Old lines will wait for a verdict of history: {}", e.getMessage());
      return false;
    }
  }

  /** Why late lines or replays have waited for long; empty if they have not. */
  Optional<String> problem() {
    return lateLane.problem().or(replays::problem);
  }

  /** What late lines and replays wait for at present, and why. */
  List<String> problems() {
    return Stream.of(lateLane, replays).flatMap(worker -> worker.waitingFor().stream()).toList();
  }

  @Override
  public void close() {
    lateLane.close();
    replays.close();
    identities.close();
    index.close();
    letters.close();
    ends.close();
  }
}
