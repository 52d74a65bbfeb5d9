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
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
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
  private final Map<String, String> ids = new HashMap<>();
  private ResumeOrders orders = ResumeOrders.none();
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
    for (String topic : LandedTopics.mappers(new LandingFigures()).keySet()) {
      TopicPartition partition = new TopicPartition(topic, 0);
      Node[] nodes = {};
      fresh.updatePartitions(topic, List.of(new PartitionInfo(topic, 0, null, nodes, nodes)));
      fresh.updateBeginningOffsets(Map.of(partition, 0L));
      ends.putIfAbsent(partition, 0L);
      ids.putIfAbsent(topic, "first-" + topic);
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
        consumer,
        sink,
        topics -> Map.copyOf(ids),
        orders,
        LandedTopics.mappers(new LandingFigures()),
        Duration.ofMillis(200),
        BLOCK_OFFSETS,
        () -> nanos);
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
  void theArrivalOfTheNewestLineIsToldOnceItHasLanded() throws SinkException {
    LandingSession session = session();
    long arrival = 1_770_000_000_000L;
    byte[] event = Samples.json(Samples.event(1));
    for (long[] record : new long[][] {{0, arrival}, {1, arrival - 500}}) {
      consumer.addRecord(
          new ConsumerRecord<>(
              EVENTS.topic(),
              EVENTS.partition(),
              record[0],
              record[1],
              TimestampType.CREATE_TIME,
              -1,
              event.length,
              null,
              event,
              new RecordHeaders(),
              Optional.empty()));
    }
    session.read();
    assertThat(session.takeNewestLanded()).isEmpty();
    elapse(Duration.ofMillis(200));
    sink.callsUntilFailure = 0;
    assertThatThrownBy(session::land).isInstanceOf(SinkException.class);
    assertThat(session.takeNewestLanded()).isEmpty();
    session.land();
    assertThat(session.takeNewestLanded()).hasValue(arrival);
    assertThat(session.takeNewestLanded()).isEmpty();
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
    assertThat(landedTo(EVENTS)).isEqualTo(2);
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
    // The last landed record is read again, to see whether it is still the same.
    assertThat(consumer.position(EVENTS)).isZero();
    sendEvent(0);
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
    send(STATES, 0, Samples.json(Samples.state(1, Samples.line("a", 1))));
    session.read();
    elapse(Duration.ofMillis(200));
    // Three inserts, the count and the positions; each attempt gets one step further.
    for (int attempt = 0; attempt < 5; attempt++) {
      // A failure is followed by a look at the positions.
      sink.callsUntilFailure = attempt == 0 ? 0 : 2;
      assertThatThrownBy(session::land).isInstanceOf(SinkException.class);
      assertThat(session.isDue()).isTrue();
      assertThat(sink.positions).isEmpty();
    }
    session.land();
    assertThat(sink.log)
        .containsExactly(
            "insert usage.events.v1-0-0-0/usage_events/202611",
            "insert account.states.v1-0-0-0/bill_lines",
            "insert account.states.v1-0-0-0/account_states",
            "advance");
    assertThat(landedTo(EVENTS)).isEqualTo(1);
    assertThat(landedTo(STATES)).isEqualTo(1);
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
    assertThat(landedTo(EVENTS)).isEqualTo(4);
  }

  @Test
  void recordsThatKafkaDeletedAreNoted() throws SinkException {
    sink.positions.put(EVENTS, Position.start(idOf(EVENTS), 5));
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
                        "reason",
                        "records from offset 5 to 7 were deleted before they were landed"));
    assertThat(landedTo(EVENTS)).isEqualTo(8);
  }

  @Test
  void aPartitionThatEndsBeforeItsPositionStopsAlone() throws SinkException {
    sink.positions.put(EVENTS, Position.start(idOf(EVENTS), 5));
    LandingSession session = session();
    assertThat(session.problem().orElseThrow())
        .startsWith("landing of usage.events.v1-0 has stopped: Kafka has lost records")
        .endsWith("start metering with TAXIMETER_LANDING_RESUME=usage.events.v1#1@earliest");
    assertThat(consumer.assignment()).doesNotContain(EVENTS).contains(STATES);

    send(STATES, 0, Samples.json(Samples.state(1, Samples.line("a", 1))));
    session.read();
    elapse(Duration.ofMillis(200));
    session.land();
    assertThat(landedTo(STATES)).isEqualTo(1);
    assertThat(landedTo(EVENTS)).isEqualTo(5);
  }

  @Test
  void aTopicThatWasCreatedAnewStopsLandingItUntilAnOperatorDecides() throws SinkException {
    land(0, 1, 2);
    ids.put(EVENTS.topic(), "second");
    ends.put(EVENTS, 0L);
    consumer = newConsumer();
    assertThat(session().problem().orElseThrow())
        .contains("its id was first-usage.events.v1 and now is second")
        .contains("records before offset 3 have been landed");

    orders = ResumeOrders.parse("usage.events.v1#1@earliest");
    consumer = newConsumer();
    LandingSession resumed = session();
    assertThat(resumed.problem()).isEmpty();
    elapse(Duration.ofMillis(200));
    resumed.read();
    resumed.land();
    assertThat(sink.positions.get(EVENTS))
        .isEqualTo(new Position(1, "second", 4, 0, Position.NONE, 0));
    assertThat(sink.table("landing_rejects"))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row.get("reason").toString())
                    .endsWith("as ordered, landing resumed at offset 0 instead of 3"));

    // The old row of this event had offset 2; the new one replaces it although Kafka says 0.
    send(EVENTS, 0, Samples.json(Samples.event(3)));
    resumed.read();
    elapse(Duration.ofSeconds(2));
    resumed.land();
    assertThat(sink.table("usage_events"))
        .extracting(row -> row.get("record_offset"))
        .containsExactlyInAnyOrder(0L, 1L, 4L);

    // The order is followed once: should it happen again, it is a new decision.
    ids.put(EVENTS.topic(), "third");
    consumer = newConsumer();
    assertThat(session().problem().orElseThrow()).contains("usage.events.v1#2@earliest");
  }

  @Test
  void anotherRecordAtTheLastLandedOffsetStopsThePartition() throws SinkException {
    land(0, 1, 2);
    ends.put(EVENTS, 9L);
    consumer = newConsumer();
    LandingSession session = session();
    assertThat(session.problem()).isEmpty();
    send(EVENTS, 2, Samples.json(Samples.event(77)));
    send(EVENTS, 3, Samples.json(Samples.event(78)));
    session.read();
    assertThat(session.problem().orElseThrow()).contains("another record now has offset 2");
    assertThat(consumer.assignment()).doesNotContain(EVENTS);
    elapse(Duration.ofMillis(200));
    session.land();
    assertThat(sink.table("usage_events")).hasSize(3);
    assertThat(landedTo(EVENTS)).isEqualTo(3);
  }

  @Test
  void theSameRecordAtTheLastLandedOffsetIsPassed() throws SinkException {
    land(0, 1, 2);
    consumer = newConsumer();
    LandingSession session = session();
    sendEvent(2);
    sendEvent(3);
    session.read();
    elapse(Duration.ofMillis(200));
    session.land();
    assertThat(session.problem()).isEmpty();
    assertThat(sink.log).contains("insert usage.events.v1-0-3-3/usage_events/202611");
    assertThat(landedTo(EVENTS)).isEqualTo(4);
  }

  @Test
  void aTopicThatIsReplacedWhileItIsReadIsNotLanded() throws SinkException {
    LandingSession session = session();
    sendEvent(0);
    session.read();
    ids.put(EVENTS.topic(), "second");
    elapse(Duration.ofMillis(200));
    assertThatThrownBy(session::land).isInstanceOf(IllegalStateException.class);
    assertThat(sink.log).isEmpty();
  }

  @Test
  void aWipedClickHouseIsNoticedAlsoWhenIdle() throws SinkException {
    LandingSession session = land(0, 1, 2);
    sink.wipe();
    session.read();
    assertThat(session.isDue()).isFalse();
    elapse(Duration.ofSeconds(10));
    assertThat(session.isDue()).isTrue();
    assertThatThrownBy(session::land)
        .isInstanceOfSatisfying(
            SinkException.class, failure -> assertThat(failure.isDataLost()).isTrue())
        .hasMessageContaining("usage.events.v1-0 was landed up to offset 2");
  }

  @Test
  void aRestoredClickHouseIsNoticedBeforeItsPositionsMove() throws SinkException {
    LandingSession session = land(0, 1, 2);
    sink.positions.put(EVENTS, Position.start(idOf(EVENTS), 1));
    sendEvent(3);
    session.read();
    elapse(Duration.ofSeconds(1));
    assertThatThrownBy(session::land).hasMessageContaining("was wiped or restored");
    assertThat(landedTo(EVENTS)).isEqualTo(1);
  }

  @Test
  void whatAWipedClickHouseCannotGetBackIsAGap() throws SinkException {
    consumer.updateBeginningOffsets(Map.of(EVENTS, 4L));
    ends.put(EVENTS, 4L);
    consumer.updateEndOffsets(ends);
    LandingSession session = session();
    session.read();
    elapse(Duration.ofMillis(200));
    session.land();
    assertThat(session.gaps())
        .containsExactly(
            "usage.events.v1-0: records from offset 0 to 3 were deleted before they were landed");
    assertThat(sink.table("landing_rejects")).hasSize(1);
    assertThat(landedTo(EVENTS)).isEqualTo(4);
  }

  private LandingSession land(long... offsets) throws SinkException {
    LandingSession session = session();
    for (long offset : offsets) {
      sendEvent(offset);
    }
    session.read();
    elapse(Duration.ofMillis(200));
    session.land();
    return session;
  }

  private long landedTo(TopicPartition partition) {
    return sink.positions.get(partition).nextOffset();
  }

  private static String idOf(TopicPartition partition) {
    return "first-" + partition.topic();
  }

  @Test
  void aMissingTopicIsNamed() {
    consumer = new MockConsumer<>("none");
    assertThatThrownBy(this::session)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("topic account.inputs.v1 does not exist yet");
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
    assertThat(landedTo(EVENTS)).isEqualTo(1);
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
