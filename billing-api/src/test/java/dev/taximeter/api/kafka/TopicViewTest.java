package dev.taximeter.api.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TopicViewTest {
  private static final String TOPIC = Topics.ACCOUNT_STATES.topicName();
  private static final TopicPartition FIRST = new TopicPartition(TOPIC, 0);
  private static final TopicPartition SECOND = new TopicPartition(TOPIC, 1);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final List<String> taken = new CopyOnWriteArrayList<>();
  private final Deque<Consumer<String, byte[]>> consumers = new ArrayDeque<>();
  private TopicView view;

  @AfterEach
  void close() {
    view.close();
  }

  @Test
  void readsEverythingThatIsThereAndTellsWhenItHas() throws Exception {
    MockConsumer<String, byte[]> consumer = consumer(0, 2);
    consumer.schedulePollTask(() -> add(consumer, FIRST, 0, "a"));
    consumer.schedulePollTask(() -> add(consumer, FIRST, 1, "b"));
    start(TopicView.Start.BEGINNING);

    await(() -> view.caughtUp());
    assertThat(taken).containsExactly("a", "b");
    assertThat(view.positions()).isEqualTo(Map.of(0, 2L, 1, 0L));
    assertThat(view.connected()).isTrue();
  }

  @Test
  void hasNotCaughtUpBeforeTheLastRecord() throws Exception {
    MockConsumer<String, byte[]> consumer = consumer(0, 2);
    consumer.schedulePollTask(() -> add(consumer, FIRST, 0, "a"));
    start(TopicView.Start.BEGINNING);

    await(() -> taken.size() == 1);
    assertThat(view.caughtUp()).isFalse();
  }

  @Test
  void beginsAtTheEndIfAsked() throws Exception {
    MockConsumer<String, byte[]> consumer = consumer(0, 7);
    consumer.schedulePollTask(() -> add(consumer, FIRST, 7, "new"));
    start(TopicView.Start.END);

    await(() -> taken.contains("new"));
    assertThat(taken).containsExactly("new");
    assertThat(view.caughtUp()).isTrue();
  }

  @Test
  void goesOnWhereItWasAfterAFailure() throws Exception {
    consumers.add(failing());
    MockConsumer<String, byte[]> before = consumer(0, 2);
    before.schedulePollTask(() -> add(before, FIRST, 0, "a"));
    before.schedulePollTask(() -> before.setPollException(new KafkaException("broker gone")));
    MockConsumer<String, byte[]> after = consumer(0, 2);
    after.schedulePollTask(
        () -> {
          add(after, FIRST, 0, "a");
          add(after, FIRST, 1, "b");
        });
    start(TopicView.Start.BEGINNING);

    await(() -> view.caughtUp());
    assertThat(taken).containsExactly("a", "b");
  }

  @Test
  void waitsForATopicThatDoesNotExistYet() throws Exception {
    consumers.add(new MockConsumer<>("earliest"));
    consumer(0, 0);
    start(TopicView.Start.BEGINNING);

    await(() -> view.caughtUp());
    assertThat(view.positions()).isEqualTo(Map.of(0, 0L, 1, 0L));
  }

  private void start(TopicView.Start start) {
    view =
        new TopicView(
                Topics.ACCOUNT_STATES,
                start,
                () -> consumers.size() > 1 ? consumers.removeFirst() : consumers.getFirst(),
                batch ->
                    batch.forEach(
                        record -> taken.add(new String(record.value(), StandardCharsets.UTF_8))))
            .start();
  }

  private MockConsumer<String, byte[]> consumer(long beginning, long end) {
    MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");
    Node node = new Node(0, "localhost", 1);
    Node[] nodes = {node};
    consumer.updatePartitions(
        TOPIC,
        List.of(
            new PartitionInfo(TOPIC, 0, node, nodes, nodes),
            new PartitionInfo(TOPIC, 1, node, nodes, nodes)));
    consumer.updateBeginningOffsets(Map.of(FIRST, beginning, SECOND, 0L));
    consumer.updateEndOffsets(Map.of(FIRST, end, SECOND, 0L));
    consumers.add(consumer);
    return consumer;
  }

  /** A broker that cannot be reached. */
  private static Consumer<String, byte[]> failing() {
    return new MockConsumer<>("earliest") {
      @Override
      public synchronized List<PartitionInfo> partitionsFor(String topic, Duration timeout) {
        throw new KafkaException("no broker");
      }
    };
  }

  private static void add(
      MockConsumer<String, byte[]> consumer, TopicPartition partition, long offset, String value) {
    consumer.addRecord(
        new ConsumerRecord<>(
            partition.topic(),
            partition.partition(),
            offset,
            "key",
            value.getBytes(StandardCharsets.UTF_8)));
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("gave up waiting").isLessThan(deadline);
      Thread.sleep(5);
    }
  }
}
