package dev.taximeter.standalone.backfill;

import dev.taximeter.contract.topic.Topics;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Waits until everything that a shipment caused can be seen everywhere: each line has its fate, the
 * accounts hold its usage, ClickHouse has the rows and the API answers with them. A part that
 * restarts is waited for.
 */
final class Settlement {
  private static final Duration RETRY_PAUSE = Duration.ofMillis(500);
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);

  private final RunningSystem system;
  private final Duration patience;
  private final ShipmentCounts counts;
  private @Nullable String trouble;
  private @Nullable Long meteredNanoTime;

  /**
   * @param patience how long nothing may move
   */
  Settlement(RunningSystem system, String shipment, Duration patience) {
    this.system = system;
    this.patience = patience;
    this.counts = new ShipmentCounts(shipment);
  }

  /** {@return when all lines had a fate and were rated, as {@link System#nanoTime}} */
  @Nullable Long meteredNanoTime() {
    return meteredNanoTime;
  }

  /** {@return what has been counted so far} */
  ShipmentCounts.Totals totals() {
    return counts.totals();
  }

  /**
   * Returns once all lines have landed.
   *
   * @param expected lines that were shipped
   * @throws StalledException if nothing moved for longer than the patience
   */
  void await(long expected, Progress progress) throws StalledException, InterruptedException {
    Map<TopicPartition, Long> ends;
    try (AccountingReader reader = new AccountingReader(system.kafka())) {
      awaitFates(reader, expected, progress);
      meteredNanoTime = System.nanoTime();
      ends = committedEnds(reader);
    }
    awaitReader(
        "ClickHouse has rows that are not landed yet", ends, () -> ReadModels.landed(system));
    awaitReader("the API has not caught up yet", liveOnly(ends), () -> ReadModels.live(system));
  }

  private void awaitFates(AccountingReader reader, long expected, Progress progress)
      throws StalledException, InterruptedException {
    Patience left = new Patience(patience);
    while (!counts.totals().isSettled(expected)) {
      try {
        reader.poll(counts);
        trouble = null;
      } catch (KafkaException e) {
        pauseAfter(e);
      }
      ShipmentCounts.Totals totals = counts.totals();
      progress.show(totals.decided(), expected);
      if (left.isExhausted(totals)) {
        throw stalled(
            "%d of %d lines have a fate, %d are rated"
                .formatted(totals.decided(), expected, totals.settled()));
      }
    }
    progress.show(expected, expected);
  }

  private Map<TopicPartition, Long> committedEnds(AccountingReader reader)
      throws StalledException, InterruptedException {
    Patience left = new Patience(patience);
    while (!left.isExhausted("ends")) {
      try {
        return reader.committedEnds(ReadModels.LANDED);
      } catch (KafkaException e) {
        pauseAfter(e);
      }
    }
    throw stalled("Kafka does not say how far its topics reach");
  }

  private void awaitReader(String complaint, Map<TopicPartition, Long> ends, Positions reader)
      throws StalledException, InterruptedException {
    Patience left = new Patience(patience);
    long lag = Long.MAX_VALUE;
    while (lag > 0) {
      try {
        lag = ReadModels.lag(ends, reader.read());
        trouble = null;
      } catch (SQLException | IOException | RuntimeException e) {
        pauseAfter(e);
      }
      if (left.isExhausted(lag)) {
        throw stalled(complaint);
      }
      if (lag > 0) {
        Thread.sleep(LOOK_EVERY.toMillis());
      }
    }
  }

  /** The topics that the API answers from memory and by which it says how fresh it is. */
  private static Map<TopicPartition, Long> liveOnly(Map<TopicPartition, Long> ends) {
    Map<TopicPartition, Long> live = new HashMap<>(ends);
    live.keySet().removeIf(p -> !p.topic().equals(Topics.ACCOUNT_STATES.topicName()));
    return live;
  }

  /** How far some reader of the topics has come. */
  private interface Positions {
    Map<TopicPartition, Long> read() throws SQLException, IOException, InterruptedException;
  }

  private void pauseAfter(Exception problem) throws InterruptedException {
    trouble = problem.getMessage();
    Thread.sleep(RETRY_PAUSE.toMillis());
  }

  private StalledException stalled(String what) {
    String reason = trouble == null ? "" : " (" + trouble + ")";
    return new StalledException(
        "nothing has moved for %d seconds: %s%s; look at `./taximeter doctor --data-dir %s`, then run the same command again"
            .formatted(
                patience.toSeconds(), what, reason, system.dataDirectory().root().toString()));
  }
}
