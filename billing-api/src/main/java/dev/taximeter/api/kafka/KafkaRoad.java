package dev.taximeter.api.kafka;

import dev.taximeter.api.kafka.KafkaStages.Stage;
import dev.taximeter.api.sources.Road;
import dev.taximeter.contract.topic.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Goes along with lines from topic to topic. Used by one thread. */
public final class KafkaRoad implements Road, AutoCloseable {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(250);
  private static final Logger LOG = LoggerFactory.getLogger(KafkaRoad.class);

  /** A record under a wrong key goes round the raw topic once more, under the right one. */
  static final List<Stage> STAGES = stages();

  private final KafkaStages stages;

  public KafkaRoad(KafkaStages stages) {
    this.stages = stages;
  }

  private static List<Stage> stages() {
    List<Stage> all = new ArrayList<>();
    all.add(KafkaRawBacklog.STAGES.get(0));
    all.addAll(KafkaRawBacklog.STAGES);
    all.add(new Stage(Topics.ACCOUNT_INPUTS, Topics.METERING_GROUP));
    return List.copyOf(all);
  }

  /** Each stage's end is looked up once everything before has been passed on. */
  @Override
  public boolean awaitPassed() throws InterruptedException {
    try {
      for (Stage stage : STAGES) {
        Map<TopicPartition, Long> ends = stages.ends(stage);
        while (!stages.hasPassed(stage, ends)) {
          Thread.sleep(LOOK_AGAIN.toMillis());
        }
      }
      return true;
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      LOG.debug("cannot see how far metering is: {}", e.getMessage());
      return false;
    }
  }

  @Override
  public void close() {
    stages.close();
  }
}
