package dev.taximeter.api.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.kafka.KafkaStages.Stage;
import dev.taximeter.contract.topic.Topics;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class KafkaStagesTest {
  private static final TopicPartition PARTITION =
      new TopicPartition(Topics.ACCESS_LOG.topicName(), 0);

  private final MockConsumer<String, byte[]> consumer = new MockConsumer<>("latest");

  private boolean mayHoldRecords(long from, long to) {
    consumer.updateEndOffsets(Map.of(PARTITION, to));
    return KafkaStages.mayHoldRecords(consumer, PARTITION, from, to);
  }

  private void arrives(long offset) {
    consumer.addRecord(
        new ConsumerRecord<>(PARTITION.topic(), PARTITION.partition(), offset, "key", new byte[0]));
  }

  @Test
  void aRecordBeforeTheEndIsOne() {
    consumer.schedulePollTask(() -> arrives(6));
    assertThat(mayHoldRecords(5, 8)).isTrue();
  }

  /** A broker that is busy answers the first questions with nothing. */
  @Test
  void aRecordThatComesLateIsOneToo() {
    consumer.schedulePollTask(() -> {});
    consumer.schedulePollTask(() -> {});
    consumer.schedulePollTask(() -> arrives(6));
    assertThat(mayHoldRecords(5, 8)).isTrue();
  }

  @Test
  void noAnswerAtAllProvesNothing() {
    assertThat(mayHoldRecords(5, 8)).isTrue();
  }

  @Test
  void whatWasReadToItsEndWithoutARecordIsEmpty() {
    consumer.schedulePollTask(() -> {});
    consumer.schedulePollTask(() -> consumer.seek(PARTITION, 8));
    assertThat(mayHoldRecords(5, 8)).isFalse();
  }

  @Test
  void recordsBehindTheEndDoNotCount() {
    consumer.schedulePollTask(() -> arrives(9));
    assertThat(mayHoldRecords(5, 8)).isFalse();
  }

  /** A line waits in each of these topics in turn, in the first of them twice if it is re-keyed. */
  @Test
  void theRoadLeavesNoTopicOutInWhichALineCanWait() {
    assertThat(KafkaRoad.STAGES)
        .containsExactly(
            new Stage(Topics.ACCESS_LOG, Topics.METERING_GROUP),
            new Stage(Topics.ACCESS_LOG, Topics.METERING_GROUP),
            new Stage(Topics.LATE_LINES, Topics.LATE_LANE_GROUP),
            new Stage(Topics.LATE_LINES_DECIDED, Topics.METERING_GROUP),
            new Stage(Topics.ACCOUNT_INPUTS, Topics.METERING_GROUP));
  }
}
