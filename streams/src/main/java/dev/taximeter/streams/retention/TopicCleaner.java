package dev.taximeter.streams.retention;

import dev.taximeter.contract.event.ReadGap;
import dev.taximeter.contract.topic.Topics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the topics that only metering reads as short as they may be, and never shorter: deleted is
 * what metering has committed and, of accounts' inputs, what has landed; raw lines not before a day
 * has passed. Time alone deletes nothing that is unread but raw lines after a week, because they
 * hold keys and prompts in clear.
 *
 * <p>What was deleted all the same before it was read is a {@link ReadGap}: it is reported once in
 * the log, recorded in a topic, and named to the operator for as long as that topic holds it.
 */
public final class TopicCleaner implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  /** As long as the topic keeps them. */
  private static final Duration GAPS_KEPT = Duration.ofDays(30);

  private static final Duration FAREWELL = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(TopicCleaner.class);

  private final InputTopics topics;
  private final Supplier<Map<TopicPartition, Long>> landed;
  private final Clock clock;
  private final Map<String, ReadGap> gaps = new LinkedHashMap<>();
  private final Set<String> forgotten = new LinkedHashSet<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "topic-cleaner");
  private @Nullable AutoCloseable connection;

  TopicCleaner(InputTopics topics, Supplier<Map<TopicPartition, Long>> landed, Clock clock) {
    this.topics = topics;
    this.landed = landed;
    this.clock = clock;
    this.thread.setDaemon(true);
  }

  /**
   * @param kafka client settings
   * @param landed how far landing has come, which reads accounts' inputs, too
   */
  public static TopicCleaner of(
      Map<String, Object> kafka, Supplier<Map<TopicPartition, Long>> landed) {
    KafkaInputTopics topics = new KafkaInputTopics(kafka);
    TopicCleaner cleaner = new TopicCleaner(topics, landed, Clock.systemUTC());
    cleaner.connection = topics;
    return cleaner;
  }

  /**
   * Looks for gaps, and then keeps cleaning once a minute. To be called before metering begins to
   * read: where records are gone, it goes on behind them, and nothing would tell any more.
   *
   * @throws KafkaException if Kafka does not answer
   */
  public void start() {
    for (ReadGap gap : topics.recorded()) {
      remember(gap);
    }
    findGaps();
    thread.start();
  }

  private void run() {
    try {
      while (!closing.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          findGaps();
          deleteRead();
        } catch (KafkaException e) {
          LOG.warn("Topics could not be cleaned, which is tried again: {}", e.getMessage());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void findGaps() {
    // Committed offsets first: they only grow, and what is deleted has been committed.
    Map<TopicPartition, Long> committed = topics.committed();
    topics
        .first()
        .forEach(
            (partition, first) -> {
              Long next = committed.get(partition);
              if (next == null) {
                checkForgotten(partition, first);
              } else if (first > next) {
                report(partition, next, first);
              }
            });
  }

  /** Kafka drops what a group has committed some days after its last member left. */
  private synchronized void checkForgotten(TopicPartition partition, long first) {
    if (first == 0) {
      return;
    }
    String sentence =
        ("Kafka does not know how far metering has read %s, and its records before %d are gone;"
                + " compare bills with the gateway's files, ship what is missing again, and raise"
                + " offsets.retention.minutes on the brokers")
            .formatted(partition, first);
    if (forgotten.add(sentence)) {
      LOG.error(sentence);
    }
  }

  private void report(TopicPartition partition, long from, long to) {
    ReadGap gap =
        new ReadGap(partition.topic(), partition.partition(), from, to, Instant.now(clock));
    if (isKnown(gap)) {
      return;
    }
    topics.record(gap);
    remember(gap);
    LOG.error(gap.sentence());
  }

  private synchronized boolean isKnown(ReadGap gap) {
    ReadGap known = gaps.get(gap.recordKey());
    return known != null && known.to() >= gap.to();
  }

  private synchronized void remember(ReadGap gap) {
    gaps.merge(gap.recordKey(), gap, (known, found) -> known.to() < found.to() ? found : known);
  }

  void deleteRead() {
    Map<TopicPartition, Long> read = new HashMap<>();
    topics
        .committed()
        .forEach(
            (partition, offset) -> {
              if (isDeletedAsRead(partition.topic())) {
                read.put(partition, offset);
              }
            });
    keepWhatHasNotLanded(read);
    List<TopicPartition> raw =
        read.keySet().stream()
            .filter(partition -> partition.topic().equals(Topics.ACCESS_LOG.topicName()))
            .toList();
    topics
        .firstSince(raw, Instant.now(clock).minus(Topics.RAW_RETENTION))
        .forEach((partition, offset) -> read.merge(partition, offset, Math::min));
    Map<TopicPartition, Long> first = topics.first();
    read.entrySet()
        .removeIf(entry -> entry.getValue() <= first.getOrDefault(entry.getKey(), Long.MAX_VALUE));
    if (!read.isEmpty()) {
      topics.deleteBefore(read);
    }
  }

  private void keepWhatHasNotLanded(Map<TopicPartition, Long> read) {
    Map<TopicPartition, Long> positions = landed.get();
    read.replaceAll(
        (partition, offset) ->
            partition.topic().equals(Topics.ACCOUNT_INPUTS.topicName())
                ? Math.min(offset, positions.getOrDefault(partition, 0L))
                : offset);
  }

  private static boolean isDeletedAsRead(String topic) {
    for (Topics known : Topics.values()) {
      if (known.topicName().equals(topic)) {
        return known.isDeletedAsRead();
      }
    }
    return false;
  }

  /**
   * @return a sentence for each gap found in the last 30 days
   */
  public synchronized List<String> problems() {
    Instant oldest = Instant.now(clock).minus(GAPS_KEPT);
    return Stream.concat(
            forgotten.stream(),
            gaps.values().stream()
                .filter(gap -> gap.foundAt().isAfter(oldest))
                .map(ReadGap::sentence))
        .toList();
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join(FAREWELL.toMillis());
      if (connection != null) {
        connection.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.debug("The cleaner's connection did not close", e);
    }
  }
}
