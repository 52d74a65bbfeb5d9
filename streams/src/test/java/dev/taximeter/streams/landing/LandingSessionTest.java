package dev.taximeter.streams.landing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LandingSessionTest {
  private static final TopicPartition EVENTS =
      new TopicPartition(Topics.USAGE_EVENTS.topicName(), 0);
  private static final TopicPartition STATES =
      new TopicPartition(Topics.ACCOUNT_STATES.topicName(), 0);
  private static final int BLOCK_OFFSETS = 100;

  private final InMemorySink sink = new InMemorySink();
  private final Map<TopicPartition, Long> ends = new HashMap<>();
  private long nanos;
  private MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");

  @BeforeEach
  void topicsExist() {
    consumer = newConsumer();
  }

  private MockConsumer<byte[], byte[]> newConsumer() {
    MockConsumer<byte[], byte[]> fresh = new MockConsumer<>("none");
    prepare(fresh);
    return fresh;
  }

  private void prepare(MockConsumer<byte[], byte[]> fresh) {
    for (String topic : LandedTopics.mappers().keySet()) {
      TopicPartition partition = new TopicPartition(topic, 0);
      Node[] nodes = {};
      fresh.updatePartitions(topic, List.of(new PartitionInfo(topic, 0, null, nodes, nodes)));
      fresh.updateBeginningOffsets(Map.of(partition, 0L));
      ends.putIfAbsent(partition, 0L);
    }
    fresh.updateEndOffsets(ends);
  }

  private LandingSession session() throws SinkException {
    LandingSession session = unbegun();
    session.begin();
    return session;
  }

  private LandingSession unbegun() {
    return new LandingSession(
        consumer, sink, LandedTopics.mappers(), Duration.ofMillis(200), BLOCK_OFFSETS, () -> nanos);
  }

  /** Must come after {@code begin}: the consumer takes records of assigned partitions only. */
  private void send(TopicPartition partition, long offset, byte @Nullable [] value) {
    consumer.addRecord(
        new ConsumerRecord<>(partition.topic(), partition.partition(), offset, null, value));
    ends.put(partition, offset + 1);
    consumer.updateEndOffsets(ends);
  }

  private void sendEvent(long offset) {
    send(EVENTS, offset, Samples.json(Samples.event(offset + 1)));
  }

  private void elapse(Duration time) {
    nanos += time.toNanos();
  }

  @Test
  void rowsLandBeforeThePositionDoes() throws SinkException {
    LandingSession session = session();
    sendEvent(0);
    sendEvent(1);
    session.read();
    assertThat(session.isDue()).isFalse();
    elapse(Duration.ofMillis(200));
    assertThat(session.isDue()).isTrue();
    session.land();
    assertThat(sink.log)
        .containsExactly("insert usage.events.v1-0-0-1/usage_events/202611", "advance");
    assertThat(sink.positions).containsEntry(EVENTS, 2L);
    assertThat(sink.table("usage_events")).hasSize(2);
  }

  @Test
  void aWholeBlockDoesNotWait() throws SinkException {
    LandingSession session = session();
    for (long offset = 0; offset < BLOCK_OFFSETS; offset++) {
      sendEvent(offset);
    }
    session.read();
    assertThat(session.isDue()).isTrue();
  }

  @Test
  void aPartitionFarBehindLandsInWholeBlocksOnly() throws SinkException {
    LandingSession session = session();
    consumer.setMaxPollRecords(BLOCK_OFFSETS / 2);
    for (long offset = 0; offset < 2 * BLOCK_OFFSETS; offset++) {
      sendEvent(offset);
    }
    session.read();
    elapse(Duration.ofMillis(200));
    session.land();
    assertThat(sink.log).isEmpty();

    session.read();
    session.land();
    assertThat(sink.log)
        .containsExactly("insert usage.events.v1-0-0-99/usage_events/202611", "advance");
  }

  @Test
  void landingResumesWhereTheSinkSays() throws SinkException {
    LandingSession first = session();
    sendEvent(0);
    first.read();
    elapse(Duration.ofMillis(200));
    first.land();

    consumer = newConsumer();
    LandingSession second = session();
    assertThat(consumer.position(EVENTS)).isEqualTo(1);
    sendEvent(1);
    second.read();
    elapse(Duration.ofMillis(200));
    second.land();
    assertThat(sink.log).contains("insert usage.events.v1-0-1-1/usage_events/202611");
    assertThat(sink.table("usage_events")).hasSize(2);
  }

  @Test
  void everyFailureIsMadeUpForByTryingAgain() throws SinkException {
    LandingSession session = session();
    sendEvent(0);
    send(STATES, 0, Samples.json(Samples.month(1, Samples.line("a", 1))));
    send(STATES, 1, Samples.json(Samples.state(1)));
    session.read();
    elapse(Duration.ofMillis(200));
    // Three inserts, the count and the positions; each attempt gets one step further.
    for (int attempt = 0; attempt < 5; attempt++) {
      sink.callsUntilFailure = Math.min(attempt, 1);
      assertThatThrownBy(session::land).isInstanceOf(SinkException.class);
      assertThat(session.isDue()).isTrue();
      assertThat(sink.positions).isEmpty();
    }
    session.land();
    assertThat(sink.log)
        .containsExactly(
            "insert usage.events.v1-0-0-0/usage_events/202611",
            "insert account.states.v1-0-0-1/bill_lines",
            "insert account.states.v1-0-0-1/account_states",
            "advance");
    assertThat(sink.positions).containsEntry(EVENTS, 1L).containsEntry(STATES, 2L);
    assertThat(session.isDue()).isFalse();
  }

  @Test
  void whatIsMissingAfterAnAcknowledgedInsertIsInsertedAgain() throws SinkException {
    LandingSession session = session();
    sendEvent(0);
    session.read();
    elapse(Duration.ofMillis(200));
    sink.forgotten = 1;
    session.land();
    assertThat(sink.log)
        .containsExactly(
            "insert usage.events.v1-0-0-0/usage_events/202611",
            "again usage.events.v1-0-0-0/usage_events/202611",
            "advance");
    assertThat(sink.table("usage_events")).hasSize(1);
  }

  @Test
  void aRecordThatCannotBeReadIsNotedAndPassed() throws SinkException {
    LandingSession session = session();
    send(EVENTS, 0, "sk-secret".getBytes(StandardCharsets.UTF_8));
    send(EVENTS, 1, "{}".getBytes(StandardCharsets.UTF_8));
    send(EVENTS, 2, null);
    sendEvent(3);
    session.read();
    elapse(Duration.ofMillis(200));
    session.land();
    assertThat(sink.table("usage_events")).hasSize(1);
    assertThat(sink.table("landing_rejects"))
        .extracting(row -> row.get("offset"))
        .containsExactly(0L, 1L, 2L);
    assertThat(sink.table("landing_rejects"))
        .allSatisfy(
            row ->
                assertThat(row)
                    .containsEntry("topic", "usage.events.v1")
                    .hasEntrySatisfying(
                        "reason", reason -> assertThat(reason.toString()).doesNotContain("sk-")));
    assertThat(sink.positions).containsEntry(EVENTS, 4L);
  }

  @Test
  void recordsThatKafkaDeletedAreNoted() throws SinkException {
    sink.positions.put(EVENTS, 5L);
    consumer.updateBeginningOffsets(Map.of(EVENTS, 8L));
    ends.put(EVENTS, 8L);
    consumer.updateEndOffsets(ends);
    LandingSession session = session();
    session.read();
    elapse(Duration.ofMillis(200));
    session.land();
    assertThat(sink.table("landing_rejects"))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .containsEntry("offset", 5L)
                    .containsEntry(
                        "reason", "records up to offset 7 were deleted before they were landed"));
    assertThat(sink.positions).containsEntry(EVENTS, 8L);
  }

  @Test
  void aTopicThatEndsBeforeItsPositionStopsLanding() {
    sink.positions.put(EVENTS, 5L);
    assertThatThrownBy(this::session)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Kafka has lost records");
  }

  @Test
  void aMissingTopicIsNamed() {
    consumer = new MockConsumer<>("none");
    assertThatThrownBy(this::session)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("topic account.states.v1 does not exist yet");
  }

  @Test
  void beginningCanBeTriedAgain() throws SinkException {
    sink.callsUntilFailure = 0;
    LandingSession session = unbegun();
    assertThatThrownBy(session::begin).isInstanceOf(SinkException.class);
    session.begin();
    sendEvent(0);
    session.read();
    elapse(Duration.ofMillis(200));
    session.land();
    assertThat(sink.positions).containsEntry(EVENTS, 1L);
  }

  @Test
  void silenceMakesLandingAskWhetherKafkaIsThere() throws SinkException {
    List<Duration> asked = new ArrayList<>();
    consumer =
        new MockConsumer<>("none") {
          @Override
          public Map<String, List<PartitionInfo>> listTopics(Duration timeout) {
            asked.add(timeout);
            throw new TimeoutException("no answer");
          }
        };
    prepare(consumer);
    LandingSession session = session();
    session.read();
    elapse(Duration.ofSeconds(9));
    session.read();
    assertThat(asked).isEmpty();
    elapse(Duration.ofSeconds(1));
    assertThatThrownBy(session::read).isInstanceOf(TimeoutException.class);
  }

  @Test
  void anEffortIsFollowedByAPauseInProportion() throws SinkException {
    LandingSession session = session();
    sendEvent(0);
    session.read();
    elapse(Duration.ofMillis(200));
    sink.onInsert = () -> elapse(Duration.ofMillis(400));
    session.land();

    sendEvent(1);
    session.read();
    elapse(Duration.ofMillis(1_199));
    assertThat(session.isDue()).isFalse();
    elapse(Duration.ofMillis(1));
    assertThat(session.isDue()).isTrue();
  }
}
