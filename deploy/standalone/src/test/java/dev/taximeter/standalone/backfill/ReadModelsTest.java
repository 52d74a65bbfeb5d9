package dev.taximeter.standalone.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ReadModelsTest {
  private static final TopicPartition FIRST = new TopicPartition("t", 0);
  private static final TopicPartition SECOND = new TopicPartition("t", 1);

  @Test
  void whatHasNotBegunLagsByEverything() {
    assertThat(ReadModels.lag(Map.of(FIRST, 7L, SECOND, 3L), Map.of(FIRST, 5L))).isEqualTo(5);
  }

  @Test
  void anEmptyPartitionAndAReaderThatIsFurtherDoNotLag() {
    assertThat(ReadModels.lag(Map.of(FIRST, 7L, SECOND, 0L), Map.of(FIRST, 9L))).isZero();
  }
}
