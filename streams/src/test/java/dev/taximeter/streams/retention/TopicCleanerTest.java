package dev.taximeter.streams.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.ReadGap;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class TopicCleanerTest {
  private static final Instant NOW = Instant.parse("2026-11-26T10:00:00Z");
  private static final TopicPartition RAW = new TopicPartition("gateway.access-log.v1", 0);
  private static final TopicPartition INPUTS = new TopicPartition("account.inputs.v1", 1);
  private static final TopicPartition COMMANDS = new TopicPartition("commands.v1", 0);

  private final InMemoryTopics topics = new InMemoryTopics();
  private TopicCleaner cleaner = cleaner();

  private TopicCleaner cleaner() {
    return new TopicCleaner(topics, () -> topics.landed, Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private static final class InMemoryTopics implements InputTopics {
    final Map<TopicPartition, Long> first = new HashMap<>();
    final Map<TopicPartition, Long> committed = new HashMap<>();
    final Map<TopicPartition, Long> landed = new HashMap<>();
    final Map<TopicPartition, Long> firstOfLastDay = new HashMap<>();
    final List<ReadGap> recorded = new ArrayList<>();
    Instant since = Instant.EPOCH;
    int deletions;

    @Override
    public Map<TopicPartition, Long> first() {
      return Map.copyOf(first);
    }

    @Override
    public Map<TopicPartition, Long> committed() {
      return Map.copyOf(committed);
    }

    @Override
    public Map<TopicPartition, Long> firstSince(
        Collection<TopicPartition> partitions, Instant instant) {
      since = instant;
      Map<TopicPartition, Long> found = new HashMap<>();
      partitions.forEach(partition -> found.put(partition, firstOfLastDay.get(partition)));
      return found;
    }

    @Override
    public void deleteBefore(Map<TopicPartition, Long> offsets) {
      deletions++;
      first.putAll(offsets);
    }

    @Override
    public void record(ReadGap gap) {
      recorded.add(gap);
    }

    @Override
    public Collection<ReadGap> recorded() {
      return recorded;
    }
  }

  private void topic(TopicPartition partition, long first, long committed) {
    topics.first.put(partition, first);
    topics.committed.put(partition, committed);
  }

  @Test
  void inputOfAccountsGoesAsSoonAsItIsReadAndHasLanded() {
    topic(INPUTS, 10, 500);
    cleaner.deleteRead();
    assertThat(topics.first).containsEntry(INPUTS, 10L);
    topics.landed.put(INPUTS, 400L);
    cleaner.deleteRead();
    assertThat(topics.first).containsEntry(INPUTS, 400L);
    topics.landed.put(INPUTS, 600L);
    cleaner.deleteRead();
    assertThat(topics.first).containsEntry(INPUTS, 500L);
    cleaner.deleteRead();
    assertThat(topics.deletions).isEqualTo(2);
  }

  @Test
  void rawLinesGoOnlyIfTheyAreReadAndADayOld() {
    topic(RAW, 0, 500);
    topics.firstOfLastDay.put(RAW, 300L);
    cleaner.deleteRead();
    assertThat(topics.since).isEqualTo(NOW.minusSeconds(86_400));
    assertThat(topics.first).containsEntry(RAW, 300L);
    topics.firstOfLastDay.put(RAW, 900L);
    cleaner.deleteRead();
    assertThat(topics.first).containsEntry(RAW, 500L);
  }

  @Test
  void othersReadCommandsTooSoTimeAloneDeletesThem() {
    topic(COMMANDS, 0, 50);
    cleaner.deleteRead();
    assertThat(topics.first).containsEntry(COMMANDS, 0L);
  }

  @Test
  void whatExpiredUnreadIsRecordedAndNamedOnce() {
    topic(RAW, 700, 500);
    topic(INPUTS, 500, 500);
    topic(COMMANDS, 0, 0);
    cleaner.findGaps();
    cleaner.findGaps();
    assertThat(topics.recorded)
        .containsExactly(new ReadGap("gateway.access-log.v1", 0, 500, 700, NOW));
    assertThat(cleaner.problems())
        .singleElement()
        .asString()
        .contains("500 to 699", "gateway.access-log.v1-0", "backfill");
    // It grows as long as metering does not read.
    topics.first.put(RAW, 800L);
    cleaner.findGaps();
    assertThat(cleaner.problems()).singleElement().asString().contains("500 to 799");
  }

  @Test
  void aGapIsStillNamedAfterARestart() {
    topics.recorded.add(new ReadGap("gateway.access-log.v1", 0, 500, 700, NOW.minusSeconds(9)));
    topic(RAW, 700, 900);
    cleaner = cleaner();
    cleaner.start();
    assertThat(cleaner.problems()).hasSize(1);
    assertThat(topics.recorded).hasSize(1);
    cleaner.close();
  }

  @Test
  void offsetsThatKafkaHasForgottenAreNamed() {
    topics.first.put(INPUTS, 500L);
    topics.first.put(RAW, 0L);
    cleaner.findGaps();
    assertThat(cleaner.problems()).singleElement().asString().contains("account.inputs.v1-1");
    assertThat(topics.recorded).isEmpty();
  }
}
