package dev.taximeter.streams.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class TransactionalWorkerTest {
  private static final TopicPartition PARTITION = new TopicPartition("late", 0);

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicLong attempts = new AtomicLong();
  private final List<String> causes = new CopyOnWriteArrayList<>(List.of("away"));
  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
  private final MockProducer<byte[], byte[]> producer =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final ListAppender<ILoggingEvent> said = new ListAppender<>();
  private final TransactionalWorker worker =
      new TransactionalWorker(
          "late lane",
          "late",
          () -> consumer,
          () -> producer,
          (records, out) -> work(),
          nanos::get);

  private void work() throws NotYetException {
    attempts.incrementAndGet();
    if (!causes.isEmpty()) {
      throw new NotYetException("late lines wait", new IOException(causes.get(0)));
    }
  }

  @BeforeEach
  void giveItARecord() {
    said.start();
    logger().addAppender(said);
    consumer.schedulePollTask(
        () -> {
          consumer.rebalance(List.of(PARTITION));
          consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
          consumer.addRecord(new ConsumerRecord<>("late", 0, 0, new byte[1], new byte[1]));
        });
    worker.start();
  }

  @AfterEach
  void stop() {
    worker.close();
    logger().detachAppender(said);
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(TransactionalWorker.class);
  }

  @Test
  void saysWhatItWaitsForAndWhyButNotAllTheTime() throws Exception {
    await(() -> attempts.get() > 1);
    assertThat(worker.waitingFor()).as("a moment is part of the work").isEmpty();

    later(Duration.ofSeconds(11));
    assertThat(worker.waitingFor()).contains("late lines wait (IOException: away)");
    assertThat(worker.problem()).as("still ready").isEmpty();
    assertThat(warnings()).singleElement().asString().contains("late lane", "11 s", "away");

    later(Duration.ofMinutes(2));
    assertThat(worker.problem()).contains("late lines wait (IOException: away)");
    assertThat(warnings()).hasSize(1);

    causes.set(0, "another cause");
    later(Duration.ofSeconds(1));
    assertThat(warnings()).hasSize(2).last().asString().contains("another cause");
    causes.set(0, "away");
    later(Duration.ofSeconds(1));
    assertThat(warnings()).as("causes that alternate").hasSize(2);

    later(Duration.ofMinutes(6));
    assertThat(warnings()).as("a reminder").hasSize(3);

    causes.clear();
    await(() -> worker.waitingFor().isEmpty());
    assertThat(worker.problem()).isEmpty();
    assertThat(producer.commitCount()).isEqualTo(1);
  }

  /** Lets time pass, and the worker look at the clock twice. */
  private void later(Duration duration) throws InterruptedException {
    nanos.addAndGet(duration.toNanos());
    long before = attempts.get();
    await(() -> attempts.get() > before + 2);
  }

  private List<String> warnings() {
    return List.copyOf(said.list).stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(10);
    }
  }
}
