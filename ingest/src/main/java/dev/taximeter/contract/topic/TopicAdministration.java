package dev.taximeter.contract.topic;

import dev.taximeter.contract.settings.SettingsException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates the topics that are missing and refuses to run on ones that would change results. */
public final class TopicAdministration {
  private static final long RETRY_MILLIS = 50;

  private TopicAdministration() {}

  /**
   * @param kafka client settings
   * @param partitions partitions of the partitioned topics, 1 to 1,000
   * @param replication replication factor of topics that are created
   * @param patience how long to wait for the broker
   * @throws SettingsException if a topic has another number of partitions: copies of a line would
   *     no longer meet, and usage could count twice
   */
  public static void ensure(
      Map<String, Object> kafka, int partitions, short replication, Duration patience)
      throws InterruptedException {
    try (Admin admin = Admin.create(kafka)) {
      create(admin, Topics.all(partitions, replication), patience);
      Map<String, TopicDescription> found = describe(admin, patience);
      for (Topics topic : Topics.values()) {
        TopicDescription description = found.get(topic.topicName());
        int expected = topic.partitionCount(partitions);
        if (description != null && description.partitions().size() != expected) {
          throw new SettingsException(
              "topic %s has %d partitions where %d are configured; set TAXIMETER_PARTITIONS to what it was created with"
                  .formatted(topic.topicName(), description.partitions().size(), expected));
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("Kafka refused to set up the topics: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new IllegalStateException("Kafka did not answer within " + patience, e);
    }
  }

  /** A topic that exists already is left as it is. */
  private static void create(Admin admin, List<NewTopic> topics, Duration patience)
      throws InterruptedException, ExecutionException, TimeoutException {
    for (KafkaFuture<Void> created : admin.createTopics(topics).values().values()) {
      try {
        created.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
      }
    }
  }

  /** Brokers learn of a topic some milliseconds after its creation was acknowledged. */
  private static Map<String, TopicDescription> describe(Admin admin, Duration patience)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<String> names = List.of(Topics.values()).stream().map(Topics::topicName).toList();
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return admin
            .describeTopics(names)
            .allTopicNames()
            .get(patience.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
            || System.nanoTime() > deadline) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
      }
    }
  }
}
