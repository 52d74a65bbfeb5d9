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
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates the topics that are missing and refuses to run on ones that would change results. */
public final class TopicAdministration {
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
      for (NewTopic topic : Topics.all(partitions, replication)) {
        create(admin, topic, patience);
      }
      List<String> names = List.of(Topics.values()).stream().map(Topics::topicName).toList();
      Map<String, TopicDescription> found =
          admin
              .describeTopics(names)
              .allTopicNames()
              .get(patience.toMillis(), TimeUnit.MILLISECONDS);
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

  private static void create(Admin admin, NewTopic topic, Duration patience)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      admin.createTopics(List.of(topic)).all().get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
  }
}
