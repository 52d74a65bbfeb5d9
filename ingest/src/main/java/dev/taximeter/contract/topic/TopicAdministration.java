package dev.taximeter.contract.topic;

import dev.taximeter.contract.settings.SettingsException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

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
      refuseEarlierLayout(admin, patience);
      create(admin, Topics.all(partitions, replication), patience);
      Map<String, TopicDescription> found = describe(admin, patience);
      adjustRetention(admin, patience);
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

  /**
   * Topics of an earlier version keep their records by its rules, and some of these would lose what
   * has not been read. Nothing is altered, and no right to alter is needed, where all is well.
   */
  private static void adjustRetention(Admin admin, Duration patience)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<ConfigResource, Map<String, String>> wanted = new HashMap<>();
    for (Topics topic : Topics.values()) {
      Map<String, String> retention = topic.retentionConfig();
      if (!retention.isEmpty()) {
        wanted.put(new ConfigResource(ConfigResource.Type.TOPIC, topic.topicName()), retention);
      }
    }
    Map<ConfigResource, Config> configured =
        admin
            .describeConfigs(wanted.keySet())
            .all()
            .get(patience.toMillis(), TimeUnit.MILLISECONDS);
    Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
    wanted.forEach(
        (topic, entries) -> {
          List<AlterConfigOp> ofTopic = changes(entries, configured.get(topic));
          if (!ofTopic.isEmpty()) {
            changes.put(topic, ofTopic);
          }
        });
    if (!changes.isEmpty()) {
      admin.incrementalAlterConfigs(changes).all().get(patience.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private static List<AlterConfigOp> changes(Map<String, String> wanted, @Nullable Config current) {
    List<AlterConfigOp> changes = new ArrayList<>();
    wanted.forEach(
        (name, value) -> {
          ConfigEntry entry = current == null ? null : current.get(name);
          if (entry == null || !value.equals(entry.value())) {
            changes.add(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET));
          }
        });
    return changes;
  }

  /** Partitions and size limits of a topic that exists already are left as they are. */
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

  /**
   * State of snapshots before 0.1.0 has another layout, and metering must not begin again beside
   * it: every account would start from zero.
   */
  private static void refuseEarlierLayout(Admin admin, Duration patience)
      throws InterruptedException, ExecutionException, TimeoutException {
    String earlier = Topics.METERING_GROUP + "-account-windows-changelog";
    if (admin
        .listTopics()
        .names()
        .get(patience.toMillis(), TimeUnit.MILLISECONDS)
        .contains(earlier)) {
      throw new SettingsException(
          "topic %s was made by an earlier snapshot whose state this version cannot read; start with a new data directory (or a new Kafka cluster) and ship the gateway's files again with backfill"
              .formatted(earlier));
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
