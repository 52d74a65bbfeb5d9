package dev.taximeter.streams.landing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.topic.Topics;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class BufferTest {
  private static final TopicPartition EVENTS =
      new TopicPartition(Topics.USAGE_EVENTS.topicName(), 0);
  private static final TopicPartition MORE_EVENTS =
      new TopicPartition(Topics.USAGE_EVENTS.topicName(), 1);
  private static final TopicPartition WINDOWS =
      new TopicPartition(Topics.USAGE_WINDOWS.topicName(), 0);

  private final Map<String, RecordMapper> mappers = LandedTopics.mappers(new LandingFigures());
  private final Buffer buffer = new Buffer(10);

  private void add(TopicPartition partition, long offset, Object record) {
    byte[] json = Samples.json(record);
    RecordMapper mapper = mappers.get(partition.topic());
    buffer.add(partition, offset, offset, mapper.rows(partition.partition(), offset, json));
    buffer.position(partition, offset + 1);
  }

  private void addEvents(TopicPartition partition, long from, long to) {
    for (long offset = from; offset < to; offset++) {
      add(partition, offset, Samples.event(offset));
    }
  }

  private static List<String> tokens(Buffer.Load load) {
    return load.batches().stream().map(Batch::token).toList();
  }

  @Test
  void blocksEndAtMultiplesWhereverReadingBegan() {
    buffer.start(EVENTS, 7);
    addEvents(EVENTS, 7, 32);
    Buffer.Load load = buffer.take(partition -> false);
    assertThat(tokens(load))
        .containsExactly(
            "usage.events.v1-0-7-9/usage_events/202611",
            "usage.events.v1-0-10-19/usage_events/202611",
            "usage.events.v1-0-20-29/usage_events/202611",
            "usage.events.v1-0-30-31/usage_events/202611");
    assertThat(load.progress()).containsExactly(Map.entry(EVENTS, new Buffer.Progress(32, 31, 31)));
    assertThat(buffer.isEmpty()).isTrue();
    assertThat(buffer.rows()).isZero();
    assertThat(buffer.bytes()).isZero();
  }

  @Test
  void theLastBlockStaysUntilItIsWhole() {
    buffer.start(EVENTS, 0);
    addEvents(EVENTS, 0, 15);
    assertThat(buffer.hasWholeBlock()).isTrue();
    Buffer.Load first = buffer.take(partition -> true);
    assertThat(tokens(first)).containsExactly("usage.events.v1-0-0-9/usage_events/202611");
    assertThat(first.progress()).containsExactly(Map.entry(EVENTS, new Buffer.Progress(10, 9, 9)));
    assertThat(buffer.hasWholeBlock()).isFalse();
    assertThat(buffer.rows()).isEqualTo(5);
    assertThat(tokens(buffer.take(partition -> true))).isEmpty();

    addEvents(EVENTS, 15, 20);
    assertThat(tokens(buffer.take(partition -> true)))
        .containsExactly("usage.events.v1-0-10-19/usage_events/202611");
  }

  @Test
  void aPositionBehindTransactionMarkersMakesABlockWhole() {
    buffer.start(EVENTS, 0);
    addEvents(EVENTS, 0, 8);
    buffer.position(EVENTS, 10);
    Buffer.Load load = buffer.take(partition -> true);
    assertThat(tokens(load)).containsExactly("usage.events.v1-0-0-7/usage_events/202611");
    assertThat(load.progress()).containsExactly(Map.entry(EVENTS, new Buffer.Progress(10, 7, 7)));
  }

  @Test
  void aPositionMovesWithoutAnyRow() {
    buffer.start(EVENTS, 4);
    assertThat(buffer.isEmpty()).isTrue();
    buffer.position(EVENTS, 6);
    assertThat(buffer.isEmpty()).isFalse();
    Buffer.Load load = buffer.take(partition -> false);
    assertThat(load.batches()).isEmpty();
    assertThat(load.progress())
        .containsExactly(Map.entry(EVENTS, new Buffer.Progress(6, Position.NONE, 0)));
  }

  @Test
  void remaindersOfATopicTravelTogetherAndTopicsApart() {
    buffer.start(EVENTS, 0);
    buffer.start(MORE_EVENTS, 0);
    buffer.start(WINDOWS, 0);
    addEvents(EVENTS, 0, 2);
    addEvents(MORE_EVENTS, 0, 3);
    add(WINDOWS, 0, Samples.window(1, 1));
    assertThat(tokens(buffer.take(partition -> false)))
        .containsExactly(
            "usage.events.v1-0-0-1+usage.events.v1-1-0-2/usage_events/202611",
            "usage.windows.v1-0-0-0/usage_windows/202611");
  }

  @Test
  void eachBatchIsOfOneMonth() {
    buffer.start(EVENTS, 0);
    add(EVENTS, 0, Samples.event(1, Instant.parse("2026-10-31T23:59:59.999Z")));
    add(EVENTS, 1, Samples.event(2, Instant.parse("2026-11-01T00:00:00Z")));
    add(EVENTS, 2, Samples.event(3, Instant.parse("2026-10-01T00:00:00Z")));
    List<Batch> batches = buffer.take(partition -> false).batches();
    assertThat(batches).extracting(Batch::month).containsExactly(202610, 202611);
    assertThat(batches).extracting(Batch::recordCount).containsExactly(2L, 1L);
  }

  @Test
  void ofRowsWithOneKeyTheLatestIsLanded() {
    buffer.start(WINDOWS, 0);
    add(WINDOWS, 0, Samples.window(1, 1));
    add(WINDOWS, 1, Samples.window(2, 2));
    assertThat(buffer.rows()).isEqualTo(1);
    List<Batch> batches = buffer.take(partition -> false).batches();
    assertThat(batches).hasSize(1);
    assertThat(batches.get(0).token()).isEqualTo("usage.windows.v1-0-0-1/usage_windows/202611");
    assertThat(batches.get(0).rows())
        .singleElement()
        .satisfies(row -> assertThat(RowReader.read(row)).containsEntry("requests", 2L));
    assertThat(buffer.bytes()).isZero();
  }

  @Test
  void billLinesLandBeforeTheStateThatTheyStandFor() {
    TopicPartition states = new TopicPartition(Topics.ACCOUNT_STATES.topicName(), 0);
    buffer.start(states, 0);
    add(states, 0, Samples.state(1, Samples.line("a", 1)));
    assertThat(buffer.take(partition -> false).batches())
        .extracting(batch -> batch.table().name())
        .containsExactly("bill_lines", "account_states");
  }

  @Test
  void aBatchNamesAtMostSixteenRanges() {
    for (int partition = 0; partition < 20; partition++) {
      TopicPartition events = new TopicPartition(Topics.USAGE_EVENTS.topicName(), partition);
      buffer.start(events, 0);
      addEvents(events, 0, 1);
    }
    assertThat(buffer.take(partition -> false).batches())
        .extracting(batch -> batch.ranges().size())
        .containsExactly(16, 4);
  }
}
