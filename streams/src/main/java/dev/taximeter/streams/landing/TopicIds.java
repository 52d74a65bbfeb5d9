package dev.taximeter.streams.landing;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Tells topics of one name apart: one that was deleted and created anew has another id. */
interface TopicIds {
  /**
   * @return the id of each topic that exists
   * @throws IllegalStateException if Kafka does not answer
   */
  Map<String, String> of(Collection<String> topics);

  /** As Kafka knows them. */
  final class OfKafka implements TopicIds, AutoCloseable {
    private static final long ANSWER_SECONDS = 20;

    private final Admin admin;

    /**
     * @param kafka client settings
     */
    OfKafka(Map<String, Object> kafka) {
      this.admin = Admin.create(kafka);
    }

    @Override
    public Map<String, String> of(Collection<String> topics) {
      Map<String, String> ids = new HashMap<>();
      var answers = admin.describeTopics(topics).topicNameValues();
      answers.forEach(
          (topic, answer) -> {
            try {
              ids.put(topic, answer.get(ANSWER_SECONDS, TimeUnit.SECONDS).topicId().toString());
            } catch (ExecutionException e) {
              if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                throw new IllegalStateException("Kafka does not describe topic " + topic, e);
              }
            } catch (TimeoutException e) {
              throw new IllegalStateException("Kafka does not describe topic " + topic, e);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
              throw new IllegalStateException("interrupted", e);
            }
          });
      return ids;
    }

    @Override
    public void close() {
      admin.close();
    }
  }
}
